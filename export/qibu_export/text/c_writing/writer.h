/* A network that writes, under way: what it has read, and what it draws next. */
#ifndef QIBU_WRITER_H
#define QIBU_WRITER_H

#include <stdint.h>

#include "options.h"
#include "sampler.h"

typedef struct {
    qibu_state states[2]; /* they take turns: a step reads one and writes the other */
    int turn;
    float logits[QIBU_VOCABULARY_SIZE]; /* after the last token */
    float bias[QIBU_VOCABULARY_SIZE];   /* of the next draw: 0, or -INFINITY for a mask */
    qibu_sampling sampling;
    qibu_random random;
    qibu_workspace workspace;
} qibu_writer;

/* Loads the weights and sets out; gives 0, or QIBU_BAD_USAGE after a message. */
int qibu_open(qibu_writer *writer, const qibu_options *options);

/* Reads a token. */
qibu_status qibu_read(qibu_writer *writer, int32_t token);

/* Draws the next token, which isn't read yet. */
qibu_status qibu_write(qibu_writer *writer, int32_t *token);

#endif
