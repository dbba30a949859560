/* Writes a text on stdout, in UTF-8: that of a seed, as Python writes it (`qibu text`).
   Exit code 2 for bad usage or input. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qibu.h"
#include "sampler.h"
#include "utf8.h"

typedef struct {
    const char *start;
    const char *weights;
    long length;
    uint64_t seed;
    qibu_sampling sampling;
} settings;

static qibu_state states[2]; /* they take turns: a step reads one and writes the other */
static float logits[QIBU_VOCABULARY_SIZE], bias[QIBU_VOCABULARY_SIZE];
static qibu_workspace workspace;
static int turn;

static int fail(const char *message, const char *found)
{
    fprintf(stderr, "text: %s, got %s\n", message, found);
    return 2;
}

static qibu_status read_token(int32_t token)
{
    qibu_status status = qibu_step(&states[turn], &states[1 - turn], token, logits);
    if (status == QIBU_OK)
        turn = 1 - turn;
    return status;
}

/* Gives the number of a character; or -1. */
static int32_t find(uint32_t code)
{
    for (int32_t i = 0; i < QIBU_CHARACTERS; i++)
        if (qibu_codes[i] == code)
            return QIBU_CONTROLS + i;
    return -1;
}

/* Reads what the text begins with; gives 0, or 2 after a message. */
static int read_start(const char *text)
{
    qibu_status status = QIBU_OK;
    if (QIBU_START < 0 && *text == '\0') {
        fputs("text: the model has no token for the beginning of a text; give --start\n", stderr);
        return 2;
    }
    if (QIBU_START >= 0)
        status = read_token(QIBU_START);
    while (status == QIBU_OK && *text != '\0') {
        uint32_t code;
        const int length = qibu_decode(text, &code);
        if (length == 0)
            return fail("start must be UTF-8", text);
        const int32_t token = QIBU_BYTES ? 0 : find(code);
        if (token < 0) {
            fprintf(stderr, "text: the model doesn't know %.*s; leave them out\n", length, text);
            return 2;
        }
        for (int i = 0; QIBU_BYTES && i < length && status == QIBU_OK; i++)
            status = read_token(QIBU_CONTROLS + (unsigned char)text[i]);
        if (!QIBU_BYTES)
            status = read_token(token);
        text += length;
    }
    if (status == QIBU_OK)
        return 0;
    fprintf(stderr, "text: %s\n", qibu_message(status));
    return 2;
}

/* Allows what may follow the first bytes of a character, or any character. */
static void allow(const unsigned char *begun, int count)
{
    for (int32_t token = 0; token < QIBU_VOCABULARY_SIZE; token++) {
        int allowed = token >= QIBU_CONTROLS;
        if (QIBU_BYTES && allowed)
            allowed = qibu_follows(begun, count, (unsigned char)(token - QIBU_CONTROLS));
        bias[token] = allowed || (token == QIBU_END && count == 0) ? 0.0f : -INFINITY;
    }
}

static int write_text(const settings *wanted)
{
    qibu_status status = qibu_load(wanted->weights);
    if (status != QIBU_OK)
        return fail(qibu_message(status), wanted->weights);
    qibu_random random = qibu_seed(wanted->seed);
    qibu_initial_state(&states[turn]);
    if (read_start(wanted->start) != 0)
        return 2;
    fputs(wanted->start, stdout);
    unsigned char begun[QIBU_LONGEST_CHARACTER];
    int count = 0; /* bytes of a character that has begun */
    allow(begun, 0);
    for (long written = 0; written < wanted->length;) {
        int32_t token;
        status = qibu_draw(logits, bias, wanted->sampling, qibu_uniform(&random), &workspace, &token);
        if (status != QIBU_OK || token == QIBU_END)
            break;
        const uint32_t code = qibu_codes[token - QIBU_CONTROLS];
        if (QIBU_BYTES)
            begun[count++] = (unsigned char)code;
        else
            count = qibu_encode(code, begun);
        if (count == qibu_length(begun[0])) { /* whole characters come out, each at once */
            fwrite(begun, 1, (size_t)count, stdout);
            fflush(stdout);
            count = 0;
            written++;
        }
        if (QIBU_BYTES)
            allow(begun, count);
        if (written < wanted->length && (status = read_token(token)) != QIBU_OK)
            break;
    }
    putchar('\n');
    if (status != QIBU_OK) {
        fprintf(stderr, "text: %s\n", qibu_message(status));
        return 2;
    }
    return 0;
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
    fputs("usage: text [--start TEXT] [--length N] [--seed N] [--temperature T] [--top-k K]\n"
          "            [--top-p P] [--weights FILE]\n", stderr);
    return 2;
}

int main(int argc, char **argv)
{
    settings wanted = {"", QIBU_WEIGHTS_FILE, QIBU_LENGTH, 0,
                       {QIBU_TEMPERATURE, QIBU_TOP_K, QIBU_TOP_P}};
    for (int i = 1; i < argc; i += 2) {
        const char *name = argv[i], *value = i + 1 < argc ? argv[i + 1] : NULL;
        char *end;
        float number;
        if (value == NULL)
            return usage();
        errno = 0;
        if (strcmp(name, "--start") == 0) {
            wanted.start = value;
        } else if (strcmp(name, "--weights") == 0) {
            wanted.weights = value;
        } else if (strcmp(name, "--length") == 0) {
            wanted.length = strtol(value, &end, 10);
            if (end == value || *end != '\0' || errno == ERANGE || wanted.length < 1)
                return fail("length must be a whole number above 0", value);
        } else if (strcmp(name, "--seed") == 0) {
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
    return write_text(&wanted);
}
