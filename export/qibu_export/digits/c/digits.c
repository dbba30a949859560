/* Reads pictures from rows on stdin: @ROW_SIZE@ numbers a line, 0..1, @ROWS@ lines from the top;
   prints the @CLASSES@ probabilities after each row, or with --label what each picture shows and
   its probability. A blank line begins a new picture. Exit code 2 for bad input. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qibu.h"

enum { LINE_SIZE = QIBU_ROW_SIZE > 128 ? 32 * QIBU_ROW_SIZE : 4096 };

/* Gives how many numbers stand in a line, at most one more than a row has; -1 for anything else. */
static int read_row(const char *line, float row[QIBU_ROW_SIZE])
{
    int count = 0;
    for (;;) {
        char *end;
        float value = strtof(line, &end);
        if (end == line)
            break;
        if (*end != '\0' && strchr(" \t\r\n,", *end) == NULL)
            return -1;
        if (count == QIBU_ROW_SIZE)
            return count + 1;
        row[count++] = value;
        line = end + strspn(end, " \t,");
    }
    return line[strspn(line, " \t\r\n")] == '\0' ? count : -1;
}

static int fail(const char *message, int line)
{
    fprintf(stderr, "digits: line %d: %s\n", line, message);
    return 2;
}

static void print_label(const float probabilities[QIBU_CLASSES])
{
    int best = 0;
    for (int i = 1; i < QIBU_CLASSES; i++)
        if (probabilities[i] > probabilities[best])
            best = i;
    printf("%s  %.3f\n", qibu_labels[best], probabilities[best]);
}

static void print_row(const float probabilities[QIBU_CLASSES])
{
    for (int i = 0; i < QIBU_CLASSES; i++)
        printf("%.6f%c", probabilities[i], i + 1 < QIBU_CLASSES ? ' ' : '\n');
}

int main(int argc, char **argv)
{
    static char text[LINE_SIZE];
    qibu_state states[2]; /* they take turns: a step reads one and writes the other */
    float row[QIBU_ROW_SIZE], probabilities[QIBU_CLASSES];
    char message[96];
    int line = 0, rows = 0;
    const int label = argc == 2 && strcmp(argv[1], "--label") == 0;
    if (argc > 1 && !label) {
        fputs("usage: digits [--label] < rows.txt\n", stderr);
        return 2;
    }
    qibu_status status = qibu_load(QIBU_WEIGHTS_FILE);
    if (status != QIBU_OK)
        return fail(qibu_message(status), 0);
    qibu_initial_state(&states[0]);
    for (;;) {
        const char *read = fgets(text, sizeof text, stdin);
        if (read == NULL || text[strspn(text, " \t\r\n")] == '\0') {
            if (rows != 0 && rows != QIBU_ROWS) {
                sprintf(message, "picture must be (@ROWS@, @ROW_SIZE@), got %d rows", rows);
                return fail(message, line);
            }
            if (read == NULL)
                break;
            line++;
            rows = 0;
            qibu_initial_state(&states[0]);
            continue;
        }
        line++;
        if (strchr(text, '\n') == NULL && !feof(stdin))
            return fail("a row must be @ROW_SIZE@ numbers, got a line without end", line);
        int count = read_row(text, row);
        if (count == -1)
            return fail("a row must be @ROW_SIZE@ numbers, got something else", line);
        if (count != QIBU_ROW_SIZE) {
            sprintf(message, "a row must be @ROW_SIZE@ numbers, got %s%d",
                    count > QIBU_ROW_SIZE ? "at least " : "", count);
            return fail(message, line);
        }
        if (rows == QIBU_ROWS)
            return fail("picture must be (@ROWS@, @ROW_SIZE@), got more rows; a blank line begins a new one", line);
        status = qibu_step(&states[rows % 2], &states[(rows + 1) % 2], row, probabilities);
        if (status != QIBU_OK)
            return fail(qibu_message(status), line);
        rows++;
        if (!label)
            print_row(probabilities);
        else if (rows == QIBU_ROWS)
            print_label(probabilities);
        fflush(stdout);
    }
    if (line == 0)
        return fail("picture must be (@ROWS@, @ROW_SIZE@), got nothing", line);
    return 0;
}
