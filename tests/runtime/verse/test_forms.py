import pytest

from qibu import InputError
from qibu.verse.forms import FORMS, MODEL_FORMS, find_form, form_of


def test_a_form_is_found_in_either_script() -> None:
    assert find_form("七绝") is find_form("七絕") is FORMS["七絕"]
    assert find_form("杂言").name == "雜言"
    assert find_form("古风").name == "古風"


def test_every_form_has_a_name_that_models_know() -> None:
    assert {form.control for form in FORMS.values()} <= set(MODEL_FORMS)


@pytest.mark.parametrize("lines", [10, 12, 40])
def test_an_extended_poem_has_any_even_number_of_lines_from_ten(lines: int) -> None:
    form = find_form("五排", lines)
    assert (form.line_count, form.regulated, form.control) == (lines, True, "五言")


@pytest.mark.parametrize(("length", "control"), [(5, "五言"), (7, "七言"), (6, "雜言")])
def test_an_old_style_poem_has_the_line_length_that_is_wished(length: int, control: str) -> None:
    form = find_form("古風", 6, length)
    assert (form.line_length, form.line_count, form.control) == (length, 6, control)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("俳句",), "七絕.*俳句"),
        (("五排", 8), "even and 10.*8"),
        (("五排", 11), "even and 10.*11"),
        (("五古", 3), "even and 2.*3"),
        (("七律", 6), "七律 has 8 lines, got 6"),
        (("雜言", 6), "ends where it ends"),
        (("七律", None, 5), "line_length of 七律 is 7, got 5"),
        (("古風", None, 1), "2..20, got 1"),
    ],
)
def test_a_form_that_there_is_not_is_an_error(
    arguments: tuple[str, int | None], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        find_form(*arguments)


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        (["白日依山盡"] * 4, "五絕"),
        (["錦瑟無端五十弦"] * 8, "七律"),
        (["白日依山盡"] * 12, "五排"),
        (["白日依山盡"] * 14, "五排"),
        (["白日依山盡"] * 13, "五古"),
        (["錦瑟無端五十弦"] * 6, "七古"),
        (["前不見古人", "念天地之悠悠"], "雜言"),
        ([], "雜言"),
    ],
)
def test_a_shape_has_a_name(lines: list[str], name: str) -> None:
    assert form_of(lines).name == name
