"""Every command and every block of code on a page runs as it stands there, in an empty folder."""

from pathlib import Path

import pytest
from exceptions import MISSES, NOT_RUN, NOT_RUN_LANGUAGES, PROGRAMS
from pages import PAGES, ROOT, blocks_of, commands_of
from prepared import FILES, PYTHON
from runner import Page

LANGUAGES = {"console", "python", "text", "js", "c"}
TEXTS = [page.read_text("utf-8") for page in PAGES]
BLOCKS = [block for page in PAGES for block in blocks_of(page)]
COMMANDS = [c.name for b in BLOCKS if b.language == "console" for c in commands_of(b)]


def _name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", [p for p in PAGES if blocks_of(p)], ids=_name)
def test_a_page_does_what_it_says(page: Path, tmp_path: Path) -> None:
    blocks = blocks_of(page)
    wrong: list[str] = []
    with Page(tmp_path, page.read_text("utf-8")) as run:
        for block, after in zip(blocks, [*blocks[1:], None], strict=True):
            if block.language == "console":
                wrong += run.console(block)
            elif block.language == "python":
                prints = after if after is not None and after.language == "text" else None
                wrong += run.python(block, prints)
            elif block.language == "js":
                wrong += run.javascript(block)
            elif block.language == "c":
                run.keep(block)
    assert not wrong, f"\n{_name(page)}, " + f"\n{_name(page)}, ".join(wrong)
    if run.missing:
        pytest.skip(f"not all of it ran: this machine lacks {', '.join(sorted(run.missing))}")


def test_every_block_says_its_language() -> None:
    assert {block.language for block in BLOCKS} == LANGUAGES | NOT_RUN_LANGUAGES.keys()


@pytest.mark.parametrize("beginning", [*NOT_RUN, *MISSES])
def test_a_command_that_is_not_run_stands_on_a_page(beginning: str) -> None:
    assert any(name.startswith(beginning) for name in COMMANDS), f"remove {beginning!r}"


@pytest.mark.parametrize("part", PROGRAMS)
def test_a_program_that_is_asked_for_is_needed(part: str) -> None:
    assert any(part in name for name in COMMANDS), f"remove {part!r}"


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_prepared_is_spoken_of(name: str) -> None:
    assert any(name in text for text in TEXTS), f"remove {name!r}"


@pytest.mark.parametrize("name", PYTHON)
def test_a_name_that_is_given_is_used(name: str) -> None:
    used = any(name in block.text for block in BLOCKS if block.language == "python")
    assert used, f"remove {name!r}"
