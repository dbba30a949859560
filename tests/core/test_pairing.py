"""Names of graphs' ports tell the states, or an error asks; never the data, never a part."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from port_lines import Graph, collection, graph, ports

from qibu.core.errors import InputError, ModelFileError
from qibu.core.pairing import find_pairs
from qibu.core.port import Port

STATEFUL, STATELESS, REFUSED = map(collection, ("stateful", "stateless", "refused"))
SEVERAL = {title: row for title, row in STATEFUL.items() if len(row[1].split()) > 1}


def found(ins_and_outs: Graph, states: dict[str, str] | None = None) -> dict[str, str]:
    return {pair.input: pair.output for pair in find_pairs(*ins_and_outs, states)}


def expected(wanted: str) -> dict[str, str]:
    return dict(pair.split(">", 1) for pair in wanted.split())


@pytest.mark.parametrize(("ins_and_outs", "wanted"), STATEFUL.values(), ids=STATEFUL)
def test_states_are_paired_by_how_their_names_are_built(ins_and_outs: Graph, wanted: str) -> None:
    assert found(ins_and_outs) == expected(wanted)


@pytest.mark.parametrize(("ins_and_outs", "wanted"), STATEFUL.values(), ids=STATEFUL)
def test_the_order_of_ports_never_makes_a_wrong_pair(ins_and_outs: Graph, wanted: str) -> None:
    for seed in range(4):
        ins, outs = (random.Random(seed).sample(side, len(side)) for side in ins_and_outs)
        try:
            assert found((ins, outs)) == expected(wanted)
        except ModelFileError:  # only the order tells the data of names that tell nothing
            assert all(port.name.startswith(("input", "onnx::")) for port in ins)


@pytest.mark.parametrize(("ins_and_outs", "wanted"), SEVERAL.values(), ids=SEVERAL)
def test_a_part_of_several_states_is_never_paired_without_a_word(
    ins_and_outs: Graph, wanted: str
) -> None:
    ins, outs = ins_and_outs
    for missing in expected(wanted):
        with pytest.raises(ModelFileError, match=r"states=\{"):
            find_pairs([port for port in ins if port.name != missing], outs)


@pytest.mark.parametrize(("ins_and_outs", "_"), STATELESS.values(), ids=STATELESS)
def test_data_is_never_paired(ins_and_outs: Graph, _: str) -> None:
    with pytest.raises(ModelFileError, match=r"no state found.*states=\{"):
        find_pairs(*ins_and_outs)


@pytest.mark.parametrize(("ins_and_outs", "name"), REFUSED.values(), ids=REFUSED)
def test_a_doubt_is_an_error_that_names_what_is_left_over(ins_and_outs: Graph, name: str) -> None:
    with pytest.raises(ModelFileError, match=r"states=\{") as error:
        find_pairs(*ins_and_outs)
    assert name in str(error.value)


def test_the_error_shows_the_very_states_to_write() -> None:
    doubtful = graph("x[1,4] h_in[1,8] foo_in[1,8] -> y[1,2] h_out[1,8] foo_out[1,8]")
    with pytest.raises(ModelFileError) as error:
        find_pairs(*doubtful)
    assert str(error.value) == (
        "states left over beside h_in → h_out: inputs foo_in float [1, 8]; "
        "outputs foo_out float [1, 8]; if they carry state, say so with "
        'states={"h_in": "h_out", "foo_in": "foo_out"}; leave out what doesn\'t'
    )
    assert found(doubtful, {"h_in": "h_out"}) == {"h_in": "h_out"}


def test_what_the_caller_says_goes_before_every_name() -> None:
    odd = graph("x[1,8] h[1,8] -> y[1,8] h_out[1,8]")
    assert found(odd, {"x": "h_out", "h": "y"}) == {"x": "h_out", "h": "y"}
    assert found(odd, {}) == {}


@pytest.mark.parametrize(
    ("states", "message"),
    [
        ({"zz": "hn"}, r"input 'zz'; the graph has x, h"),
        ({"h": "zz"}, r"output 'zz'; the graph has y, hn"),
        ({"h": "hn", "x": "hn"}, r"h and x the same output 'hn'"),
    ],
)
def test_states_that_the_graph_lacks_or_doubles_are_an_error(
    states: dict[str, str], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        find_pairs(*graph("x[1,8] h[1,8] -> y[1,8] hn[1,8]"), states)


@pytest.mark.parametrize("output", ["y[1,8]half", "y[8]", "y[1,9]", "y[1,1,8]"])
def test_states_that_cannot_be_fed_back_are_an_error(output: str) -> None:
    with pytest.raises(
        ModelFileError, match=r"output y .*can't be fed back into state input h float"
    ):
        find_pairs(*graph(f"x[1,4] h[1,8] -> {output}"), {"h": "y"})


def test_a_growing_axis_may_have_another_symbol_on_either_side() -> None:
    (pair,) = find_pairs(*graph("x[b,1] kv[b,past,8] -> y[b,1] out[b,total,8]"), {"kv": "out"})
    assert (pair.shape, pair.batch_axis, pair.start) == ((None, None, 8), 0, 0)


def test_an_output_of_unknown_rank_is_taken_at_the_callers_word() -> None:
    # onnxruntime gives the shape of a scalar for it
    assert found(graph("x[1,4] s[1,8] -> y[1,2] t[]"), {"s": "t"}) == {"s": "t"}


def test_a_state_of_a_type_that_numpy_lacks_is_an_error() -> None:
    with pytest.raises(ModelFileError, match="bfloat16"):
        find_pairs(*graph("x[1,4] h[1,8]bfloat16 -> y[1,2] hn[1,8]bfloat16"))


def test_pairs_carry_type_and_shape() -> None:
    pairs = find_pairs(
        *graph("x[N,4] c[12,N,T,8]half n_lens[N]i -> y[N] new_c[12,N,U,8]half new_n_lens[N]i"),
        {"c": "new_c", "n_lens": "new_n_lens"},
    )
    assert [(p.shape, p.dtype, p.shape_for(3)) for p in pairs] == [
        ((12, None, None, 8), "float16", (12, 3, 0, 8)),
        ((None,), "int64", (3,)),
    ]


def test_many_caches_are_paired_in_no_time() -> None:
    layers = [(layer, kind) for layer in range(80) for kind in ("key", "value")]
    past = " ".join(f"past_key_values.{layer}.{kind}[b,8,p,64]" for layer, kind in layers)
    present = " ".join(f"present.{layer}.{kind}[b,8,t,64]" for layer, kind in layers)
    assert len(found(graph(f"ids[b,s]i {past} -> logits[b,s,9] {present}"))) == 160


WORDS = st.sampled_from(
    [
        *("h", "c", "x", "in", "out", "state", "cache", "prev", "next", "new", "past", "present"),
        *("n", "0", "1", "2", "key", "value", "hidden", "input", "output", "audio", "mask", "foo"),
        *("N", "t", "len", "i", "o", "r", "memory"),
    ]
)
NAMES = st.lists(WORDS, min_size=1, max_size=4).flatmap(
    lambda words: st.sampled_from([joint.join(words) for joint in ("_", ".", "", "/")])
)
PORTS = st.lists(
    st.tuples(NAMES, st.sampled_from(["[1,8]", "[b,8]", "[b,T,8]", "[?,?]", "[]", "[1,4]i"])),
    max_size=5,
    unique_by=lambda port: port[0],
)


@given(PORTS, PORTS)
def test_any_names_give_pairs_that_fit_or_an_error(
    ins: list[tuple[str, str]], outs: list[tuple[str, str]]
) -> None:
    inputs: list[Port] = ports(" ".join(name + axes for name, axes in ins))
    outputs: list[Port] = ports(" ".join(name + axes for name, axes in outs))
    try:
        pairs = find_pairs(inputs, outputs)
    except ModelFileError as error:
        assert "states=" in str(error)
        return
    assert len({pair.output for pair in pairs}) == len(pairs)
    assert found((inputs, outputs), {p.input: p.output for p in pairs})
