#include "qibu.h"

#include <math.h>
@LOAD_INCLUDES@#include <string.h>

/* graph.c: one step of the network, computed node by node */
void qibu_graph(@GRAPH_PARAMETERS@);
@FIRST_VALUES@@DEFINITIONS@
const char *qibu_message(qibu_status status)
{
    static const char *const messages[] = {
        "done",
@MESSAGES@
    };
    return (unsigned)status < sizeof messages / sizeof messages[0] ? messages[status] : "unknown";
}
@LOAD@
void qibu_initial_state(qibu_state *state)
{
@INITIAL@
}

qibu_status qibu_step(const qibu_state *before, qibu_state *after, @PARAMETERS@)
{
    if (before == after)
        return QIBU_SAME_STATE;
@WANT_LOADED@@CHECKS@    qibu_graph(@GRAPH_ARGUMENTS@);
    return QIBU_OK;
}
