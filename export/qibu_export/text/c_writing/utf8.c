#include "utf8.h"

int qibu_length(unsigned char lead)
{
    return lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

/* Gives the first and the last byte that may stand at a place of a character, 1 to 3. */
static void range_at(unsigned char lead, int place, unsigned char *first, unsigned char *last)
{
    *first = 0x80;
    *last = 0xBF;
    if (place == 1) { /* no longer form than needed, no surrogate, none above 10FFFF */
        if (lead == 0xE0)
            *first = 0xA0;
        else if (lead == 0xED)
            *last = 0x9F;
        else if (lead == 0xF0)
            *first = 0x90;
        else if (lead == 0xF4)
            *last = 0x8F;
    }
}

int qibu_follows(const unsigned char *begun, int count, unsigned char byte)
{
    unsigned char first, last;
    if (count == 0)
        return byte < 0x80 || (byte >= 0xC2 && byte < 0xF5);
    range_at(begun[0], count, &first, &last);
    return byte >= first && byte <= last;
}

int32_t qibu_beginning_with(const unsigned char *begun, int count)
{
    unsigned char first, last;
    int32_t characters = 1;
    for (int place = count; place < qibu_length(begun[0]); place++) {
        range_at(begun[0], place, &first, &last);
        characters *= last - first + 1;
    }
    return characters;
}

int qibu_encode(uint32_t code, unsigned char bytes[QIBU_LONGEST_CHARACTER])
{
    static const unsigned char leads[] = {0, 0x00, 0xC0, 0xE0, 0xF0};
    const int length = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (int i = length - 1; i > 0; i--) {
        bytes[i] = (unsigned char)(0x80 | (code & 0x3F));
        code >>= 6;
    }
    bytes[0] = (unsigned char)(leads[length] | code);
    return length;
}

int qibu_decode(const char *text, uint32_t *code)
{
    const unsigned char *bytes = (const unsigned char *)text;
    if (!qibu_follows(bytes, 0, bytes[0]))
        return 0;
    const int length = qibu_length(bytes[0]);
    *code = length == 1 ? bytes[0] : bytes[0] & (0x7Fu >> length);
    for (int i = 1; i < length; i++) {
        if (!qibu_follows(bytes, i, bytes[i]))
            return 0;
        *code = *code << 6 | (bytes[i] & 0x3F);
    }
    return length;
}
