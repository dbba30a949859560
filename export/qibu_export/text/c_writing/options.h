/* What every program that writes can be told, and how it says what is wrong with that. */
#ifndef QIBU_OPTIONS_H
#define QIBU_OPTIONS_H

#include <stdint.h>
#include <stdio.h>

#include "sampler.h"

typedef struct {
    const char *start; /* in UTF-8 */
    const char *weights;
    uint64_t seed;
    qibu_sampling sampling;
} qibu_options;

enum { QIBU_HELP = -2, QIBU_NO_OPTION = -1, QIBU_BAD_USAGE = 2 /* the exit code */ };

/* Takes an option and its value, or NULL. Gives 0, QIBU_BAD_USAGE after a message, or
   QIBU_NO_OPTION where it knows no such option or has no value. */
typedef int qibu_take(void *wanted, const char *name, char *value);

/* Gives what holds where nothing is told. */
qibu_options qibu_default_options(void);

/* Takes one of these options, as a `qibu_take` does. */
int qibu_take_option(qibu_options *options, const char *name, const char *value);

/* Has a whole command line taken, up to what can't be; gives what `take` did, or QIBU_HELP. */
int qibu_read_options(char **argv, qibu_take *take, void *wanted);

/* Tells what they are, a line each. */
void qibu_tell_options(FILE *out);

/* Says what is wrong; gives QIBU_BAD_USAGE. */
int qibu_refuse(const char *message);
int qibu_refuse_value(const char *message, const char *found);

/* Wants the value of an option in UTF-8; gives 0, or QIBU_BAD_USAGE after a message. */
int qibu_want_utf8(const char *name, const char *value);

/* Wants every character of a text to have a token, which `find` gives, or -1; gives 0, or
   QIBU_BAD_USAGE after a message that names those without one. */
int qibu_want_known(const char *text, int32_t (*find)(const char *character));

#endif
