#include "guide.h"

#include <math.h>
#include <string.h>

typedef char one_character[QIBU_LONGEST_CHARACTER + 1];

/* Says whether a character stands in a text; U+0000 can't. */
static int holds(const char *text, uint32_t code)
{
    one_character one;
    one[qibu_encode(code, (unsigned char *)one)] = '\0';
    return code != 0 && text != NULL && strstr(text, one) != NULL;
}

/* Keeps of a text each character once, and none of another; says whether one is left. Where none
   is, the text stays as it was. */
static int strike(char *text, const char *banned)
{
    one_character one;
    char *end = text;
    for (const char *next = text; *next != '\0';) {
        const size_t length = (size_t)qibu_length((unsigned char)*next);
        memcpy(one, next, length);
        one[length] = '\0';
        next += length;
        if (banned != NULL && strstr(banned, one) != NULL)
            continue;
        *end = '\0'; /* of this text only what is kept is searched */
        if (strstr(text, one) == NULL) {
            memcpy(end, one, length);
            end += length;
        }
    }
    if (end != text)
        *end = '\0';
    return end != text;
}

static int may_come(const qibu_guide *guide, uint32_t code)
{
    return (guide->allow == NULL || holds(guide->allow, code)) && !holds(guide->ban, code);
}

/* Says of each byte whether a character that may come goes on with it. */
static void find_bytes(const qibu_guide *guide, unsigned char goes_on[256])
{
    const int count = guide->begun;
    const char *text = guide->allow != NULL ? guide->allow : guide->ban;
    int32_t told[256] = {0}; /* how many of them go on with each byte */
    for (int length; text != NULL && *text != '\0'; text += length) {
        length = qibu_length((unsigned char)*text);
        if (length > count && memcmp(text, guide->character, (size_t)count) == 0)
            told[(unsigned char)text[count]]++;
    }
    unsigned char begun[QIBU_LONGEST_CHARACTER];
    memcpy(begun, guide->character, (size_t)count);
    for (int byte = 0; byte < 256; byte++) {
        begun[count] = (unsigned char)byte;
        if (guide->allow != NULL)
            goes_on[byte] = told[byte] > 0;
        else /* not all that begin so are banned */
            goes_on[byte] = qibu_follows(begun, count, begun[count]) &&
                            told[byte] < qibu_beginning_with(begun, count + 1);
    }
}

/* Fills the bias of the next draw; says whether it leaves a character. */
static int fill(const qibu_guide *guide, float *bias)
{
    unsigned char goes_on[256];
    int left = 0;
    if (QIBU_BYTES)
        find_bytes(guide, goes_on);
    for (int32_t token = 0; token < QIBU_VOCABULARY_SIZE; token++) {
        int allowed = token == QIBU_END && guide->begun == 0;
        if (token >= QIBU_CONTROLS) {
            const uint32_t code = qibu_codes[token - QIBU_CONTROLS];
            allowed = QIBU_BYTES ? goes_on[code] : may_come(guide, code);
            left |= allowed;
        }
        bias[token] = allowed ? 0.0f : -INFINITY;
    }
    return left;
}

qibu_status qibu_set_out(qibu_guide *guide, char *allow, char *ban,
                         float bias[QIBU_VOCABULARY_SIZE])
{
    guide->allow = allow;
    guide->ban = ban;
    guide->begun = 0;
    if (QIBU_BYTES && allow != NULL && !strike(allow, ban))
        return QIBU_NOTHING_LEFT;
    if (QIBU_BYTES && ban != NULL)
        strike(ban, NULL);
    return fill(guide, bias) ? QIBU_OK : QIBU_NOTHING_LEFT;
}

int qibu_go_on(qibu_guide *guide, int32_t token, float bias[QIBU_VOCABULARY_SIZE])
{
    const uint32_t code = qibu_codes[token - QIBU_CONTROLS];
    if (!QIBU_BYTES)
        return qibu_encode(code, guide->character);
    guide->character[guide->begun++] = (unsigned char)code;
    const int length = guide->begun;
    const int whole = length == qibu_length(guide->character[0]);
    if (whole)
        guide->begun = 0;
    fill(guide, bias);
    return whole ? length : 0;
}
