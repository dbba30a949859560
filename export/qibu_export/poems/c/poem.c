/* Writes a poem on stdout: that of a seed, as Python writes it (`qibu poem --script traditional`).
   `./poem --help` tells its options. Exit code 2 for bad usage or input. */
#include <stdio.h>
#include <string.h>

#include "options.h"
#include "utf8.h"
#include "verse.h"
#include "writer.h"

typedef struct {
    qibu_options options;
    const qibu_form *form;
} settings;

static qibu_writer writer;
static qibu_course course;

/* Gives the token of a character; or -1. */
static int32_t find(const char *character)
{
    const size_t length = (size_t)qibu_length((unsigned char)*character);
    for (int32_t token = QIBU_CONTROLS; token < QIBU_VOCABULARY_SIZE; token++)
        if (strlen(qibu_tokens[token]) == length &&
            memcmp(qibu_tokens[token], character, length) == 0)
            return token;
    return -1;
}

/* Finds the characters that the poem begins with; gives their number, or -1 after a message. */
static int find_start(const settings *wanted, int32_t tokens[QIBU_LONGEST_LINE])
{
    const int room = wanted->form->line_length;
    const char *text = wanted->options.start;
    int count = 0;
    if (qibu_want_known(text, find) != 0)
        return -1;
    for (; *text != '\0'; text += qibu_length((unsigned char)*text)) {
        if (count < room)
            tokens[count] = find(text);
        count++;
    }
    if (count > room) {
        fprintf(stderr,
                "poem: start has %d characters, the first line of %s has %d; give its first line "
                "at most\n", count, wanted->form->name, room);
        return -1;
    }
    return count;
}

static int write_poem(const settings *wanted)
{
    int32_t given[QIBU_LONGEST_LINE];
    const int count = find_start(wanted, given);
    if (count < 0 || qibu_open(&writer, &wanted->options) != 0)
        return QIBU_BAD_USAGE;
    qibu_status status = qibu_begin(&course, wanted->form, QIBU_REPETITION, given, count);
    if (status == QIBU_OK)
        status = qibu_read(&writer, wanted->form->control);
    if (status == QIBU_OK)
        status = qibu_read(&writer, QIBU_POEM);
    while (status == QIBU_OK && !course.done) {
        int32_t token = qibu_next(&course, writer.bias);
        const int drawn = token < 0;
        if (drawn && (status = qibu_write(&writer, &token)) != QIBU_OK)
            break;
        qibu_accept(&course, token, drawn ? writer.logits : NULL);
        printf(token == QIBU_STOP ? "%s\n" : "%s", qibu_tokens[token]);
        if (!course.done)
            status = qibu_read(&writer, token);
    }
    return status == QIBU_OK ? 0 : qibu_refuse(qibu_message(status));
}

static const qibu_form *find_form(const char *name)
{
    for (int i = 0; i < QIBU_FORMS; i++)
        if (strcmp(qibu_forms[i].name, name) == 0)
            return &qibu_forms[i];
    return NULL;
}

static int usage(FILE *out)
{
    fputs("usage: poem [OPTION VALUE]...\n  --form FORM         one of", out);
    for (int i = 0; i < QIBU_FORMS; i++)
        fprintf(out, " %s", qibu_forms[i].name);
    fputs("; default: 七絕, else the first\n", out);
    qibu_tell_options(out);
    return out == stdout ? 0 : QIBU_BAD_USAGE;
}

static int take(void *settings_of, const char *name, char *value)
{
    settings *wanted = settings_of;
    if (value == NULL || strcmp(name, "--form") != 0)
        return qibu_take_option(&wanted->options, name, value);
    wanted->form = find_form(value);
    if (wanted->form != NULL)
        return 0;
    fprintf(stderr, "poem: the model knows no form '%s'\n", value);
    return usage(stderr);
}

int main(int argc, char **argv)
{
    (void)argc;
    settings wanted = {qibu_default_options(), find_form("七絕")};
    if (wanted.form == NULL)
        wanted.form = &qibu_forms[0];
    const int told = qibu_read_options(argv, take, &wanted);
    if (told < 0)
        return usage(told == QIBU_HELP ? stdout : stderr);
    return told == 0 ? write_poem(&wanted) : told;
}
