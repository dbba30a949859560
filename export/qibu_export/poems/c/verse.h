/* A poem under the rules of its form: what may stand at the next place, as in Python's
   `qibu.verse`: a tone pattern that stays open as long as it can, one level rhyme, no rhyme word
   twice, no line twice, and repeated characters less likely. */
#ifndef QIBU_VERSE_H
#define QIBU_VERSE_H

#include <stdint.h>

#include "qibu.h"

enum { QIBU_LEVEL = 1, QIBU_OBLIQUE = 2 }; /* tones; a character that is read both ways has both */

/* A place in a poem: what the characters before it leave open there. */
typedef struct {
    uint8_t tones; /* that may stand here */
    uint8_t ends_line;
    uint16_t after[4]; /* the next place, by the tone of the character that stands here */
} qibu_place;

/* What a first line may be under one tone pattern. */
typedef struct {
    uint8_t pattern; /* a bit */
    uint8_t tones[QIBU_LONGEST_LINE];
} qibu_way;

typedef struct {
    const char *name;
    int line_length, line_count;
    int32_t control;         /* the token that stands before QIBU_POEM */
    uint32_t rhymes;         /* the groups that a poem may rhyme in, a bit each */
    const uint16_t *starts;  /* the first place, by the patterns that are possible, a bit each */
    const qibu_way *ways;    /* QIBU_WAYS of them */
} qibu_form;

/* Two tokens that settle the tone of one of them: `settled` 0 the first's, 1 the second's. */
typedef struct {
    int32_t first, second;
    uint8_t settled, tone;
} qibu_word;

/* Of each token: its name in UTF-8, its tones as they are used, those of all its readings, its level
   rhymes (a bit each), and the first of those that some script writes as it. */
extern const char *const qibu_tokens[QIBU_VOCABULARY_SIZE];
extern const uint8_t qibu_tones[QIBU_VOCABULARY_SIZE];
extern const uint8_t qibu_all_tones[QIBU_VOCABULARY_SIZE];
extern const uint32_t qibu_rhymes[QIBU_VOCABULARY_SIZE];
extern const int32_t qibu_alike[QIBU_VOCABULARY_SIZE];
extern const qibu_word qibu_words[QIBU_WORDS];
extern const qibu_place qibu_places[QIBU_PLACES];
extern const qibu_form qibu_forms[QIBU_FORMS];

/* One poem under way; nothing but the functions below writes in it. */
typedef struct {
    const qibu_form *form;
    float repetition; /* nats off for a character, each time that it stands there already */
    int line, position, done;
    uint16_t place;
    uint32_t rhymes; /* the groups that are still possible; one, once there is a rhyme word */
    int32_t last, given_count;
    uint8_t read; /* the tones that the last character may be read in */
    int32_t given[QIBU_LONGEST_LINE];
    int32_t lines[QIBU_LONGEST_POEM][QIBU_LONGEST_LINE];
    float penalty[QIBU_VOCABULARY_SIZE];
    uint8_t rhymed[QIBU_VOCABULARY_SIZE];
} qibu_course;

/* Sets out on a poem whose first line begins with `count` given characters. */
qibu_status qibu_begin(qibu_course *course, const qibu_form *form, float repetition,
                       const int32_t *given, int count);

/* Gives the token that stands next, a mark or a given character; or -1 and the bias to draw it
   with. */
int32_t qibu_next(const qibu_course *course, float bias[QIBU_VOCABULARY_SIZE]);

/* Goes on with a token, drawn from these logits; NULL for one that was given. */
void qibu_accept(qibu_course *course, int32_t token, const float *logits);

#endif
