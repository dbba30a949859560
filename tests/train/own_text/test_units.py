"""Units of a text, and which are held out."""

import numpy as np
import pytest

from qibu.core.errors import DataError
from qibu_train.own_text.units import choose_held_out, cut, hash_of, part_size

TEXT = "one\ntwo\n\nthree and four\nfive" + "x" * 90 + "\nsix\n"


def pieces(size: int) -> list[str]:
    return [TEXT[start : start + size] for start in range(0, len(TEXT), size)]


@pytest.mark.parametrize("split", ["document", "line", "part"])
@pytest.mark.parametrize("size", [1, 3, 10, 1000])
def test_units_don_t_depend_on_how_a_text_is_read(split: str, size: int) -> None:
    assert list(cut(pieces(size), split, 8)) == list(cut([TEXT], split, 8))


def test_lines_come_without_their_ends_and_none_is_empty() -> None:
    assert list(cut([TEXT], "line", 8))[:3] == ["one", "two", "three and four"]


def test_parts_follow_upon_each_other_and_end_with_a_line_where_one_ends() -> None:
    parts = list(cut([TEXT], "part", 8))
    assert "".join(parts) == TEXT
    assert parts[:2] == ["one\ntwo\n", "\nthree and four\n"]
    assert all(8 <= len(part) <= 32 for part in parts[:-1])


@pytest.mark.parametrize(
    ("total", "size"), [(20_000, 1024), (1_000_000, 1024), (4_300_000, 8192), (10**9, 16384)]
)
def test_a_larger_text_has_larger_parts(total: int, size: int) -> None:
    assert part_size(total) == size


def choose(units: list[str], free: list[bool] | None = None, split: str = "line") -> list[bool]:
    sizes = [len(unit.encode()) for unit in units]
    can_be = free or [True] * len(units)
    return [bool(x) for x in choose_held_out([hash_of(u) for u in units], sizes, can_be, split)]


KNOWN = [22, 32, 63, 85]  # of the first hundred
UNITS = [f"unit number {number}" for number in range(1000)]


def test_about_one_in_twenty_is_held_out() -> None:
    assert 25 < sum(choose(UNITS)) < 85


def test_the_choice_goes_by_what_a_unit_says_and_not_by_where_it_is() -> None:
    held = {unit for unit, out in zip(UNITS, choose(UNITS), strict=True) if out}
    turned = UNITS[::-1] + [f"another {number}" for number in range(500)]
    again = {unit for unit, out in zip(turned, choose(turned), strict=True) if out}
    assert again & set(UNITS) == held


def test_the_choice_is_the_same_on_every_machine() -> None:
    assert [number for number, out in enumerate(choose(UNITS[:100])) if out] == KNOWN


def test_equal_units_fall_together() -> None:
    units = UNITS[:40] * 5
    out = choose(units)
    assert all(out[place] == out[place % 40] for place in range(len(units)))


def test_something_is_held_out_of_a_few_units_too() -> None:
    for units in (UNITS[:2], UNITS[:3], UNITS[7:12]):
        assert 0 < sum(choose(units)) < len(units)


def test_what_may_not_be_held_out_isn_t() -> None:
    free = [number % 2 == 0 for number in range(len(UNITS))]
    out = choose(UNITS, free)
    assert any(out)
    assert not any(held for held, can in zip(out, free, strict=True) if not can)


def test_a_unit_of_most_of_the_text_is_not_held_out() -> None:
    hashes = sorted(map(hash_of, UNITS[:50]))
    sizes = [10**6, *[10] * 49]  # the first has the lowest hash
    out = choose_held_out(hashes, sizes, [True] * 50, "document")
    assert out.any()
    assert not out[0]


@pytest.mark.parametrize("units", [["same"], ["same"] * 50])
def test_one_unit_alone_can_t_be_split(units: list[str]) -> None:
    with pytest.raises(DataError, match=r"too few different lines .*: 1; .*--split part"):
        choose(units)


def test_of_a_large_text_a_smaller_share_is_held_out() -> None:
    hashes = np.random.default_rng(0).integers(0, 2**64, 20_000, np.uint64)
    held = choose_held_out([int(h) for h in hashes], [10_000] * 20_000, [True] * 20_000, "part")
    assert 150_000 < 10_000 * held.sum() < 400_000
