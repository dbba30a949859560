#include "options.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "utf8.h"

qibu_options qibu_default_options(void)
{
    const qibu_options options = {
        "", QIBU_WEIGHTS_FILE, 0, {QIBU_TEMPERATURE, QIBU_TOP_K, QIBU_TOP_P}};
    return options;
}

/* Reads a number that fills its text, or fails. */
static int read_number(const char *text, float *value)
{
    char *end;
    *value = strtof(text, &end);
    return end != text && *end == '\0';
}

static int take_seed(qibu_options *options, const char *value)
{
    char *end;
    errno = 0;
    options->seed = strtoull(value, &end, 10);
    if (end == value || *end != '\0' || errno == ERANGE || strchr(value, '-') != NULL)
        return qibu_refuse_value("seed must be 0..2**64-1", value);
    return 0;
}

static int take_temperature(qibu_options *options, const char *value)
{
    float *temperature = &options->sampling.temperature;
    if (!read_number(value, temperature) || !(*temperature > 0.0f) || isinf(*temperature))
        return qibu_refuse_value(qibu_message(QIBU_BAD_TEMPERATURE), value);
    return 0;
}

static int take_top_k(qibu_options *options, const char *value)
{
    float number;
    if (!read_number(value, &number) || !(number >= 0.0f && number <= 16777216.0f) ||
        number != floorf(number))
        return qibu_refuse_value("top_k must be 0 (all) or above", value);
    const int all = number == 0.0f || number > (float)QIBU_VOCABULARY_SIZE;
    options->sampling.top_k = all ? QIBU_VOCABULARY_SIZE : (int32_t)number;
    return 0;
}

static int take_top_p(qibu_options *options, const char *value)
{
    float *top_p = &options->sampling.top_p;
    if (!read_number(value, top_p) || !(*top_p > 0.0f && *top_p <= 1.0f))
        return qibu_refuse_value(qibu_message(QIBU_BAD_TOP_P), value);
    return 0;
}

int qibu_take_option(qibu_options *options, const char *name, const char *value)
{
    if (value == NULL)
        return QIBU_NO_OPTION;
    if (strcmp(name, "--start") == 0) {
        options->start = value;
        return qibu_want_utf8(name, value);
    }
    if (strcmp(name, "--weights") == 0) {
        options->weights = value;
        return 0;
    }
    if (strcmp(name, "--seed") == 0)
        return take_seed(options, value);
    if (strcmp(name, "--temperature") == 0)
        return take_temperature(options, value);
    if (strcmp(name, "--top-k") == 0)
        return take_top_k(options, value);
    if (strcmp(name, "--top-p") == 0)
        return take_top_p(options, value);
    return QIBU_NO_OPTION;
}

int qibu_read_options(char **argv, qibu_take *take, void *wanted)
{
    int told = 0;
    for (char **next = argv + 1; told == 0 && *next != NULL; next += 2) /* NULL ends it */
        told = strcmp(*next, "--help") == 0 ? QIBU_HELP : take(wanted, next[0], next[1]);
    return told;
}

void qibu_tell_options(FILE *out)
{
    const qibu_options usual = qibu_default_options();
    fprintf(out,
            "  --start TEXT        what the @NAME@ begins with\n"
            "  --seed N            the same seed gives the same @NAME@; default: 0\n"
            "  --temperature T     below 1 safer, above 1 wilder; default: %g\n"
            "  --top-k K           draw among the K likeliest characters, 0: all; default: %d\n"
            "  --top-p P           of these among the likeliest that together have this\n"
            "                      probability; default: %g\n"
            "  --weights FILE      where they lie apart; default: %s\n",
            (double)usual.sampling.temperature, (int)usual.sampling.top_k,
            (double)usual.sampling.top_p, usual.weights);
}

int qibu_refuse(const char *message)
{
    fprintf(stderr, "@NAME@: %s\n", message);
    return QIBU_BAD_USAGE;
}

int qibu_refuse_value(const char *message, const char *found)
{
    fprintf(stderr, "@NAME@: %s, got %s\n", message, found);
    return QIBU_BAD_USAGE;
}

int qibu_want_utf8(const char *name, const char *value)
{
    uint32_t code;
    const char *rest = value;
    while (*rest != '\0') {
        const int length = qibu_decode(rest, &code);
        if (length == 0) {
            fprintf(stderr, "@NAME@: %s must be UTF-8, got %s\n", name + strspn(name, "-"), value);
            return QIBU_BAD_USAGE;
        }
        rest += length;
    }
    return 0;
}

int qibu_want_known(const char *text, int32_t (*find)(const char *character))
{
    uint32_t told = 0, code;
    for (;;) { /* each once and in order, as Python names them */
        const char *least = NULL;
        uint32_t least_code = 0;
        for (const char *one = text; *one != '\0'; one += qibu_length((unsigned char)*one)) {
            (void)qibu_decode(one, &code);
            if (code > told && (least == NULL || code < least_code) && find(one) < 0) {
                least = one;
                least_code = code;
            }
        }
        if (least == NULL)
            break;
        fputs(told == 0 ? "@NAME@: the model doesn't know " : "、", stderr);
        fprintf(stderr, "%.*s", qibu_length((unsigned char)*least), least);
        told = least_code;
    }
    if (told == 0)
        return 0;
    fputs("; leave them out\n", stderr);
    return QIBU_BAD_USAGE;
}
