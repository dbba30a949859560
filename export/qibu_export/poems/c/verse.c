#include "verse.h"

#include <math.h>
#include <string.h>

/* Says whether a token may stand where only the `tones` of a first line's way are wanted. */
static int fits(const qibu_form *form, uint8_t tones, int ends_line, int32_t token)
{
    if (tones == (QIBU_LEVEL | QIBU_OBLIQUE))
        return 1;
    if (tones == QIBU_LEVEL && ends_line)
        return (qibu_rhymes[token] & form->rhymes) != 0;
    return (qibu_tones[token] & tones) != 0;
}

/* Gives the patterns, a bit each, that the given characters break least. */
static uint8_t fitting(const qibu_form *form, const int32_t *given, int count)
{
    int best[8], fewest = count + 1;
    uint8_t patterns = 0;
    for (int bit = 0; bit < 8; bit++) {
        best[bit] = count + 1;
        for (int i = 0; i < QIBU_WAYS; i++) {
            int breaks = 0;
            if (form->ways[i].pattern != 1 << bit)
                continue;
            for (int p = 0; p < count; p++)
                breaks += !fits(form, form->ways[i].tones[p], p == form->line_length - 1, given[p]);
            if (breaks < best[bit])
                best[bit] = breaks;
        }
        if (best[bit] < fewest)
            fewest = best[bit];
    }
    for (int bit = 0; bit < 8; bit++)
        if (best[bit] == fewest)
            patterns |= (uint8_t)(1 << bit);
    return patterns;
}

qibu_status qibu_begin(qibu_course *course, const qibu_form *form, float repetition,
                       const int32_t *given, int count)
{
    if (count < 0 || count > form->line_length)
        return QIBU_BAD_START;
    if (!(repetition >= 0.0f) || isinf(repetition))
        return QIBU_BAD_REPETITION;
    for (int i = 0; i < count; i++)
        if (given[i] < 0 || given[i] >= QIBU_VOCABULARY_SIZE)
            return QIBU_BAD_TOKEN;
    memset(course, 0, sizeof *course);
    course->form = form;
    course->repetition = repetition;
    course->place = form->starts[fitting(form, given, count)];
    course->rhymes = form->rhymes;
    course->last = -1;
    course->given_count = count;
    for (int i = 0; i < count; i++)
        course->given[i] = given[i];
    return QIBU_OK;
}

/* Says whether a token belongs to the class of this place. */
static int allowed(const qibu_course *course, const qibu_place *place, int32_t token)
{
    const uint8_t tones = qibu_tones[token];
    const int rhymes = (qibu_rhymes[token] & course->rhymes) != 0;
    if (place->ends_line && course->line == 0) {
        /* two tones would leave open whether the first line rhymes, so these have one */
        const uint8_t every = qibu_all_tones[token];
        int level = (place->tones & QIBU_LEVEL) && rhymes && every == QIBU_LEVEL;
        int oblique = (place->tones & QIBU_OBLIQUE) && every == QIBU_OBLIQUE;
        return (level || oblique) && !course->rhymed[token];
    }
    if (place->ends_line && place->tones == QIBU_LEVEL)
        return rhymes && !course->rhymed[token];
    return (tones & place->tones) != 0;
}

int32_t qibu_next(const qibu_course *course, float bias[QIBU_VOCABULARY_SIZE])
{
    const qibu_form *form = course->form;
    const int position = course->position;
    if (position == form->line_length)
        return course->line % 2 ? QIBU_STOP : QIBU_COMMA;
    if (course->line == 0 && position < course->given_count)
        return course->given[position];
    const qibu_place *place = &qibu_places[course->place];
    for (int32_t token = 0; token < QIBU_VOCABULARY_SIZE; token++)
        bias[token] = allowed(course, place, token) ? -course->penalty[token] : -INFINITY;
    for (int32_t i = 0; i < QIBU_WORDS; i++) { /* no character stands against its sense */
        const qibu_word *word = &qibu_words[i];
        const uint8_t tones = word->settled ? place->tones : course->read;
        if (word->first == course->last && !(word->tone & tones))
            bias[word->second] = -INFINITY;
    }
    if (position == form->line_length - 1)
        for (int line = 0; line < course->line; line++) /* no line becomes one that is there */
            if (memcmp(course->lines[line], course->lines[course->line],
                       (size_t)position * sizeof(int32_t)) == 0)
                bias[course->lines[line][position]] = -INFINITY;
    return -1;
}

/* Gives the group, of several in which the first rhyme word stands, that the network likes best. */
static uint32_t choose(uint32_t groups, const float *logits)
{
    uint32_t best = groups & (~groups + 1); /* the lowest bit */
    float most = -1.0f;
    if (logits == NULL || best == groups)
        return best;
    for (uint32_t left = groups; left != 0; left &= left - 1) {
        const uint32_t group = left & (~left + 1);
        float sum = 0.0f;
        for (int32_t token = 0; token < QIBU_VOCABULARY_SIZE; token++)
            if (qibu_rhymes[token] & group)
                sum += expf(logits[token]);
        if (sum > most) {
            most = sum;
            best = group;
        }
    }
    return best;
}

static void make_less_likely(qibu_course *course)
{
    if (course->last >= 0)
        course->penalty[course->last] += course->repetition;
}

void qibu_accept(qibu_course *course, int32_t token, const float *logits)
{
    const qibu_form *form = course->form;
    if (course->position == form->line_length) {
        make_less_likely(course);
        course->last = -1;
        course->position = 0;
        course->line++;
        course->done = course->line == form->line_count;
        return;
    }
    const qibu_place *place = &qibu_places[course->place];
    uint8_t tone = qibu_tones[token];
    for (int32_t i = 0; i < QIBU_WORDS; i++)
        if (qibu_words[i].settled && qibu_words[i].first == course->last &&
            qibu_words[i].second == token)
            tone = qibu_words[i].tone;
    if (place->ends_line && place->tones & QIBU_LEVEL) {
        uint32_t groups = qibu_rhymes[token] & course->rhymes;
        if (groups != 0) {
            tone = QIBU_LEVEL;
            if (course->rhymes == form->rhymes)
                course->rhymes = choose(groups, logits);
            for (int32_t i = 0; i < QIBU_VOCABULARY_SIZE; i++)
                course->rhymed[i] |= qibu_alike[i] == qibu_alike[token];
        }
    }
    course->read = tone & place->tones ? tone & place->tones : tone;
    course->place = place->after[tone];
    course->lines[course->line][course->position++] = token;
    make_less_likely(course); /* from the next place but one, so that 悠悠 stays possible */
    course->last = token;
}
