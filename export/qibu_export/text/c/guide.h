/* What may be drawn next, and the characters that come of it: a token is a character or, of a model
   of bytes, a byte of one. */
#ifndef QIBU_GUIDE_H
#define QIBU_GUIDE_H

#include "qibu.h"
#include "utf8.h"

/* The characters by their number after the control tokens: of a model of bytes, the bytes. */
extern const uint32_t qibu_codes[QIBU_CHARACTERS];

typedef struct {
    char *allow; /* the characters that alone may come, in UTF-8; NULL: all */
    char *ban;   /* those that mustn't; NULL: none */
    unsigned char character[QIBU_LONGEST_CHARACTER]; /* the last, or what has begun of one */
    int begun;                                       /* bytes of it */
} qibu_guide;

/* Sets out on a text: fills the bias of the first draw. Of a model of bytes, `allow` and `ban`
   lose what they say twice; on an error they stay as they were. */
qibu_status qibu_set_out(qibu_guide *guide, char *allow, char *ban,
                         float bias[QIBU_VOCABULARY_SIZE]);

/* Goes on with a token: fills the bias of the next draw. Gives how many bytes the character has
   that it ends; 0 within one. */
int qibu_go_on(qibu_guide *guide, int32_t token, float bias[QIBU_VOCABULARY_SIZE]);

#endif
