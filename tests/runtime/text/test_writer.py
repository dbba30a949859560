from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import qibu
from qibu import InputError, ModelFileError, Poet, State, Stepper, UnknownCharacterError, Writer
from qibu.text.alphabet import BYTES
from qibu.text.utf8 import Utf8Rows

WILD = qibu.Sampling(temperature=3.0, top_k=0, top_p=1.0)  # any token may come


@pytest.fixture(params=["own_file", "byte_file"])
def writer(request: pytest.FixtureRequest) -> Writer:
    """Give a writer by the character, and one by the byte."""
    loaded = qibu.load(request.getfixturevalue(request.param))
    assert isinstance(loaded, Writer)
    return loaded


@pytest.fixture
def bytewise(byte_file: Path) -> Writer:
    return Writer(Stepper(byte_file))


def test_a_file_of_poems_is_a_poet_whose_tokens_a_writer_draws(poem_file: Path) -> None:
    poet = qibu.load(poem_file)
    assert isinstance(poet, Poet) and isinstance(poet.writer, Writer)


def test_a_seed_gives_a_text_and_another_another(writer: Writer) -> None:
    text = writer.write("a", seed=3, length=50).text
    assert text == writer.write("a", seed=3, length=50).text != writer.write("a", seed=4).text
    assert text.startswith("a") and len(text) <= 51


def test_a_stream_gives_whole_characters_and_what_write_gives(writer: Writer) -> None:
    pieces = list(writer.stream("ä", seed=5, length=40, sampling=WILD))
    assert pieces[0] == "ä" and all(len(piece) == 1 for piece in pieces)
    assert "".join(pieces) == writer.write("ä", seed=5, length=40, sampling=WILD).text


@pytest.mark.parametrize("seed", range(5))
def test_bytes_drawn_at_random_are_utf_8_always(bytewise: Writer, seed: int) -> None:
    writing = bytewise.write(seed=seed, length=300, sampling=WILD)
    assert "\N{REPLACEMENT CHARACTER}" not in writing.text
    assert len(writing.text) == writing.characters == 300 or writing.ended == "end"
    assert {len(c.encode()) for c in writing.text} >= {1, 2}


def test_texts_side_by_side_are_those_that_are_written_alone(writer: Writer) -> None:
    texts = writer.write_many(5, "b", seed=2**64 - 2, length=30, sampling=WILD)
    assert [text.seed for text in texts] == [2**64 - 2, 2**64 - 1, 0, 1, 2]
    for text in texts:
        assert text == writer.write("b", seed=text.seed, length=30, sampling=WILD)


def test_a_fork_goes_on_as_the_stream_does_and_another_seed_elsewhere(writer: Writer) -> None:
    stream = writer.stream("ab", seed=1, length=60, sampling=WILD)
    list(islice(stream, 11))
    same, other = stream.fork(), stream.fork(seed=8)
    rest = "".join(stream)
    assert "".join(same) == rest != "".join(other)


def test_a_text_forked_or_saved_goes_on_from_its_state(writer: Writer, tmp_path: Path) -> None:
    stream = writer.stream("ab", seed=1, length=60, sampling=WILD)
    written = "".join(islice(stream, 11))
    stream.state.save(tmp_path / "there.npz")
    ways = [
        writer.write(written, seed=4),
        writer.write(state=stream.state, seed=4),
        writer.write(state=State.load(tmp_path / "there.npz"), seed=4),
        writer.write(state=State.from_bytes(stream.state.to_bytes()), seed=4),
        writer.write(state=writer.read(written), seed=4),
        writer.write(written[4:], state=writer.read(written[:4]), seed=4),
    ]
    rests = {way.text.removeprefix(written).removeprefix(written[4:]) for way in ways}
    assert len(rests) == 1 and len(rests.pop()) > 10


def test_a_state_before_the_first_piece_is_that_of_the_beginning(writer: Writer) -> None:
    state = writer.stream("ab", seed=1).state
    wanted = writer.read("ab")
    assert all(np.array_equal(state[name], wanted[name]) for name in wanted)


def test_a_forked_stream_that_has_given_nothing_gives_its_beginning_too(writer: Writer) -> None:
    stream = writer.stream("ab", seed=1, length=9)
    assert "".join(stream.fork()) == "".join(stream)


def test_the_state_of_the_network_alone_goes_on_with_a_start(writer: Writer) -> None:
    tokens = writer.prompt("abc")
    _, state = writer.stepper.step({"tokens": [tokens]}, writer.stepper.initial_state())
    assert writer.write("d", state=state, seed=3).text == writer.write("abcd", seed=3).text[3:]
    with pytest.raises(InputError, match="give what it begins with"):
        writer.write(state=state)


def test_the_state_of_another_model_or_of_an_ended_text_is_refused(
    writer: Writer, poem_file: Path
) -> None:
    with pytest.raises(InputError, match="another model"):
        writer.stream("a", state=Stepper(poem_file).initial_state())
    ended = writer.read("a")
    token = np.array([[writer.end]], np.int64)
    ended = State({**ended, "tokens": token}, ended._pairs, writer.stepper.identity)
    with pytest.raises(InputError, match="has ended"):
        writer.stream("a", state=ended)


@pytest.mark.parametrize("stop", ["b", ["xyz", "b"], "ab"])
def test_a_text_ends_before_what_stops_it(writer: Writer, stop: str | list[str]) -> None:
    free = writer.write(seed=2, length=3000, sampling=WILD, allow="abc")
    writing = writer.write(seed=2, length=3000, sampling=WILD, allow="abc", stop=stop)
    stops = [stop] if isinstance(stop, str) else stop
    first = min(free.text.index(one) for one in stops if one in free.text)
    assert (writing.text, writing.ended) == (free.text[:first], "stop")
    stream = writer.stream(seed=2, length=3000, sampling=WILD, allow="abc", stop=stop)
    assert "".join(stream) == writing.text and stream.ended == "stop"


def test_a_network_may_end_its_text(make_text_file: Callable[..., Path]) -> None:
    writer = Writer(Stepper(make_text_file(ending=3.0)))
    texts = writer.write_many(20, seed=1, length=500, sampling=WILD)
    assert {text.ended for text in texts} == {"end"} and max(len(t.text) for t in texts) < 400
    stream = writer.stream(seed=1, length=500, sampling=WILD, stop="never")
    assert "".join(stream) == texts[0].text and stream.ended == "end"
    with pytest.raises(InputError, match="has ended, by its end"):
        stream.fork()
    with pytest.raises(InputError, match="has ended; begin a new one"):
        writer.stream(state=stream.state)


def test_what_might_have_been_a_stop_comes_at_last(writer: Writer) -> None:
    writing = writer.write(seed=2, length=7, allow="a", ban="", stop="a" * 20)
    assert writing.text == "a" * writing.characters


@given(st.text("ab", max_size=40), st.lists(st.text("ab", min_size=1, max_size=5), max_size=3))
def test_no_stop_is_missed_and_nothing_else_is_kept_back(text: str, stops: list[str]) -> None:
    from qibu.text.plain_text import PlainText

    class Letters:
        row = np.zeros(2, np.float32)

        def take(self, token: int) -> str:
            return "ab"[token]

        def fork(self) -> "Letters":
            return self

    going = PlainText(Letters(), None, len(text) + 1, stops)
    shown = ""
    for place, character in enumerate(text, 1):
        shown += going.take("ab".index(character))
        ends = [len(stop) for stop in stops if text[:place].endswith(stop)]
        if ends:
            assert (going.ended, shown) == ("stop", text[: place - max(ends)])
            return
        held = text[len(shown) : place]
        assert shown + held == text[:place]
        assert not held or any(stop.startswith(held) for stop in stops)


def test_only_allowed_characters_come_and_no_banned_ones(writer: Writer) -> None:
    allowed = writer.write(seed=1, length=80, sampling=WILD, allow="äé春b", ban="b").text
    assert set(allowed) == set("äé春")
    assert "a" not in writer.write(seed=1, length=300, sampling=WILD, ban="a").text


def test_all_characters_with_a_beginning_may_be_banned(bytewise: Writer) -> None:
    guide = bytewise.alphabet.guide(ban="".join(map(chr, range(0x80, 0xC0))))
    first = len(bytewise.vocabulary.controls)
    assert guide.row[first + 0xC2] == -np.inf and guide.row[first + 0xC3] == 0


def test_the_bytes_that_may_follow_are_those_of_unicodes_characters() -> None:
    rows = Utf8Rows(0, None, 256, None, None)

    def walk(begun: bytes) -> Any:
        for byte in np.flatnonzero(rows.after(begun) == 0).tolist():
            more = begun + bytes((byte,))
            if rows.is_whole(more):
                yield more
            elif more[0] < 0xE0:  # the rest is long, and alike
                yield from walk(more)

    short = list(walk(b""))
    assert sorted(data.decode() for data in short) == [chr(code) for code in range(0x800)]
    for lead, second in ((0xE0, 0x9F), (0xED, 0xA0), (0xF0, 0x8F), (0xF4, 0x90)):
        assert rows.after(bytes((lead,)))[second] == -np.inf
    assert not {0xC0, 0xC1, 0xF5, 0xFF} & set(np.flatnonzero(rows.after(b"") == 0).tolist())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"length": 0}, "length.*above 0, got 0"),
        ({"length": 2.5}, r"length.*got 2\.5"),
        ({"seed": -1}, "seed"),
        ({"stop": ""}, "stop is empty"),
        ({"stop": ["a", ""]}, "stop is empty"),
        ({"allow": ""}, "no character is left"),
        ({"allow": "ab", "ban": "ba"}, "no character is left.*allow 'ab' and ban 'ba'"),
        ({"on_unknown": "guess"}, "on_unknown must be"),
    ],
)
def test_what_cannot_be_had_is_an_error_before_the_first_piece(
    writer: Writer, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        writer.stream("a", **arguments)


def test_an_unknown_character_fails_is_left_out_or_is_read_as_such(own_file: Path) -> None:
    writer = Writer(Stepper(own_file))
    with pytest.raises(UnknownCharacterError, match=r"Ω.*skip"):
        writer.stream("aΩ")
    assert writer.write("aΩ", seed=1, on_unknown="skip") == writer.write("a", seed=1)
    replaced = writer.write("aΩ", seed=1, on_unknown="replace").text
    assert replaced.startswith("aΩ") and "Ω" not in replaced[2:]
    with pytest.raises(UnknownCharacterError, match="Ω"):
        writer.stream("a", allow="Ω")


def test_half_a_character_of_a_terminal_is_an_error(bytewise: Writer) -> None:
    with pytest.raises(InputError, match=r"character 2 .*\\udcff"):
        bytewise.stream("a\udcff")


def test_a_model_without_a_beginning_wants_to_be_given_one(
    make_text_file: Callable[..., Path],
) -> None:
    writer = Writer(Stepper(make_text_file("abc", ("<unk>",))))
    assert writer.write("a", seed=1, length=9).ended == "length"
    with pytest.raises(InputError, match=r"<start>.*give what it begins with"):
        writer.stream()


def test_a_vocabulary_of_bytes_must_be_that(make_text_file: Callable[..., Path]) -> None:
    with pytest.raises(ModelFileError, match="256 characters"):
        Stepper(make_text_file("abc", unit="byte"))
    with pytest.raises(ModelFileError, match="unit"):
        Stepper(make_text_file(BYTES, unit="word"))


def test_a_writer_of_digits_is_an_error(digits_file: Path) -> None:
    with pytest.raises(ModelFileError, match="no text model"):
        Writer(Stepper(digits_file))
