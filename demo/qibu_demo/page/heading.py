"""What stands at the top of the page: the project's name, or a model's, and what it does."""

from collections.abc import Sequence
from html import escape

from .texts import WORDS, Words, bilingual

NAME = "七步 Qibu"


def heading(title: str = "", lines: Sequence[Words] = ()) -> str:
    """Give the HTML of the page's head.

    Args:
        title: of the model that the page is for; "": it is for the bundled ones.
        lines: what stands below, in both languages; none: what the bundled ones do.
    """
    switch = "".join(
        f'<button type="button" class="qb-switch" lang="{code}" '
        f"onclick=\"qibuSwitchLanguage('{other}')\">{word}</button>"
        for code, other, word in (("en", "zh", "中文"), ("zh", "en", "English"))
    )
    below = "".join(bilingual(line, style="qb-subtitle") for line in lines or [WORDS["subtitle"]])
    shown = (
        f'<h1 class="qb-own">{escape(title)} <small>{NAME}</small></h1>'
        if title
        else "<h1>七步 <small>Qibu</small></h1>"
    )
    return (
        '<header class="qb-header"><span class="qb-seal" lang="zh" aria-hidden="true">七步</span>'
        f"<div>{shown}{below}</div>{switch}</header>"
    )
