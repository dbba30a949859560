"""Which axis is the batch, and how the other free axes begin."""

import pytest
from port_lines import graph, ports

from qibu.core.axes import AxisWish, batch_axes_of_data, find_axes, fixed_batch
from qibu.core.errors import InputError
from qibu.core.pairing import find_pairs
from qibu.core.port import StatePair


@pytest.mark.parametrize(
    ("data", "state", "batch_axis", "start"),
    [
        # the data's own symbol
        ("x[batch,12]", "h[batch,32]", 0, 0),
        ("x[n1,12]", "h[2,n1,32]", 1, 0),
        ("x[seq,foo,10]", "h[1,foo,20]", 1, 0),
        ("x[N,45,80]", "cached_key[128,N,128]", 1, 0),
        ("x[N,45,80]", "processed_lens[N]i", 0, 0),
        ("x[T,b,80]", "h[2,b,64]", 1, 0),
        # a word for it
        ("x[1,12]", "h[2,B,64]", 1, 0),
        ("x[seq,1,10]", "h_0[2,b,20]", 1, 0),
        ("x[samples]", "h[num_streams,64]", 0, 0),
        # no name, at the usual place
        ("x[?,?]", "state[2,?,128]", 1, 0),
        ("x[?,12]", "h[?,32]", 0, 0),
        ("x[1,12]", "h[?,32]", 0, 0),
        ("x[?,?,512]", "in_cache[?,512,10]", 0, 0),
        ("x[?,?]", "past[?,4,?,16]", 0, 0),
        ("x[?,?]", "past[2,?,4,?,16]", 1, 0),
        ("x[?,?,80]", "cache[?,?,64]", 0, 0),
        ("x[?,4]", "h[2,GRUh_out_dim_1,64]", 1, 0),
        # none: all fixed, or time and nothing else
        ("x[1,12]", "h[1,1,32]", None, 0),
        ("x[b,T,80]", "att_cache[12,4,T_CACHE,128]", None, 0),
        ("x[1,seq,80]", "cache[1,cached_frames,80]", None, 0),
        ("x[seq,3,10]", "h[1,3,20]", None, 0),
        ("x[1,80]", "weights[1,seq_len]", None, 0),
        # growing beside the batch
        ("x[batch,seq,64]", "past[batch,4,past,16]", 0, 0),
        ("x[batch,seq,64]", "past[2,batch,4,past,16]", 1, 0),
        ("x[b,80,t]", "cache_last_channel[b,17,c,512]", 0, 0),
        # several that grow: the first state broadcasts
        ("src[batch_size,3,h,w]", "r1i[batch_size,channels,height,width]", 0, 1),
        ("src[?,3,?,?]", "r1i[?,?,?,?]", 0, 1),
        ("x[b,4]", "cache[b,heads,past,dim]", 0, (1, 0, 1)),
    ],
)
def test_batch_and_growing_axes_are_told_apart(
    data: str, state: str, batch_axis: int | None, start: int | tuple[int, ...]
) -> None:
    (port,) = ports(state)
    assert find_axes([port], ports(data)) == {port.name: (batch_axis, start)}


@pytest.mark.parametrize(
    ("state", "wish", "batch_axis", "start"),
    [
        ("c[12,?,?,8]", (None, "batch", 5, None), 1, 5),
        ("c[12,?,?,8]", (None, 5, "batch", 8), 2, 5),
        ("c[b,T,8]", (None, 16, None), 0, 16),
        ("c[b,T,8]", (0, "batch", None), 1, 0),
        ("c[b,T,8]", (3, 2, None), None, (3, 2)),
        ("c[b,h,w]", ("batch", None, 4), 0, (1, 4)),
        ("c[b,h,w]", (None, None, None), 0, 1),
    ],
)
def test_the_caller_is_believed_about_axes(
    state: str, wish: tuple[AxisWish, ...], batch_axis: int | None, start: int | tuple[int, ...]
) -> None:
    (port,) = ports(state)
    assert find_axes([port], ports("x[b,4]"), {"c": wish}) == {"c": (batch_axis, start)}


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        (("batch",), r"for each of c float \[2, b, 8\]; got 1"),
        (("batch", None, None), r"axis 0 is fixed to 2, got 'batch'"),
        ((3, "batch", None), r"axis 0 is fixed to 2, got 3"),
        ((None, -1, None), r"got -1 for axis 1"),
        ((None, True, None), r"got True for axis 1"),
        ((None, "time", None), r"got 'time' for axis 1"),
    ],
)
def test_axes_that_contradict_the_graph_are_an_error(
    wish: tuple[AxisWish, ...], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        find_axes(ports("c[2,b,8]"), [], {"c": wish})


def test_there_is_one_batch_axis() -> None:
    with pytest.raises(InputError, match="'batch' once"):
        find_axes(ports("c[a,b]"), [], {"c": ("batch", "batch")})


def test_axes_of_what_is_no_state_are_an_error() -> None:
    ins, outs = graph("x[b,4] h[b,8] -> y[b,2] hn[b,8]")
    with pytest.raises(InputError, match=r"axes names 'x', which is no state input; there are: h"):
        find_pairs(ins, outs, axes={"x": ("batch", None)})


def test_axes_reach_the_pair() -> None:
    ins, outs = graph("x[b,4] cache[2,b,T,8] -> y[b,2] new_cache[2,b,T2,8]")
    (pair,) = find_pairs(ins, outs, axes={"cache": (None, "batch", 7, None)})
    assert (pair.batch_axis, pair.start, pair.shape_for(3)) == (1, 7, (2, 3, 7, 8))


@pytest.mark.parametrize(
    ("shape", "batch_axis", "start", "wanted"),
    [
        ((2, None, 8), 1, 0, (2, 5, 8)),
        ((None, None, 8), 0, 0, (5, 0, 8)),
        ((None, None, None, None), 0, 1, (5, 1, 1, 1)),
        ((None, None, None), 0, (2, 3), (5, 2, 3)),
        ((12, None), None, 0, (12, 0)),
        ((1, 8), None, 0, (1, 8)),
    ],
)
def test_the_first_shape_has_batch_and_starts_in_place(
    shape: tuple[int | None, ...],
    batch_axis: int | None,
    start: int | tuple[int, ...],
    wanted: tuple[int, ...],
) -> None:
    assert StatePair("a", "b", shape, "float32", batch_axis, start).shape_for(5) == wanted


@pytest.mark.parametrize(
    ("line", "axes", "fixed"),
    [
        ("x[batch,12] h[batch,32] -> y[batch,2] hn[batch,32]", {"x": 0}, None),
        ("x[seq,b,10] h[1,b,20] -> y[1] hn[1,b,20]", {"x": 1}, None),
        ("x[seq,foo,10] h[1,foo,20] -> y[1] hn[1,foo,20]", {"x": 1}, None),
        # sequence first: its time is no batch
        ("input[sequence,3,10] h0[1,3,20] -> y[1] hn[1,3,20]", {"input": None}, 3),
        ("input[seq,1,10] h_0[2,b,20] -> y[1] h_n[2,b,20]", {"input": None}, 1),
        ("input[sequence_length,576] h[1,1,128] -> y[1] hn[1,1,128]", {"input": None}, 1),
        ("input[1,3,10] h[1,3,20] -> y[1] hn[1,3,20]", {"input": None}, 3),
        ("input[3,7,10] h[1,3,20] -> y[1] hn[1,3,20]", {"input": None}, 3),
        # the state holds one sequence, whatever the data would take
        ("audio[batch,2,samples] state_in[1,2] -> y[1] state_out[1,2]", {"audio": 0}, 1),
        ("x[b,T,80] cache[12,1,256,7] -> y[1] r_cache[12,1,256,7]", {"x": 0}, 1),
        ("x[b,12] h[64] -> y[1] hn[64]", {"x": 0}, 1),
        # a matrix is no batch of 64
        ("x[1,12] state[64,128] -> y[1] next_state[64,128]", {"x": None}, 1),
        ("x[?,?] sr[]i state[2,?,128] -> y[1] stateN[2,?,128]", {"x": 0, "sr": None}, None),
        ("x[1,45,80] h[2,b,20] -> y[1] hn[2,b,20]", {"x": None}, 1),
        ("obs[b,9] items[k,4] h[b,8] -> y[b] hn[b,8]", {"obs": 0, "items": None}, None),
    ],
)
def test_the_datas_batch_axis_or_the_files_batch_is_found(
    line: str, axes: dict[str, int | None], fixed: int | None
) -> None:
    ins, outs = graph(line)
    pairs = find_pairs(ins, outs)
    assert batch_axes_of_data(ins, pairs) == axes
    assert fixed_batch(ins, pairs) == fixed
