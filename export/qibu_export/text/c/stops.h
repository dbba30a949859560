/* Texts before which a text ends: the beginning of one is held back until it is clear. */
#ifndef QIBU_STOPS_H
#define QIBU_STOPS_H

#include <stddef.h>
#include <stdio.h>

#include "qibu.h"

typedef struct {
    char **texts; /* the caller's, with room for all; in UTF-8 */
    int count;
    const char *held; /* what is held back is the beginning of a stop, and lies there */
    size_t held_size; /* bytes */
} qibu_stops;

/* Gives none, and where they are to lie. */
qibu_stops qibu_no_stops(char **texts);

/* Takes a stop, in which \n, \t and \\ are what they are in C, and which changes to that. */
qibu_status qibu_add_stop(qibu_stops *stops, char *text);

/* Goes on with a character of 1 to 4 bytes: writes what may be shown by now, and says whether a
   stop stood there, which isn't shown. */
int qibu_hold_back(qibu_stops *stops, const unsigned char *character, int length, FILE *out);

/* Writes what is held back, since nothing comes any more. */
void qibu_release(qibu_stops *stops, FILE *out);

#endif
