import json
import math
from hashlib import md5
from pathlib import Path

import numpy as np
import pytest

from qibu import DataError, DigitReader, InputError, NotStreamingError, Poet, Stepper
from qibu.pictures.accuracy import measure_accuracy
from qibu.pictures.idx_files import read_digits
from qibu.quality.measure import measure
from qibu.verse.forms import is_han
from qibu.verse.perplexity import Hint, measure_perplexity
from qibu.verse.poem_corpus import Poem


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Write poems that the split calls test poems, some with a character unknown to the model."""
    random = np.random.default_rng(0)
    poems: list[dict[str, object]] = []
    while len(poems) < 6:
        characters = "".join(random.choice(list("春眠不覺曉處聞啼鳥夜龘"), 20))
        if int(md5(characters.encode()).hexdigest(), 16) % 100 < 3:
            lines = [characters[i : i + 5] for i in range(0, 20, 5)]
            couplets = [f"{lines[0]}，{lines[1]}。", f"{lines[2]}，{lines[3]}。"]
            author, title = ("李白", "夜") if len(poems) % 2 else ("某", "春曉")
            poems.append({"author": author, "title": title, "paragraphs": couplets})
    (tmp_path / "poet.tang.0.json").write_text(json.dumps(poems), "utf-8")
    return tmp_path


KINDS: tuple[Hint, ...] = ("title", "author")
HINTS: list[tuple[Hint, ...]] = [(), ("title",), ("author",), ("title", "author")]


@pytest.mark.parametrize("hints", HINTS)
def test_the_perplexity_is_that_of_a_plain_loop(
    hints: tuple[Hint, ...], poem_file: Path, corpus: Path
) -> None:
    poet = Poet(Stepper(poem_file))
    total, count = 0.0, 0
    for poem in json.loads((corpus / "poet.tang.0.json").read_text("utf-8")):
        # the model knows 李白 and no other author
        author = poem["author"] if "author" in hints and poem["author"] == "李白" else None
        title = poem["title"] if "title" in hints else None
        feed, state = poet.prompt("五絕", author, title), poet.stepper.initial_state()
        for character in "".join(poem["paragraphs"]):
            outputs, state = poet.stepper.step({"tokens": [feed]}, state)
            weights = np.exp(outputs["logits"][0].astype(np.float64))
            token = poet.vocabulary.get(character)
            if is_han(character):
                total -= math.log(weights[token] / weights.sum())
                count += 1
            feed = [token]
    figures = measure_perplexity(poet, corpus, hints=hints, batch=4)
    assert (figures["characters"], figures["poems"]) == (count, 6) == (120, 6)
    assert figures["perplexity"] == pytest.approx(math.exp(total / count), rel=1e-6)


def test_the_figures_of_a_poem_model_tell_what_title_and_author_are_worth(
    poem_file: Path, corpus: Path
) -> None:
    poet = Poet(Stepper(poem_file))
    figures = measure(poet, corpus)
    assert figures["perplexity"] == measure_perplexity(poet, corpus)["perplexity"]
    for kind in KINDS:
        wanted = measure_perplexity(poet, corpus, hints=(kind,))["perplexity"]
        assert figures[f"perplexity_with_{kind}"] == wanted != figures["perplexity"]


def test_some_poems_of_a_split_can_be_measured_alone(poem_file: Path, corpus: Path) -> None:
    poet, seen = Poet(Stepper(poem_file)), list[str]()

    def first(poem: Poem) -> bool:
        seen.append(poem.text)
        return len(seen) == 1

    assert measure_perplexity(poet, corpus, only=first)["poems"] == 1 < len(seen)
    with pytest.raises(DataError, match="no test poems"):
        measure_perplexity(poet, corpus, only=lambda _: False)


def write_idx(folder: Path) -> None:
    random = np.random.default_rng(0)
    for kind, array in (
        ("images-idx3", random.integers(0, 256, (30, 28, 28), np.uint8)),
        ("labels-idx1", random.integers(0, 10, 30).astype(np.uint8)),
    ):
        header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
        (folder / f"t10k-{kind}-ubyte").write_bytes(header + array.tobytes())


@pytest.mark.parametrize("file", ["digits_file", "bilateral_file"])
def test_the_accuracy_is_that_of_reading_one_by_one(
    file: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    write_idx(tmp_path)
    reader = DigitReader(Stepper(request.getfixturevalue(file)))
    pictures, labels = read_digits(tmp_path, "test")
    right = sum(reader.read(p).digit == label for p, label in zip(pictures, labels, strict=True))
    assert measure_accuracy(reader, tmp_path, batch=7)["right"] == right


def test_rows_give_a_distribution_after_each_row(digits_file: Path) -> None:
    reader = DigitReader(Stepper(digits_file))
    picture = np.random.default_rng(0).random((28, 28), np.float32)
    rows = np.stack(list(reader.rows(picture)))
    assert rows.shape == (28, 10)
    np.testing.assert_allclose(rows.sum(1), 1, atol=1e-6)
    assert np.array_equal(reader.read(picture).probabilities, rows[-1])


def test_a_bidirectional_reader_reads_whole_pictures_only(bilateral_file: Path) -> None:
    reader = DigitReader(Stepper(bilateral_file))
    assert reader.read(np.zeros((28, 28))).rows is None
    with pytest.raises(NotStreamingError):
        reader.rows(np.zeros((28, 28)))


@pytest.mark.parametrize(
    "picture", [np.zeros((28, 27)), np.full((28, 28), 2), np.full((28, 28), np.nan)]
)
def test_a_picture_of_other_values_or_shape_is_an_error(
    digits_file: Path, picture: np.ndarray[tuple[int, int], np.dtype[np.float64]]
) -> None:
    with pytest.raises(InputError, match="picture must"):
        DigitReader(Stepper(digits_file)).read(picture)
