/* One step of a network that @PURPOSE@. Made by qibu @VERSION@ of @MADE_OF@. */
#ifndef QIBU_H
#define QIBU_H

#include <stdint.h>

#define QIBU_VERSION "@VERSION@"
#define QIBU_CELL "@CELL@"
#define QIBU_QUANTIZATION "@QUANTIZATION@"
/* of the float32 weights, by name and value */
#define QIBU_WEIGHTS_SHA256 "@SHA256@"
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

/* Advances by one step. `before` isn't changed and can't be `after`; on an error nothing is. */
qibu_status qibu_step(const qibu_state *before, qibu_state *after, @INPUT@,
                      @OUTPUT@);

#endif
