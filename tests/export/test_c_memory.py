"""Values of generated C that live at different times share their place."""

import re

import pytest

from qibu_export.targets.c.c_memory import share_memory


def source(values: str, *calls: str, given: str = "const float x[restrict 1][4]") -> str:
    """Write C as the generator does; a call is `Operator: arguments`."""
    functions, called = [], []
    for number, call in enumerate(calls):
        kind, arguments = call.split(": ")
        functions.append(
            f"/*\n * Node {number}:\n * OpType: {kind}\n * Name: n\n * Attrs:\n *   axis: 1\n */\n"
            f"EMX_NODE_FN void node{number}_n(void) {{\n    for (;;) {{\n    }}\n}}\n"
        )
        called.append(f"    node{number}_n({arguments});")
    step = f"void qibu_graph({given}, float y[restrict 1][4]) {{"
    declared = [f"    {value};" for value in values.split("; ")]
    return "\n".join([*functions, step, *declared, *called, "}"])


def places(made: str) -> dict[str, str]:
    """Give where each value lies, by its number."""
    return dict(re.findall(r"\btmp(\d+)_.*\(*(\b\w+ \+ \d+)\);", made))


def calls(made: str) -> list[str]:
    return re.findall(r"^    (node\d+)_n\(", made, re.MULTILINE)


def test_a_value_takes_the_place_of_one_that_is_no_longer_used() -> None:
    made, size = share_memory(
        source(
            "float tmp0_a[1][2]; float tmp1_b[2]; uint8_t tmp2_c[2]; float tmp3_d[2]",
            "Softmax: x, tmp0_a",
            "Softmax: tmp0_a, tmp1_b",
            "Softmax: tmp1_b, tmp2_c",
            "Softmax: tmp2_c, tmp3_d",
            "Softmax: tmp3_d, y",
        )
    )
    assert size == 2 * 2 * 4 + 2  # two floats' values at a time, and the whole numbers beside
    assert "float float_values[4];" in made and "uint8_t uint8_t_values[2];" in made
    assert "float (*const tmp0_a)[2] = (float (*)[2])(float_values + 0);" in made
    assert "float *const tmp1_b = (float_values + 2);" in made  # beside a, from which it is made
    assert "float *const tmp3_d = (float_values + 0);" in made
    assert calls(made) == ["node0", "node1", "node2", "node3", "node4"]


def test_an_elementwise_result_lies_over_what_it_is_the_last_to_read() -> None:
    values = "float tmp0_a[1][4]; float tmp1_b[1][4]; float tmp2_c[1][4]"
    first = "Softmax: x, tmp0_a"
    made, size = share_memory(
        source(
            values, first, "Tanh: tmp0_a, tmp1_b", "Mul: tmp1_b, weight0, tmp2_c", "Add: tmp2_c, y"
        )
    )
    assert size == 4 * 4
    assert set(places(made).values()) == {"float_values + 0"}
    still_read, size = share_memory(
        source(
            values, first, "Tanh: tmp0_a, tmp1_b", "Mul: tmp1_b, tmp0_a, tmp2_c", "Add: tmp2_c, y"
        )
    )
    assert size == 2 * 4 * 4
    assert places(still_read)["1"] != places(still_read)["0"]


def test_a_result_never_lies_over_an_input_that_is_read_again_for_each_of_its_values() -> None:
    made, size = share_memory(
        source(
            "float tmp0_a[1][4]; float tmp1_b[1][4]; float tmp2_c[4][4]; float tmp3_d[1][4]",
            "Softmax: x, tmp0_a",
            "Add: tmp0_a, tmp0_a, tmp2_c",  # of another count
            "MatMul: tmp2_c, tmp1_b",
            "MatMul: tmp1_b, tmp3_d",  # not elementwise
            "MatMul: tmp3_d, y",
        )
    )
    assert size == (16 + 4) * 4
    assert places(made)["0"] == "float_values + 16"
    assert places(made)["3"] != places(made)["1"]


def test_what_only_names_a_value_anew_is_a_view_without_a_call() -> None:
    made, size = share_memory(
        source(
            "float tmp0_a[4]; float tmp1_b[2][2]; float tmp2_c[4][1]; float tmp3_d[1][4]",
            "Reshape: x, tmp0_a",
            "Softmax: tmp0_a, tmp1_b",
            "Reshape: tmp1_b, tmp2_c",
            "Unsqueeze: tmp2_c, tmp3_d",
            "Softmax: tmp3_d, y",
        )
    )
    assert size == 4 * 4
    assert calls(made) == ["node1", "node4"]
    assert "Node 0" not in made and "Node 3" not in made  # nor the functions
    assert "const float *const tmp0_a = ((const float *)x + 0);" in made
    assert "float (*const tmp3_d)[4] = (float (*)[4])(float_values + 0);" in made
    assert "tmp2_c" not in made  # a variable that nothing reads would be a warning


def test_parts_of_one_piece_are_views_of_it_as_long_as_one_lives() -> None:
    made, size = share_memory(
        source(
            "float tmp0_a[1][4]; float tmp1_b[1][1]; float tmp2_c[1][3]; float tmp3_d[1][4]",
            "Softmax: x, tmp0_a",
            "Split: tmp0_a, tmp1_b, tmp2_c",
            "Softmax: tmp1_b, tmp3_d",
            "Softmax: tmp2_c, tmp3_d, y",
        )
    )
    assert size == 2 * 4 * 4
    assert calls(made) == ["node0", "node2", "node3"]
    assert places(made)["2"] == "float_values + 1"
    assert places(made)["3"] == "float_values + 4"  # c, in a's place, is read later


@pytest.mark.parametrize("kept", ["Split: tmp0_a, tmp1_b, tmp2_c", "Reshape: weight0, tmp1_b"])
def test_what_does_not_lie_in_one_piece_is_copied(kept: str) -> None:
    values = "float tmp0_a[2][2]; float tmp1_b[2][1]; float tmp2_c[2][1]"
    made, _ = share_memory(source(values, "Softmax: x, tmp0_a", kept, "Add: tmp1_b, tmp2_c, y"))
    assert calls(made) == ["node0", "node1", "node2"]


def test_a_result_may_lie_over_one_part_but_not_over_another_that_is_read_beside_it() -> None:
    made, _ = share_memory(
        source(
            "float tmp0_a[1][8]; float tmp1_b[1][4]; float tmp2_c[1][4]; float tmp3_d[1][4]",
            "Softmax: x, tmp0_a",
            "Split: tmp0_a, tmp1_b, tmp2_c",
            "Mul: tmp1_b, tmp2_c, tmp3_d",
            "Softmax: tmp3_d, y",
        )
    )
    assert places(made)["3"] in (places(made)["1"], places(made)["2"])


def test_source_without_temporary_values_stays_as_it_is() -> None:
    assert share_memory("int main(void) {\n}") == ("int main(void) {\n}", 0)
