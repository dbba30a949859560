"""The anthology 唐詩三百首, as far as the corpus has it, and where it and the checker differ.

`famous.json` has the poems with the form that the anthology's sections say; `tools/make_famous.py`
made it. Of 樂府, a section that names no form, and of 七言古詩 in unequal lines the shape says it.
"""

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Anthologised:
    """A poem of the 唐詩三百首."""

    section: str
    form: str  # what the section says of a poem of this shape
    author: str
    title: str
    text: str


_OBLIQUE = "古絕 on an oblique rhyme, which the anthology files under 絕句"
_TONES = "古絕 on a level rhyme, which the anthology files under 絕句"
_LIKE_REGULATED = "breaks so little that its tones alone are those of regulated verse"
# poems of the anthology that aren't of its section's form: what they are, and why
DIFFERENT = {
    ("王維", "雜詩三首 二"): ("五古", _OBLIQUE),
    ("王維", "輞川集 鹿柴"): ("五古", _OBLIQUE),
    ("王維", "輞川集 竹里館"): ("五古", _OBLIQUE),
    ("孟浩然", "春曉"): ("五古", _OBLIQUE),
    ("柳宗元", "江雪"): ("五古", _OBLIQUE),
    ("賈島", "尋隱者不遇"): ("五古", _OBLIQUE),
    ("裴迪", "崔九欲往南山馬上口號與別"): ("五古", _OBLIQUE),
    ("劉長卿", "送靈澈上人"): ("五古", _OBLIQUE),
    ("劉長卿", "送方外上人"): ("五古", _OBLIQUE),
    ("李白", "玉階怨"): ("五古", _OBLIQUE),
    ("崔顥", "雜曲歌辭 長干曲四首 二"): ("五古", _OBLIQUE),
    ("李白", "靜夜思"): ("五古", _TONES),
    ("李白", "怨情"): ("五古", _TONES),
    ("王維", "終南別業"): ("五古", "a 律詩 whose tones are those of old style (拗體)"),
    ("王維", "西施詠"): ("五排", _LIKE_REGULATED),
    ("常建", "宿王昌齡隱居"): ("五律", _LIKE_REGULATED),
    ("張九齡", "感遇十二首 二"): ("五律", _LIKE_REGULATED),
    ("王昌齡", "塞下曲四首 二"): ("五律", _LIKE_REGULATED),
    ("李白", "橫吹曲辭 關山月"): ("五排", _LIKE_REGULATED),
}
ANTHOLOGY = tuple(
    Anthologised(**entry)
    for entry in json.loads(Path(__file__).with_name("famous.json").read_text("utf-8"))
)
