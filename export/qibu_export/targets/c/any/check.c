/* Holds this build to a golden trace on stdin: the outputs of every step and the last states.
   Exit code 1 if something is off by more than the tolerance. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "qibu.h"

@ARRAYS@

static const char *word(void)
{
    static char text[64];
    if (scanf("%63s", text) != 1) {
        fputs("check: the trace ends too soon\n", stderr);
        exit(2);
    }
    return text;
}

static double larger(double a, double b)
{
    return a > b ? a : b;
}

/* Gives how far a value is off: relative where the wanted one is above 1. */
static double off(double found, double wanted)
{
    const double difference = fabs(found - wanted) / fmax(1.0, fabs(wanted));
    return found == wanted ? 0.0 : isnan(difference) ? HUGE_VAL : difference;
}

@PARSERS@
/* Reads all values of an input. */
#define READER(type, name)                                                   \
    static void read_##name(type *values, int size)                          \
    {                                                                        \
        for (int i = 0; i < size; i++) {                                     \
            char *end;                                                       \
            if (!parse_##name(word(), &end, &values[i])) {                   \
                fputs("check: the trace holds something else\n", stderr);    \
                exit(2);                                                     \
            }                                                                \
        }                                                                    \
    }

/* Holds every n-th value to the trace, which says n and how many there are. */
#define COMPARER(type, name)                                                 \
    static double compare_##name(const type *values, int size)               \
    {                                                                        \
        const int every = atoi(word()), kept = atoi(word());                 \
        double worst = 0.0;                                                  \
        for (int i = 0; i < kept; i++) {                                     \
            char *end;                                                       \
            type wanted;                                                     \
            if (!parse_##name(word(), &end, &wanted) || i * every >= size)   \
                return HUGE_VAL;                                             \
            worst = larger(worst, off((double)values[i * every], (double)wanted)); \
        }                                                                    \
        return worst;                                                        \
    }

@READERS@
@COMPARERS@

int main(void)
{
    static qibu_state states[2];
    double worst = 0.0, worst_state = 0.0;
    qibu_status status = qibu_load(QIBU_WEIGHTS_FILE);
    const double limit = strtod(word(), NULL);
    const int steps = atoi(word());
    qibu_initial_state(&states[0]);
    for (int step = 0; step < steps && status == QIBU_OK; step++) {
@READS@
        status = qibu_step(&states[step % 2], &states[(step + 1) % 2], @PASSED@);
        if (status == QIBU_OK) {
@COMPARES@
        }
    }
    if (status != QIBU_OK) {
        fprintf(stderr, "check: %s\n", qibu_message(status));
        return 2;
    }
    const qibu_state *last = &states[steps % 2];
@STATES@
    printf("%d steps: outputs off by %.1e, states by %.1e (limit %g)\n", steps, worst, worst_state,
           limit);
    return !(worst <= limit && worst_state <= limit);
}
