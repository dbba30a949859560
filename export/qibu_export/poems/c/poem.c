/* Writes a poem on stdout: that of a seed, as Python writes it (`qibu poem --script traditional`).
   Exit code 2 for bad usage or input. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qibu.h"
#include "sampler.h"
#include "verse.h"

typedef struct {
    const qibu_form *form;
    const char *start;
    const char *weights;
    uint64_t seed;
    qibu_sampling sampling;
} settings;

static qibu_state states[2]; /* they take turns: a step reads one and writes the other */
static float logits[QIBU_VOCABULARY_SIZE], bias[QIBU_VOCABULARY_SIZE];
static qibu_workspace workspace;
static qibu_course course;
static int turn;

static int fail(const char *message, const char *found)
{
    fprintf(stderr, "poem: %s, got %s\n", message, found);
    return 2;
}

/* Gives the number of the character that `text` begins with, and its length in bytes; or -1. */
static int32_t find(const char *text, int *length)
{
    const unsigned char first = (unsigned char)text[0];
    *length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    for (int i = 1; i < *length; i++)
        if (((unsigned char)text[i] & 0xC0) != 0x80) {
            *length = i; /* no UTF-8 */
            return -1;
        }
    for (int32_t token = QIBU_CONTROLS; token < QIBU_VOCABULARY_SIZE; token++)
        if (strlen(qibu_tokens[token]) == (size_t)*length &&
            memcmp(qibu_tokens[token], text, (size_t)*length) == 0)
            return token;
    return -1;
}

static qibu_status read_token(int32_t token)
{
    qibu_status status = qibu_step(&states[turn], &states[1 - turn], token, logits);
    if (status == QIBU_OK)
        turn = 1 - turn;
    return status;
}

/* Reads the characters that the poem begins with; gives their number, or -1 after a message. */
static int read_start(const settings *wanted, int32_t *tokens)
{
    const int room = wanted->form->line_length;
    int count = 0, length;
    for (const char *text = wanted->start; *text != '\0'; text += length) {
        int32_t token = find(text, &length);
        if (token < 0) {
            fprintf(stderr, "poem: the model doesn't know %.*s; leave them out\n", length, text);
            return -1;
        }
        if (count < room)
            tokens[count] = token;
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
    const int count = read_start(wanted, given);
    if (count < 0)
        return 2;
    qibu_status status = qibu_load(wanted->weights);
    if (status != QIBU_OK)
        return fail(qibu_message(status), wanted->weights);
    qibu_random random = qibu_seed(wanted->seed);
    qibu_initial_state(&states[turn]);
    status = qibu_begin(&course, wanted->form, QIBU_REPETITION, given, count);
    if (status == QIBU_OK)
        status = read_token(wanted->form->control);
    if (status == QIBU_OK)
        status = read_token(QIBU_POEM);
    while (status == QIBU_OK && !course.done) {
        int32_t token = qibu_next(&course, bias);
        if (token < 0) {
            status = qibu_draw(logits, bias, wanted->sampling, qibu_uniform(&random), &workspace,
                               &token);
            if (status != QIBU_OK)
                break;
            qibu_accept(&course, token, logits);
        } else {
            qibu_accept(&course, token, NULL);
        }
        printf(token == QIBU_STOP ? "%s\n" : "%s", qibu_tokens[token]);
        if (!course.done)
            status = read_token(token);
    }
    if (status != QIBU_OK) {
        fprintf(stderr, "poem: %s\n", qibu_message(status));
        return 2;
    }
    return 0;
}

static const qibu_form *find_form(const char *name)
{
    for (int i = 0; i < QIBU_FORMS; i++)
        if (strcmp(qibu_forms[i].name, name) == 0)
            return &qibu_forms[i];
    return NULL;
}

/* Reads a number that fills its text, or fails. */
static int read_number(const char *text, float *value)
{
    char *end;
    *value = strtof(text, &end);
    return end != text && *end == '\0';
}

static int usage(void)
{
    fputs("usage: poem [--seed N] [--form FORM] [--start TEXT] [--temperature T] [--top-k K]\n"
          "            [--top-p P] [--weights FILE]\nforms:", stderr);
    for (int i = 0; i < QIBU_FORMS; i++)
        fprintf(stderr, " %s", qibu_forms[i].name);
    fputs("\n", stderr);
    return 2;
}

int main(int argc, char **argv)
{
    settings wanted = {&qibu_forms[0], "", QIBU_WEIGHTS_FILE, 0,
                       {QIBU_TEMPERATURE, QIBU_TOP_K, QIBU_TOP_P}};
    const qibu_form *usual = find_form("七絕");
    if (usual != NULL)
        wanted.form = usual;
    for (int i = 1; i < argc; i += 2) {
        const char *name = argv[i], *value = i + 1 < argc ? argv[i + 1] : NULL;
        float number;
        if (value == NULL)
            return usage();
        if (strcmp(name, "--start") == 0) {
            wanted.start = value;
        } else if (strcmp(name, "--weights") == 0) {
            wanted.weights = value;
        } else if (strcmp(name, "--form") == 0) {
            wanted.form = find_form(value);
            if (wanted.form == NULL) {
                fprintf(stderr, "poem: the model knows no form '%s'\n", value);
                return usage();
            }
        } else if (strcmp(name, "--seed") == 0) {
            char *end;
            errno = 0;
            wanted.seed = strtoull(value, &end, 10);
            if (end == value || *end != '\0' || errno == ERANGE || strchr(value, '-') != NULL)
                return fail("seed must be 0..2**64-1", value);
        } else if (strcmp(name, "--temperature") == 0) {
            if (!read_number(value, &wanted.sampling.temperature) ||
                !(wanted.sampling.temperature > 0.0f) || isinf(wanted.sampling.temperature))
                return fail(qibu_message(QIBU_BAD_TEMPERATURE), value);
        } else if (strcmp(name, "--top-p") == 0) {
            if (!read_number(value, &wanted.sampling.top_p) ||
                !(wanted.sampling.top_p > 0.0f && wanted.sampling.top_p <= 1.0f))
                return fail(qibu_message(QIBU_BAD_TOP_P), value);
        } else if (strcmp(name, "--top-k") == 0) {
            if (!read_number(value, &number) || !(number >= 0.0f && number <= 16777216.0f) ||
                number != floorf(number))
                return fail("top_k must be 0 (all) or above", value);
            wanted.sampling.top_k = number == 0.0f || number > (float)QIBU_VOCABULARY_SIZE
                                        ? QIBU_VOCABULARY_SIZE
                                        : (int32_t)number;
        } else {
            return usage();
        }
    }
    return write_poem(&wanted);
}
