#include "utf8.h"

int qibu_length(unsigned char lead)
{
    return lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

int qibu_follows(const unsigned char *begun, int count, unsigned char byte)
{
    if (count == 0)
        return byte < 0x80 || (byte >= 0xC2 && byte < 0xF5);
    unsigned char first = 0x80, last = 0xBF;
    if (count == 1) { /* no longer form than needed, no surrogate, none above 10FFFF */
        if (begun[0] == 0xE0)
            first = 0xA0;
        else if (begun[0] == 0xED)
            last = 0x9F;
        else if (begun[0] == 0xF0)
            first = 0x90;
        else if (begun[0] == 0xF4)
            last = 0x8F;
    }
    return byte >= first && byte <= last;
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
