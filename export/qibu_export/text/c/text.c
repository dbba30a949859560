/* Writes a text on stdout, in UTF-8: that of a seed, as Python writes it (`qibu text`), with its
   --start, --length, --stop, --allow, --ban and what it draws with; `./text --help` tells them.
   Exit code 2 for bad usage or input. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "guide.h"
#include "options.h"
#include "stops.h"
#include "writer.h"

typedef struct {
    qibu_options options;
    long length;
    qibu_stops stops;
    char *allow, *ban; /* NULL: not told */
} settings;

static qibu_writer writer;

/* Gives the token of a character; or -1. */
static int32_t find(const char *character)
{
    uint32_t code;
    (void)qibu_decode(character, &code);
    for (int32_t i = 0; i < QIBU_CHARACTERS; i++)
        if (qibu_codes[i] == code)
            return QIBU_CONTROLS + i;
    return -1;
}

/* Reads what the text begins with. */
static qibu_status read_start(const char *text)
{
    qibu_status status = QIBU_START < 0 ? QIBU_OK : qibu_read(&writer, QIBU_START);
    while (status == QIBU_OK && *text != '\0') {
        const unsigned char byte = (unsigned char)*text;
        status = qibu_read(&writer, QIBU_BYTES ? QIBU_CONTROLS + byte : find(text));
        text += QIBU_BYTES ? 1 : qibu_length(byte);
    }
    return status;
}

/* Writes a text in quotes as Python does. */
static void tell_quoted(const char *name, const char *text)
{
    const int quote = strchr(text, '\'') != NULL && strchr(text, '"') == NULL ? '"' : '\'';
    fprintf(stderr, " %s %c", name, quote);
    for (; *text != '\0'; text++) {
        const unsigned char byte = (unsigned char)*text;
        const char *control = memchr("\nn\rr\tt", byte, 6);
        if (byte == quote || byte == '\\')
            fprintf(stderr, "\\%c", byte);
        else if (byte < ' ' && control != NULL)
            fprintf(stderr, "\\%c", control[1]);
        else
            fprintf(stderr, byte < ' ' || byte == 0x7F ? "\\x%02x" : "%c", byte);
    }
    fputc(quote, stderr);
}

static int refuse_all(const settings *wanted)
{
    fprintf(stderr, "text: %s with", qibu_message(QIBU_NOTHING_LEFT));
    if (wanted->allow != NULL)
        tell_quoted("allow", wanted->allow);
    if (wanted->allow != NULL && wanted->ban != NULL)
        fputs(" and", stderr);
    if (wanted->ban != NULL)
        tell_quoted("ban", wanted->ban);
    fputs("; allow some\n", stderr);
    return QIBU_BAD_USAGE;
}

/* Says whether the text can be had as it is wanted; gives 0, or QIBU_BAD_USAGE after a message. */
static int prepare(const settings *wanted, qibu_guide *guide)
{
    const char *start = wanted->options.start;
    if (!QIBU_BYTES && wanted->allow != NULL && qibu_want_known(wanted->allow, find) != 0)
        return QIBU_BAD_USAGE;
    if (qibu_set_out(guide, wanted->allow, wanted->ban, writer.bias) != QIBU_OK)
        return refuse_all(wanted);
    if (QIBU_START < 0 && *start == '\0')
        return qibu_refuse("the model has no token for the beginning of a text; give --start");
    if (!QIBU_BYTES && qibu_want_known(start, find) != 0)
        return QIBU_BAD_USAGE;
    return qibu_open(&writer, &wanted->options);
}

static int write_text(settings *wanted)
{
    qibu_guide guide;
    if (prepare(wanted, &guide) != 0)
        return QIBU_BAD_USAGE;
    qibu_status status = read_start(wanted->options.start);
    if (status != QIBU_OK)
        return qibu_refuse(qibu_message(status));
    fputs(wanted->options.start, stdout);
    for (long left = wanted->length; status == QIBU_OK && left > 0;) {
        int32_t token;
        status = qibu_write(&writer, &token);
        if (status != QIBU_OK || token == QIBU_END)
            break;
        const int length = qibu_go_on(&guide, token, writer.bias);
        if (length > 0) { /* whole characters come out, each at once but for what is held back */
            if (qibu_hold_back(&wanted->stops, guide.character, length, stdout))
                break;
            fflush(stdout);
            left--;
        }
        if (left > 0)
            status = qibu_read(&writer, token);
    }
    qibu_release(&wanted->stops, stdout);
    putchar('\n');
    return status == QIBU_OK ? 0 : qibu_refuse(qibu_message(status));
}

static int usage(FILE *out)
{
    fprintf(out,
            "usage: text [OPTION VALUE]...\n"
            "  --length N          characters that are written after the start, at most;\n"
            "                      default: %d\n"
            "  --stop TEXT         end before this stands there (\\n for the end of a line);\n"
            "                      may be given several times\n"
            "  --allow CHARACTERS  write these alone\n"
            "  --ban CHARACTERS    write none of these\n",
            QIBU_LENGTH);
    qibu_tell_options(out);
    return out == stdout ? 0 : QIBU_BAD_USAGE;
}

static int take_length(settings *wanted, const char *value)
{
    char *end;
    errno = 0;
    wanted->length = strtol(value, &end, 10);
    if (end == value || *end != '\0' || errno == ERANGE || wanted->length < 1)
        return qibu_refuse_value("length must be a whole number above 0", value);
    return 0;
}

static int take(void *settings_of, const char *name, char *value)
{
    settings *wanted = settings_of;
    const int stop = strcmp(name, "--stop") == 0, allow = strcmp(name, "--allow") == 0;
    if (value != NULL && strcmp(name, "--length") == 0)
        return take_length(wanted, value);
    if (value == NULL || (!stop && !allow && strcmp(name, "--ban") != 0))
        return qibu_take_option(&wanted->options, name, value);
    if (qibu_want_utf8(name, value) != 0)
        return QIBU_BAD_USAGE;
    if (stop) {
        const qibu_status status = qibu_add_stop(&wanted->stops, value);
        return status == QIBU_OK ? 0 : qibu_refuse(qibu_message(status));
    }
    *(allow ? &wanted->allow : &wanted->ban) = value;
    return 0;
}

int main(int argc, char **argv)
{
    (void)argc;
    /* the stops lie where options lay that are read already: there is room for all */
    settings wanted = {qibu_default_options(), QIBU_LENGTH, qibu_no_stops(argv + 1), NULL, NULL};
    const int told = qibu_read_options(argv, take, &wanted);
    if (told < 0)
        return usage(told == QIBU_HELP ? stdout : stderr);
    return told == 0 ? write_text(&wanted) : told;
}
