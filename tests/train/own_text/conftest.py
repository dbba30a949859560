"""Small texts that tests read."""

import random
from pathlib import Path

import pytest

WORDS = ("the", "cat", "sat", "on", "a", "mat", "and", "saw", "that", "an", "owl", "had", "set")


def make_text(lines: int, seed: int = 0) -> str:
    """Make lines of words, each of which begins with its number's last digit."""
    chance = random.Random(seed)
    return "".join(
        f"{number % 10} {' '.join(chance.choices(WORDS, k=chance.randint(2, 9)))}.\n"
        for number in range(lines)
    )


@pytest.fixture(scope="session")
def text_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a file of some 24,000 bytes."""
    path = tmp_path_factory.mktemp("text") / "words.txt"
    path.write_text(make_text(900), "utf-8")
    return path


@pytest.fixture(scope="session")
def text_documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder of 30 documents, in two folders."""
    folder = tmp_path_factory.mktemp("documents")
    for number in range(30):
        path = folder / "ab"[number % 2] / f"{number}.txt"
        path.parent.mkdir(exist_ok=True)
        path.write_text(make_text(12, seed=number), "utf-8")
    return folder
