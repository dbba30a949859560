/* Holds this build to a golden trace on stdin: every token drawn, the largest logits, the last
   states. Exit code 1 if a token is another or a value is off by more than the tolerance. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "qibu.h"
#include "sampler.h"

enum { CLASSES = 16, TOP = 5 };

static double number(void)
{
    double value;
    if (scanf("%lf", &value) != 1) {
        fputs("check: the trace ends too soon\n", stderr);
        exit(2);
    }
    return value;
}

/* Gives how far a value is off: relative where the wanted one is above 1. */
static double off(double found, double wanted)
{
    double difference = fabs(found - wanted) / fmax(1.0, fabs(wanted));
    return isnan(difference) ? INFINITY : difference;
}

static double worst_state;

static void note_state(const float *state, int size)
{
    int every = (int)number();
    for (int i = 0; i < size; i += every)
        worst_state = fmax(worst_state, off(state[i], number()));
}

static qibu_state states[2];
static float bias[CLASSES][QIBU_VOCABULARY_SIZE], logits[QIBU_VOCABULARY_SIZE];
static qibu_workspace workspace;
static int turn;

static void want(qibu_status status)
{
    if (status == QIBU_OK)
        return;
    fprintf(stderr, "check: %s\n", qibu_message(status));
    exit(2);
}

static void read_classes(void)
{
    int classes = (int)number();
    for (int i = 0; i < classes; i++) {
        for (int token = 0; token < QIBU_VOCABULARY_SIZE; token++)
            bias[i][token] = -INFINITY;
        int ranges = (int)number();
        for (int range = 0; range < ranges; range++) {
            int first = (int)number(), last = (int)number();
            for (int token = first; token <= last; token++)
                bias[i][token] = 0.0f;
        }
    }
}

int main(void)
{
    double worst = 0.0;
    int tokens = 0, others = 0;
    want(qibu_load(QIBU_WEIGHTS_FILE));
    double limit = number(), state_limit = number();
    read_classes();
    int sequences = (int)number();
    for (int sequence = 0; sequence < sequences; sequence++) {
        qibu_sampling sampling;
        sampling.temperature = (float)number();
        sampling.top_k = (int32_t)number();
        sampling.top_p = (float)number();
        int steps = (int)number();
        qibu_initial_state(&states[turn]);
        for (int step = 0; step < steps; step++) {
            int32_t drawn = -1, read = (int32_t)number();
            for (int i = 0; i < read; i++) {
                want(qibu_step(&states[turn], &states[1 - turn], (int32_t)number(), logits));
                turn = 1 - turn;
            }
            int allowed = (int)number();
            float uniform = (float)number();
            want(qibu_draw(logits, bias[allowed], sampling, uniform, &workspace, &drawn));
            others += drawn != (int32_t)number();
            tokens++;
            for (int i = 0; i < TOP; i++) {
                int token = (int)number();
                worst = fmax(worst, off(logits[token], number()));
            }
        }
        const qibu_state *last = &states[turn];
@STATES@
    }
    printf("%d tokens of %d differ, logits off by %.1e (limit %g), states by %.1e (limit %g)\n",
           others, tokens, worst, limit, worst_state, state_limit);
    return !(others == 0 && worst <= limit && worst_state <= state_limit);
}
