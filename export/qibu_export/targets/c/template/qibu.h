/* One step of @WHAT@. Made by qibu @VERSION@ of @SOURCE@. */
#ifndef QIBU_H
#define QIBU_H

@STDBOOL@#include <stdint.h>

@FACTS@
#define QIBU_WEIGHTS_FILE "graph.bin" /* what qibu_load reads where the weights lie apart */
@SIZES@

/* What goes from step to step. It is a value: copying it is keeping it. */
typedef struct {
@FIELDS@
} qibu_state;

typedef enum {
    QIBU_OK,
@STATUSES@
} qibu_status;

@DATA@
/* Says in words what a status means. */
const char *qibu_message(qibu_status status);

/* Reads the weights where they lie in a file of their own; otherwise does nothing. */
qibu_status qibu_load(const char *path);

/* Gives the state before the first step. */
void qibu_initial_state(qibu_state *state);

/* Advances by one step. `before` isn't changed and can't be `after`; on an error nothing is.
@PORTS@*/
qibu_status qibu_step(const qibu_state *before, qibu_state *after, @PARAMETERS@);

#endif
