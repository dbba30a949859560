"""Make `tests/runtime/verse/famous.json`: the 唐詩三百首, and what its sections call each poem.

Sections and titles are those of `tangshisanbaishou.json` in chinese-poetry (MIT licence), which is
in the npm package chinese-poetry 2.0.1 under `dist/mengxue`. Each text is as the corpus has it, the
poem being found by the lines that the two share:

    python tools/make_famous.py tangshisanbaishou.json > tests/runtime/verse/famous.json
"""

import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from pathlib import Path

from qibu.data.registry import data_folder
from qibu.verse.forms import form_of, split_lines
from qibu.verse.poem_corpus import Poem, read_poems
from qibu.verse.tones import unified

_ASIDE = re.compile(r"[（(][^）)]*[）)]")
_NOT_HAN = re.compile("[^\u3400-\u9fff]+")
ALIKE = 0.85  # of the characters; less is another version
CANDIDATES = 12
FORMS_OF_SECTIONS = {
    "五言絕句": "五絕",
    "七言絕句": "七絕",
    "五言律詩": "五律",
    "七言律詩": "七律",
    "五言古詩": "五古",
    "七言古詩": "七古",
}
# printed editions have 樂府 at the end of each section; here they are one, and the shape tells
QUATRAINS = {5: "五絕", 7: "七絕"}
REGULATED_BALLADS = {"獨不見": "七律"}
OLD = {5: "五古", 7: "七古"}


def lines_of(text: str) -> list[str]:
    """Split a text into lines, variants of a character written as one."""
    plain = _NOT_HAN.split(_ASIDE.sub("", text))
    return ["".join(map(unified, line)) for line in plain if line]


def find(
    text: str, author: str, title: str, poems: Sequence[Poem], holding: Mapping[str, list[int]]
) -> Poem | None:
    """Give the poem of the corpus that is most like a text, if one is like it."""
    lines = lines_of(text)
    votes = Counter(number for line in dict.fromkeys(lines) for number in holding.get(line, ()))
    alike = {
        number: SequenceMatcher(
            None, "".join(lines), "".join(lines_of(poems[number].text)), autojunk=False
        ).ratio()
        for number, _ in votes.most_common(CANDIDATES)
    }
    best = max(
        alike,
        key=lambda number: (
            alike[number],
            poems[number].author == author,
            poems[number].title == title,
            -number,
        ),
        default=None,
    )
    if best is None or alike[best] < ALIKE:
        return None
    # a couplet that the corpus lost makes another form
    same = len(split_lines(poems[best].text)) == len(lines) or len(lines) > 8
    return poems[best] if same else None


def form_by_section(section: str, title: str, text: str) -> str:
    """Say in the names of `FORMS` what a section says of a poem."""
    lines = split_lines(text)
    length = form_of(lines).line_length
    if section in FORMS_OF_SECTIONS and not (section == "七言古詩" and length is None):
        return FORMS_OF_SECTIONS[section]
    if length is None:
        return "雜言"
    if len(lines) == 4:
        return QUATRAINS[length]
    return REGULATED_BALLADS.get(title, OLD[length])


def main() -> None:
    """Write the table to stdout, a poem a line, and what the corpus lacks to stderr."""
    poems = list(read_poems(data_folder("poems", None)))
    holding: dict[str, list[int]] = defaultdict(list)
    for number, poem in enumerate(poems):
        for line in lines_of(poem.text):
            holding[line].append(number)
    rows = []
    for section in json.loads(Path(sys.argv[1]).read_text("utf-8"))["content"]:
        name = section["type"]
        for entry in section["content"]:
            author, title = entry["author"], entry["chapter"]
            found = find("".join(entry["paragraphs"]), author, title, poems, holding)
            if found is None:
                print(f"not in the corpus: {name} {author} {title}", file=sys.stderr)
                continue
            if found.author == author:
                title = found.title  # not converted from simplified script
            row = {
                "section": name,
                "form": form_by_section(name, entry["chapter"], found.text),
                "author": author,
                "title": title,
                "text": found.text,
            }
            rows.append(json.dumps(row, ensure_ascii=False))
    print("[\n" + ",\n".join(rows) + "\n]")


if __name__ == "__main__":
    main()
