"""Values of generated C that live at different times share their place."""

from qibu_export.targets.c.c_memory import share_memory

SOURCE = """void step(const float x[2], float y[2]) {
    float tmp0_a[1][2];
    float tmp1_b[2];
    uint8_t tmp2_c[2];
    float tmp3_d[2];
    node0(x, tmp0_a);
    node1(tmp0_a, tmp1_b);
    node2(tmp1_b, tmp2_c);
    node3(tmp2_c, tmp3_d);
    node4(tmp3_d, y);
}"""


def test_a_value_takes_the_place_of_one_that_is_no_longer_used() -> None:
    made, size = share_memory(SOURCE)
    assert size == 2 * 2 * 4 + 2  # two floats' values at a time, and the whole numbers beside
    assert "float float_values[4];" in made and "uint8_t uint8_t_values[2];" in made
    assert "float (*const tmp0_a)[2] = (float (*)[2])(float_values + 0);" in made
    assert "float *const tmp1_b = (float_values + 2);" in made  # beside a, from which it is made
    assert "float *const tmp3_d = (float_values + 0);" in made


def test_the_calls_stay_as_they_are() -> None:
    made, _ = share_memory(SOURCE)
    assert [line for line in made.split("\n") if "node" in line] == [
        line for line in SOURCE.split("\n") if "node" in line
    ]


def test_source_without_temporary_values_stays_as_it_is() -> None:
    assert share_memory("int main(void) {\n}") == ("int main(void) {\n}", 0)
