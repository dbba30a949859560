/* Drawing a token from logits, and the random numbers behind a seed: as in Python, so that the same
   seed gives the same poem. */
#ifndef QIBU_SAMPLER_H
#define QIBU_SAMPLER_H

#include <stdint.h>

#include "qibu.h"

typedef struct {
    float temperature; /* below 1 safer, above 1 wilder */
    int32_t top_k;     /* the likeliest that are kept, 1..QIBU_VOCABULARY_SIZE; 1: no chance */
    float top_p;       /* of these the fewest that together have this probability */
} qibu_sampling;

typedef struct {
    float logit;
    int32_t token;
} qibu_candidate;

/* What a draw needs to work in. */
typedef struct {
    qibu_candidate candidates[QIBU_VOCABULARY_SIZE];
    float sums[QIBU_VOCABULARY_SIZE];
} qibu_workspace;

typedef struct {
    uint64_t value;
} qibu_random;

/* Draws a token. `bias` is added to the logits: 0, or -INFINITY for a mask. `uniform` is in [0, 1).
   Every number is checked; on an error `token` stays as it was. */
qibu_status qibu_draw(const float logits[QIBU_VOCABULARY_SIZE],
                      const float bias[QIBU_VOCABULARY_SIZE], qibu_sampling sampling, float uniform,
                      qibu_workspace *workspace, int32_t *token);

/* Begins the random numbers of a seed. */
qibu_random qibu_seed(uint64_t seed);

/* Gives the next of them, in [0, 1). */
float qibu_uniform(qibu_random *random);

#endif
