#include "sampler.h"

#include <math.h>

/* Says whether a comes before b: by its logit, and of equals the one with the lower number. */
static int comes_before(qibu_candidate a, qibu_candidate b)
{
    return a.logit > b.logit || (a.logit == b.logit && a.token < b.token);
}

/* Lets the candidate at `place` sink until it comes before neither of the two below it. */
static void sink(qibu_candidate *heap, int32_t count, int32_t place)
{
    for (;;) {
        int32_t last = place, below = 2 * place + 1;
        for (int32_t next = below; next < count && next <= below + 1; next++)
            if (comes_before(heap[last], heap[next]))
                last = next;
        if (last == place)
            return;
        qibu_candidate kept = heap[place];
        heap[place] = heap[last];
        heap[last] = kept;
        place = last;
    }
}

static qibu_status check(const float *logits, const float *bias, qibu_sampling sampling,
                         float uniform)
{
    if (!(sampling.temperature > 0.0f) || isinf(sampling.temperature))
        return QIBU_BAD_TEMPERATURE;
    if (sampling.top_k < 1 || sampling.top_k > QIBU_VOCABULARY_SIZE)
        return QIBU_BAD_TOP_K;
    if (!(sampling.top_p > 0.0f && sampling.top_p <= 1.0f))
        return QIBU_BAD_TOP_P;
    if (!(uniform >= 0.0f && uniform < 1.0f))
        return QIBU_BAD_UNIFORM;
    int allowed = 0;
    for (int32_t token = 0; token < QIBU_VOCABULARY_SIZE; token++) {
        if (isnan(logits[token]) || isinf(logits[token]))
            return QIBU_BAD_LOGITS;
        if (isnan(bias[token]) || (isinf(bias[token]) && bias[token] > 0.0f))
            return QIBU_BAD_BIAS;
        allowed |= !isinf(bias[token]);
    }
    return allowed ? QIBU_OK : QIBU_BAD_BIAS;
}

qibu_status qibu_draw(const float logits[QIBU_VOCABULARY_SIZE],
                      const float bias[QIBU_VOCABULARY_SIZE], qibu_sampling sampling, float uniform,
                      qibu_workspace *workspace, int32_t *token)
{
    qibu_status status = check(logits, bias, sampling, uniform);
    if (status != QIBU_OK)
        return status;

    /* the top_k likeliest: a heap whose first is the last of them, then falling */
    qibu_candidate *best = workspace->candidates;
    const int32_t kept = sampling.top_k;
    for (int32_t token = 0; token < QIBU_VOCABULARY_SIZE; token++) {
        const qibu_candidate candidate = {logits[token] + bias[token], token};
        if (token < kept)
            best[token] = candidate;
        for (int32_t i = token == kept - 1 ? kept / 2 : 0; i-- > 0;)
            sink(best, kept, i);
        if (token >= kept && comes_before(candidate, best[0])) {
            best[0] = candidate;
            sink(best, kept, 0);
        }
    }
    for (int32_t last = kept - 1; last > 0; last--) {
        const qibu_candidate candidate = best[0];
        best[0] = best[last];
        best[last] = candidate;
        sink(best, last, 0);
    }

    float *p = workspace->sums, total = 0.0f;
    const float largest = best[0].logit / sampling.temperature;
    for (int32_t i = 0; i < kept; i++) {
        p[i] = expf(best[i].logit / sampling.temperature - largest);
        total += p[i];
    }

    /* sums of the probabilities up to each; `end` is the first that reaches top_p */
    float sum = 0.0f, end = 1.0f;
    for (int32_t i = 0; i < kept; i++) {
        sum += p[i] / total;
        p[i] = sum;
        if (sum >= sampling.top_p && sum < end)
            end = sum;
    }
    /* rounding may leave all sums below what is wanted */
    const float wanted = uniform * end < sum ? uniform * end : sum;
    int32_t drawn = 0;
    while (p[drawn] < wanted)
        drawn++;
    *token = best[drawn].token;
    return QIBU_OK;
}

qibu_random qibu_seed(uint64_t seed)
{
    qibu_random random = {seed};
    return random;
}

/* SplitMix64 (Steele, Lea & Flood 2014, https://doi.org/10.1145/2660193.2660195); the upper 24 bits
   of each number, which a float holds exactly, over 2^24 */
float qibu_uniform(qibu_random *random)
{
    random->value += UINT64_C(0x9E3779B97F4A7C15);
    uint64_t mixed = (random->value ^ (random->value >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94D049BB133111EB);
    mixed ^= mixed >> 31;
    return (float)(mixed >> 40) / 16777216.0f;
}
