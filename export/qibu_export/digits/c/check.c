/* Holds this build to a golden trace on stdin: every probability and the last states.
   Exit code 1 if something is off by more than the tolerance. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "qibu.h"

static float number(void)
{
    float value;
    if (scanf("%f", &value) != 1) {
        fputs("check: the trace ends too soon\n", stderr);
        exit(2);
    }
    return value;
}

/* Gives how far a value is off: relative where the wanted one is above 1. */
static float off(float found, float wanted)
{
    float difference = fabsf(found - wanted) / fmaxf(1.0f, fabsf(wanted));
    return isnan(difference) ? INFINITY : difference;
}

static float worst_state;

static void note_state(const float *state, int size)
{
    int every = (int)number();
    for (int i = 0; i < size; i += every)
        worst_state = fmaxf(worst_state, off(state[i], number()));
}

int main(void)
{
    static qibu_state states[2];
    float worst = 0.0f;
    if (qibu_load(QIBU_WEIGHTS_FILE) != QIBU_OK) {
        fprintf(stderr, "check: %s\n", qibu_message(qibu_load(QIBU_WEIGHTS_FILE)));
        return 2;
    }
    float limit = number(), state_limit = number(), ink = number();
    int sequences = (int)number();
    for (int sequence = 0; sequence < sequences; sequence++) {
        int rows = (int)number();
        qibu_initial_state(&states[0]);
        for (int row = 0; row < rows; row++) {
            float values[QIBU_ROW_SIZE], probabilities[QIBU_CLASSES];
            for (int i = 0; i < QIBU_ROW_SIZE; i++)
                values[i] = number() / ink;
            if (qibu_step(&states[row % 2], &states[(row + 1) % 2], values, probabilities) != QIBU_OK)
                return 2;
            for (int i = 0; i < QIBU_CLASSES; i++)
                worst = fmaxf(worst, off(probabilities[i], number()));
        }
        const qibu_state *last = &states[rows % 2];
@STATES@
    }
    printf("probabilities off by %.1e (limit %g), states by %.1e (limit %g)\n", worst, limit,
           worst_state, state_limit);
    return !(worst <= limit && worst_state <= state_limit);
}
