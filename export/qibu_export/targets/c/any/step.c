/* Steps the network over rows of numbers on stdin, a row a step, and prints a row of outputs for
   each. A row in: @INPUT_LIST@.
   A row out: @OUTPUT_LIST@.
   A blank line begins anew from the first state. Exit code 2 for bad input. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qibu.h"

enum { COLUMNS = @COLUMNS@, LINE_SIZE = 64 + 32 * COLUMNS };

@ARRAYS@
static int left; /* values of a row that are still to be printed */

@READ_PARSERS@
/* Takes values from the beginning of a text; gives 0 if there aren't that many. */
#define TAKER(type, name)                                                          \
    static int take_##name(const char **text, type *values, int size)              \
    {                                                                              \
        for (int i = 0; i < size; i++) {                                           \
            char *end;                                                             \
            if (!parse_##name(*text, &end, &values[i]))                            \
                return 0;                                                          \
            *text = end + strspn(end, " \t,;");                                    \
        }                                                                          \
        return 1;                                                                  \
    }

@TAKERS@

@PRINTERS@
static int fail(const char *message, int line)
{
    fprintf(stderr, "step: line %d: %s\n", line, message);
    return 2;
}

int main(void)
{
    static char text[LINE_SIZE];
    static qibu_state states[2]; /* they take turns: a step reads one and writes the other */
    int turn = 0;
    qibu_status status = qibu_load(QIBU_WEIGHTS_FILE);
    if (status != QIBU_OK)
        return fail(qibu_message(status), 0);
    qibu_initial_state(&states[0]);
    for (int line = 1; fgets(text, sizeof text, stdin) != NULL; line++) {
        const char *rest = text + strspn(text, " \t\r\n");
        if (*rest == '\0') {
            qibu_initial_state(&states[turn]);
            continue;
        }
        if (strchr(text, '\n') == NULL && !feof(stdin))
            return fail("a line without end", line);
@FILLS@
        if (rest[strspn(rest, " \t\r\n")] != '\0')
            return fail("more numbers than a row has", line);
        status = qibu_step(&states[turn], &states[1 - turn], @PASSED@);
        if (status != QIBU_OK)
            return fail(qibu_message(status), line);
        turn = 1 - turn;
        left = @OUTPUT_COUNT@;
@PRINTS@
        fflush(stdout);
    }
    return 0;
}
