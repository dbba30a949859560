"""The control tokens of a poem model, by which its files are known."""

from ..text.vocabulary import END, UNKNOWN

TITLE, POEM = "<title>", "<poem>"
BASE_CONTROLS = (UNKNOWN, TITLE, POEM, END)  # of every poem model
