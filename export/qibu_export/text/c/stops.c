#include "stops.h"

#include <string.h>

qibu_stops qibu_no_stops(char **texts)
{
    const qibu_stops stops = {texts, 0, "", 0};
    return stops;
}

qibu_status qibu_add_stop(qibu_stops *stops, char *text)
{
    static const char letters[] = "nt\\", meant[] = "\n\t\\";
    char *to = text;
    for (const char *from = text; *from != '\0'; from++) {
        const char *letter = *from == '\\' && from[1] != '\0' ? strchr(letters, from[1]) : NULL;
        *to++ = letter == NULL ? *from : meant[letter - letters];
        from += letter != NULL;
    }
    if (to == text)
        return QIBU_BAD_STOP;
    *to = '\0';
    stops->texts[stops->count++] = text;
    return QIBU_OK;
}

int qibu_hold_back(qibu_stops *stops, const unsigned char *character, int length, FILE *out)
{
    const size_t own = (size_t)length;
    /* a stop that is there comes before one that may still be, and of both the longest */
    for (int whole = 1; whole >= 0; whole--)
        for (size_t from = 0; from <= stops->held_size; from++)
            for (int i = 0; i < stops->count; i++) {
                const char *stop = stops->texts[i], *held = stops->held + from;
                const size_t before = stops->held_size - from, size = strlen(stop);
                if (whole ? size != before + own : size < before + own)
                    continue;
                if (memcmp(stop, held, before) != 0 || memcmp(stop + before, character, own) != 0)
                    continue;
                fwrite(stops->held, 1, from, out);
                stops->held = stop;
                stops->held_size = whole ? 0 : before + own;
                return whole;
            }
    qibu_release(stops, out);
    fwrite(character, 1, own, out);
    return 0;
}

void qibu_release(qibu_stops *stops, FILE *out)
{
    fwrite(stops->held, 1, stops->held_size, out);
    stops->held_size = 0;
}
