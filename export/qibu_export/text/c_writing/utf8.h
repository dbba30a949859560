/* Characters as UTF-8, as Unicode's table of well-formed sequences has it (chapter 3, table 3-7). */
#ifndef QIBU_UTF8_H
#define QIBU_UTF8_H

#include <stdint.h>

enum { QIBU_LONGEST_CHARACTER = 4 }; /* bytes */

/* Gives how many bytes a character has that begins with a byte. */
int qibu_length(unsigned char lead);

/* Says whether a byte may follow the first `count` bytes of a character, 0 to 3 of them. */
int qibu_follows(const unsigned char *begun, int count, unsigned char byte);

/* Counts the characters that begin with some bytes, 1 to 4 of them. */
int32_t qibu_beginning_with(const unsigned char *begun, int count);

/* Writes a character's bytes and gives their number. */
int qibu_encode(uint32_t code, unsigned char bytes[QIBU_LONGEST_CHARACTER]);

/* Reads the character that a text begins with and gives the number of its bytes; 0: it is none. */
int qibu_decode(const char *text, uint32_t *code);

#endif
