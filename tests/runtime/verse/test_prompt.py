"""One prompt for training, measuring and writing."""

import subprocess
import sys
from pathlib import Path

import pytest

from qibu import InputError, Poet, Stepper, UnknownCharacterError, Vocabulary
from qibu.verse.poem_corpus import Poem
from qibu.verse.prompt import (
    POEM,
    TITLE,
    TITLE_LIMIT,
    PromptPart,
    author_token,
    encode_prompt,
    form_token,
    prompt_of,
)

FIVE = "春眠不覺曉，處處聞啼鳥。夜來風雨聲，花落知多少。"
ALL: tuple[PromptPart, ...] = ("form", "author", "title")


def spelled(vocabulary: Vocabulary, prompt: list[int]) -> list[str]:
    return [vocabulary.token(number) for number in prompt]


def test_a_prompt_has_its_parts_in_one_order(vocabulary: Vocabulary) -> None:
    prompt = encode_prompt(vocabulary, "五絕", "李白", "春夜")
    wanted = [form_token("五絕"), author_token("李白"), TITLE, "春", "夜", POEM]
    assert spelled(vocabulary, prompt) == wanted
    assert spelled(vocabulary, encode_prompt(vocabulary)) == [POEM]
    assert spelled(vocabulary, encode_prompt(vocabulary, title="")) == [TITLE, POEM]


def test_a_title_is_read_in_either_script(vocabulary: Vocabulary) -> None:
    for title in ("风东", "風東"):
        prompt = encode_prompt(vocabulary, title=title)
        assert spelled(vocabulary, prompt) == [TITLE, "風", "東", POEM]


@pytest.mark.parametrize("parts", [(), ("form",), ("author", "title"), ALL])
@pytest.mark.parametrize("title", ["春夜聞雨", "春龘夜"])
@pytest.mark.parametrize("author", ["李白", "某"])
def test_the_poet_prompts_with_what_a_poem_of_the_corpus_is_trained_with(
    parts: tuple[PromptPart, ...], title: str, author: str, poem_file: Path
) -> None:
    poet = Poet(Stepper(poem_file))
    poem = Poem(author, title, FIVE, "train")
    asked = poet.prompt(
        "五絕" if "form" in parts else None,
        "李白" if "author" in parts and author == "李白" else None,
        title if "title" in parts else None,
        "replace",
    )
    assert prompt_of(poet.vocabulary, poem, parts) == asked


def test_a_title_of_the_corpus_is_cut_and_an_unknown_author_gives_none(
    vocabulary: Vocabulary,
) -> None:
    prompt = prompt_of(vocabulary, Poem("某", "春" * 99, FIVE, "train"), ALL)
    wanted = [form_token("五絕"), TITLE, *"春" * TITLE_LIMIT, POEM]
    assert spelled(vocabulary, prompt) == wanted


def test_what_the_model_does_not_know_is_named(vocabulary: Vocabulary) -> None:
    with pytest.raises(InputError, match=r"form '俳句'.*七絕"):
        encode_prompt(vocabulary, form="俳句")
    with pytest.raises(InputError, match=r"author '某'.*李白"):
        encode_prompt(vocabulary, author="某")
    with pytest.raises(UnknownCharacterError, match="龘"):
        encode_prompt(vocabulary, title="龘")


def test_a_prompt_needs_no_onnxruntime() -> None:
    program = "import sys, qibu.verse.prompt; sys.exit('onnxruntime' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
