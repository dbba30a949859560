"""Beginnings that a model of any text knows, for those who don't."""

import re
from collections import Counter

import qibu

TEXTS, LENGTH = 8, 150
LONGEST = 12  # characters of a beginning
BOLD = qibu.Sampling(temperature=0.7)


def starts(writer: qibu.Writer, count: int = 3) -> list[str]:
    """Give words with which lines begin in what the model writes by itself, the commonest first."""
    given = "" if writer.prompt() else writer.alphabet.decode(writer.specimen()[:1])
    texts = writer.write_many(TEXTS, given, seed=0, length=LENGTH, sampling=BOLD)
    lines = [one.text.splitlines() for one in texts]
    # what stands within a text is what most networks know: its very beginning is seen once
    for some in (
        [line for text in lines for line in text[1:]],
        [text[0] for text in lines if text],
    ):
        words = (re.match(rf"\w{{1,{LONGEST}}}(?!\w)", line.strip()) for line in some)
        if found := Counter(word[0] for word in words if word):
            return [word for word, _ in found.most_common(count)]
    return []
