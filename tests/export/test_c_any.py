"""Any stateful file as C: strangers' graphs, states of any shape and type, names of any kind."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from graphs import cache, gru, leaky, model, port, save
from onnx import TensorProto, helper, numpy_helper

import qibu
from qibu.cli.main import main
from qibu.core.arrays import Array
from qibu.core.golden_trace import record_trace
from qibu.core.model_file import ModelSpec, PortNote
from qibu.core.port import StatePair
from qibu_export.targets.c import c_source
from qibu_export.targets.c.names import identifiers
from qibu_export.targets.stepping import Stepping

COMPILER = shutil.which("gcc") or shutil.which("cc")
STRICT = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-O1"]
SANITIZERS = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
INT64, BOOL, DOUBLE = TensorProto.INT64, TensorProto.BOOL, TensorProto.DOUBLE

pytestmark = pytest.mark.skipif(COMPILER is None, reason="needs a C compiler (Debian: gcc)")


def made(graph: onnx.ModelProto, folder: Path, **how: object) -> Path:
    """Write a graph as C, which holds the built check to its trace."""
    file, out = save(graph, folder / "theirs.onnx"), folder / "c"
    assert " off by " in c_source.write(file, out, Stepping(**how))  # type: ignore[arg-type]
    return out


def stepped(folder: Path, rows: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Build the program of a folder under sanitizers and step it over rows."""
    built = folder.parent / "step"
    sources = [str(path) for path in folder.glob("*.c") if path.name != "check.c"]
    if not built.exists():
        command = [str(COMPILER), *STRICT, *SANITIZERS, "-o", str(built), *sources, "-lm"]
        subprocess.run(command, check=True)
    return subprocess.run(
        [built],
        cwd=folder,
        input="\n".join(rows),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def agree(folder: Path, states: dict[str, str], inputs: dict[str, Array]) -> None:
    """Hold the program's outputs to onnxruntime's; `inputs` have a row for each step."""
    stepper = qibu.Stepper(folder.parent / "theirs.onnx", states=states)
    state, wanted, rows = stepper.initial_state(), [], []
    for step in range(len(next(iter(inputs.values())))):
        given = {
            name: np.reshape(values[step], [size or 1 for size in stepper.inputs[name].shape])
            for name, values in inputs.items()
        }
        outputs, state = stepper.step(given, state)
        wanted.append(np.concatenate([np.ravel(value) for value in outputs.values()]))
        rows.append(
            " ".join(
                str(float(v)) if v.dtype.kind == "f" else str(int(v))
                for array in given.values()
                for v in array.ravel()
            )
        )
    done = stepped(folder, rows)
    assert (done.returncode, done.stderr) == (0, "")
    found = np.array([line.split() for line in done.stdout.splitlines()], float)
    assert np.abs(found - np.array(wanted)).max() < 1e-5  # float32, sums in another order


def weight_bytes(folder: Path) -> int:
    """Give what the folder says of its weights."""
    told = (folder / "README.md").read_text("utf-8").partition("Weights ")[2]
    return int(told.split()[0].replace(",", ""))


def rows(steps: int, size: int) -> Array:
    return np.random.default_rng(1).normal(size=(steps, size)).astype(np.float32)


def renamed(graph: onnx.ModelProto, names: dict[str, str]) -> onnx.ModelProto:
    for node in graph.graph.node:
        for values in (node.input, node.output):
            for place, name in enumerate(values):
                values[place] = names.get(name, name)
    for value in (*graph.graph.input, *graph.graph.output):
        value.name = names.get(value.name, value.name)
    return graph


def weight(*shape: int) -> Array:
    return np.random.default_rng(2).normal(0, 0.4, shape).astype(np.float32)


@pytest.mark.parametrize("late", [0, 1])
@pytest.mark.parametrize("opset", [11, 14, 21])
def test_a_gru_of_any_opset(late: int, opset: int, tmp_path: Path) -> None:
    """h0 → hn, as in torch's documentation."""
    nodes = [
        helper.make_node(
            "GRU",
            ["x", "W", "R", "B", "", "h0"],
            ["y", "hn"],
            hidden_size=8,
            linear_before_reset=late,
        )
    ]
    graph = model(
        nodes,
        [port("x", ("time", "batch", 3)), port("h0", (1, "batch", 8))],
        [port("y", ("time", 1, "batch", 8)), port("hn", (1, "batch", 8))],
        W=weight(1, 24, 3),
        R=weight(1, 24, 8),
        B=weight(1, 48),
    )
    graph.opset_import[0].version = opset
    folder = made(graph, tmp_path, states={"h0": "hn"})
    agree(folder, {"h0": "hn"}, {"x": rows(5, 3)})


@pytest.mark.parametrize("cell", ["LSTM", "RNN"])
def test_other_cells_with_all_their_states(cell: str, tmp_path: Path) -> None:
    states = {"h0": "hn", "c0": "cn"} if cell == "LSTM" else {"h0": "hn"}
    gates = 4 if cell == "LSTM" else 1
    nodes = [
        helper.make_node(
            cell,
            ["x", "W", "R", "B", "", *states],
            ["", *states.values()],
            hidden_size=8,
            direction="forward",
        ),
        helper.make_node("MatMul", ["hn", "head"], ["score"]),
    ]
    graph = model(
        nodes,
        [port("x", ("time", 1, 3)), *(port(name, (1, 1, 8)) for name in states)],
        [port("score", (1, 1, 2)), *(port(name, (1, 1, 8)) for name in states.values())],
        W=weight(1, 8 * gates, 3),
        R=weight(1, 8 * gates, 8),
        B=weight(1, 16 * gates),
        head=weight(8, 2),
    )
    folder = made(graph, tmp_path, states=states)
    agree(folder, states, {"x": rows(5, 3)})
    header = (folder / "qibu.h").read_text("utf-8")
    assert all(f"float {name}[1][1][8];" in header for name in states)


@pytest.mark.parametrize(
    "attributes", [{"clip": 0.4}, {"activations": ["HardSigmoid", "Tanh"]}, {"hidden_size": 4}]
)
def test_a_gru_with_attributes_of_its_own(attributes: dict[str, object], tmp_path: Path) -> None:
    graph = gru()
    node = next(node for node in graph.graph.node if node.op_type == "GRU")
    names = [attribute.name for attribute in node.attribute]
    node.attribute.extend(
        helper.make_attribute(n, value) for n, value in attributes.items() if n not in names
    )
    folder = made(graph, tmp_path, states={"h_in": "h_out"})
    agree(folder, {"h_in": "h_out"}, {"x": rows(4, 3)})


def test_an_int64_counter_that_is_a_place_in_a_table(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("Gather", ["table", "count"], ["row"]),
        helper.make_node("Add", ["row", "x"], ["y"]),
        helper.make_node("Add", ["count", "one"], ["more"]),
        helper.make_node("Mod", ["more", "size"], ["next_count"]),
    ]
    graph = model(
        nodes,
        [port("x", (1, 2)), port("count", (), INT64)],
        [port("y", (1, 2)), port("next_count", (), INT64)],
        table=weight(5, 2),
        one=np.array(1),
        size=np.array(5),
    )
    folder = made(graph, tmp_path, states={"count": "next_count"})
    agree(folder, {"count": "next_count"}, {"x": rows(8, 2)})
    assert "int64_t count_[1];" in (folder / "qibu.h").read_text("utf-8")


def test_a_table_that_is_multiplied_with_too_is_kept_once(tmp_path: Path) -> None:
    """An embedding at both ends: its turned form would be as large again."""
    table = weight(50, 16)
    nodes = [
        helper.make_node("Gather", ["table", "token"], ["embedded"]),
        helper.make_node("Add", ["embedded", "sum"], ["sum_out"]),
        helper.make_node("MatMul", ["sum_out", "turned"], ["logits"]),
    ]
    graph = model(
        nodes,
        [port("token", ("batch",), INT64), port("sum", ("batch", 16))],
        [port("logits", ("batch", 50)), port("sum_out", ("batch", 16))],
        table=table,
        turned=np.ascontiguousarray(table.T),
    )
    folder = made(graph, tmp_path, states={"sum": "sum_out"})
    agree(folder, {"sum": "sum_out"}, {"token": np.arange(0, 50, 7)})
    assert weight_bytes(folder) < 1.1 * table.nbytes


def test_a_constant_that_repeats_itself_is_kept_once(tmp_path: Path) -> None:
    factor = np.repeat(np.array([0.5, 2.0, 3.0], np.float32), 64)
    nodes = [
        helper.make_node("Mul", ["x", "factor"], ["scaled"]),
        helper.make_node("Add", ["scaled", "offset"], ["shifted"]),
        helper.make_node("Add", ["shifted", "sum"], ["sum_out"]),
        helper.make_node("Tanh", ["sum_out"], ["y"]),
    ]
    graph = model(
        nodes,
        [port("x", ("batch", 192)), port("sum", ("batch", 192))],
        [port("y", ("batch", 192)), port("sum_out", ("batch", 192))],
        factor=factor,
        offset=np.full((1, 192), 0.25, np.float32),
    )
    folder = made(graph, tmp_path, states={"sum": "sum_out"})
    agree(folder, {"sum": "sum_out"}, {"x": rows(3, 192)})
    assert weight_bytes(folder) < factor.nbytes / 2


def test_an_index_outside_of_its_table_is_refused(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("Gather", ["table", "token"], ["embedded"]),
        helper.make_node("Add", ["embedded", "sum"], ["sum_out"]),
        helper.make_node("Identity", ["sum_out"], ["y"]),
    ]
    graph = model(
        nodes,
        [port("token", ("batch",), INT64), port("sum", ("batch", 2))],
        [port("y", ("batch", 2)), port("sum_out", ("batch", 2))],
        table=weight(5, 2),
    )
    folder = made(graph, tmp_path, states={"sum": "sum_out"})
    assert stepped(folder, ["4", "-5"]).returncode == 0
    for token in ("5", "-6", "9999999999"):
        done = stepped(folder, [token])
        assert done.returncode == 2 and "index outside of its table" in done.stderr
    done = stepped(folder, ["1.5"])
    assert done.returncode == 2 and "line 1" in done.stderr


def test_a_convolution_s_ring_of_inputs(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("Concat", ["ring", "x"], ["window"], axis=2),
        helper.make_node("Conv", ["window", "kernel", "bias"], ["raw"]),
        helper.make_node("Relu", ["raw"], ["y"]),
        helper.make_node("Slice", ["window", "from", "to", "axes"], ["ring_out"]),
    ]
    graph = model(
        nodes,
        [port("x", ("batch", 3, 1)), port("ring", ("batch", 3, 4))],
        [port("y", ("batch", 2, 1)), port("ring_out", ("batch", 3, 4))],
        kernel=weight(2, 3, 5),
        bias=weight(2),
        to=np.array([9]),
        axes=np.array([2]),
        **{"from": np.array([1])},
    )
    folder = made(graph, tmp_path, states={"ring": "ring_out"})
    agree(folder, {"ring": "ring_out"}, {"x": rows(9, 3)})


def test_states_of_other_types(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("Not", ["flag"], ["flag_out"]),
        helper.make_node("Where", ["flag", "x", "sum"], ["gated"]),
        helper.make_node("Add", ["sum", "gated"], ["sum_out"]),
        helper.make_node("Identity", ["sum_out"], ["y"]),
    ]
    graph = model(
        nodes,
        [port("x", (1, 2), DOUBLE), port("flag", (1,), BOOL), port("sum", (1, 2), DOUBLE)],
        [port("y", (1, 2), DOUBLE), port("flag_out", (1,), BOOL), port("sum_out", (1, 2), DOUBLE)],
    )
    states = {"flag": "flag_out", "sum": "sum_out"}
    folder = made(graph, tmp_path, states=states)
    agree(folder, states, {"x": rows(5, 2).astype(np.float64)})


NAMES = {"x": "serving_default_x:0", "h_in": "float", "score": "x.1", "h_out": "état/*→*/\n2"}


def test_names_that_are_no_identifiers(tmp_path: Path) -> None:
    folder = made(renamed(gru(), NAMES), tmp_path, states={"float": NAMES["h_out"]})
    agree(folder, {"float": NAMES["h_out"]}, {NAMES["x"]: rows(3, 3)})


def test_identifiers_are_each_name_s_own() -> None:
    names = ["x:0", "x.0", "x_0", "X", "int", "1", "", "再见", "INT8_MAX", "QIBU_OK", "a__b"]
    found = identifiers(names)
    assert len(set(found.values())) == len(names)
    assert [found[name] for name in ("x:0", "x.0", "x_0", "X")] == ["x_0", "x_0_2", "x_0_3", "X"]
    assert all(made.isidentifier() and made.isascii() for made in found.values())
    assert found["int"] == "int_" and found["1"] == "n1"


def test_a_slice_that_runs_backwards_and_a_product_by_letters(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("Slice", ["x", "from", "to", "axes", "steps"], ["turned"]),
        helper.make_node("Reshape", ["turned", "sizes"], ["grouped"]),
        helper.make_node("Einsum", ["grouped", "W"], ["mixed"], equation="btgi,gih->bhtg"),
        helper.make_node("ReduceSum", ["mixed", "last"], ["summed"], keepdims=0),
        helper.make_node("Add", ["s", "summed"], ["s_out"]),
        helper.make_node("Identity", ["s_out"], ["y"]),
    ]
    graph = model(
        nodes,
        [port("x", (1, 1, 6)), port("s", (1, 4, 1))],
        [port("y", (1, 4, 1)), port("s_out", (1, 4, 1))],
        to=np.array([-7]),
        axes=np.array([2]),
        steps=np.array([-1]),
        sizes=np.array([1, 1, 2, 3]),
        W=weight(2, 3, 4),
        last=np.array([3]),
        **{"from": np.array([-1])},
    )
    folder = made(graph, tmp_path, states={"s": "s_out"})
    agree(folder, {"s": "s_out"}, {"x": rows(4, 6)})


@pytest.mark.parametrize("cell", ["GRU", "RNN", "LSTM"])
@pytest.mark.parametrize("direction", ["bidirectional", "reverse"])
def test_a_cell_that_reads_a_step_s_bands_both_ways(
    cell: str, direction: str, tmp_path: Path
) -> None:
    """Within one step a network may read both ways: speech enhancers do, over the frequencies."""
    ways, gates = 1 + (direction == "bidirectional"), {"RNN": 1, "GRU": 3, "LSTM": 4}[cell]
    inputs = ["x", "W", "R", "B", "", "first"] + ["first"] * (cell == "LSTM")
    nodes = [
        helper.make_node(cell, inputs, ["bands"], hidden_size=4, direction=direction),
        helper.make_node("ReduceSum", ["bands", "axes"], ["summed"], keepdims=0),
        helper.make_node("Add", ["s", "summed"], ["s_out"]),
        helper.make_node("Identity", ["s_out"], ["y"]),
    ]
    graph = model(
        nodes,
        [port("x", (5, 1, 3)), port("s", (5, ways))],
        [port("y", (5, ways)), port("s_out", (5, ways))],
        W=weight(ways, 4 * gates, 3),
        R=weight(ways, 4 * gates, 4),
        B=weight(ways, 8 * gates),
        first=weight(ways, 1, 4),
        axes=np.array([2, 3]),
    )
    folder = made(graph, tmp_path, states={"s": "s_out"})
    agree(folder, {"s": "s_out"}, {"x": rows(3, 15)})


def scan() -> onnx.ModelProto:
    """Two scan inputs, a state that passes through unchanged, an output along another axis."""
    body = helper.make_graph(
        [
            helper.make_node("Add", ["s", "a"], ["sa"]),
            helper.make_node("Mul", ["sa", "b"], ["s_next"]),
            helper.make_node("Mul", ["s_next", "two"], ["out"]),
            helper.make_node("Identity", ["same"], ["still"]),
        ],
        "body",
        [port("s", (2,)), port("same", (2,)), port("a", (2,)), port("b", (2,))],
        [port("s_next", (2,)), port("still", (2,)), port("out", (2,))],
        [numpy_helper.from_array(np.array([2], np.float32), "two")],
    )
    node = helper.make_node(
        "Scan",
        ["s0", "k0", "a", "b"],
        ["s1", "k1", "y"],
        body=body,
        num_scan_inputs=2,
        scan_input_axes=[0, 1],
        scan_output_axes=[1],
    )
    return model(
        [node],
        [port("s0", (2,)), port("k0", (2,)), port("a", ("time", 2)), port("b", (2, "time"))],
        [port("s1", (2,)), port("k1", (2,)), port("y", (2, "time"))],
    )


def test_a_scan_of_somebody_else_s(tmp_path: Path) -> None:
    states = {"s0": "s1", "k0": "k1"}
    folder = made(scan(), tmp_path, states=states)
    agree(folder, states, {"a": rows(4, 2), "b": rows(4, 2)})


def branching() -> onnx.ModelProto:
    def branch(name: str, factor: float) -> onnx.GraphProto:
        value = numpy_helper.from_array(np.array([factor], np.float32), f"{name}_factor")
        node = helper.make_node("Mul", ["x", f"{name}_factor"], [name])
        return helper.make_graph([node], name, [], [port(name, (1, 3))], [value])

    nodes = [
        helper.make_node("Equal", ["rate", "wanted"], ["fast"]),
        helper.make_node(
            "If", ["fast"], ["scaled"], then_branch=branch("then", 2), else_branch=branch("else", 3)
        ),
        helper.make_node("Add", ["state", "scaled"], ["stateN"]),
        helper.make_node("ReduceSum", ["stateN"], ["y"], keepdims=0),
    ]
    return model(
        nodes,
        [port("x", (1, "samples")), port("rate", (), INT64), port("state", (1, 3))],
        [port("y", ()), port("stateN", (1, 3))],
        wanted=np.array(16000),
    )


def test_a_branch_is_taken_at_export_where_its_input_never_changes(tmp_path: Path) -> None:
    folder = made(
        branching(),
        tmp_path,
        sizes={"x": (1, 3)},
        constants={"rate": (16000.0,)},
        states={"state": "stateN"},
    )
    code = (folder / "graph.c").read_text("utf-8")
    assert "OpType: If" not in code and "rate" not in (folder / "qibu.h").read_text("utf-8")
    assert stepped(folder, ["1 2 3", "1 1 1"]).stdout.split() == ["12", "18"]


def test_sizes_that_are_missing_are_asked_for(tmp_path: Path) -> None:
    file = save(branching(), tmp_path / "theirs.onnx")
    with pytest.raises(qibu.ModelFileError, match=r"--example NAME=1,1,12"):
        c_source.write(file, tmp_path / "c", Stepping({"state": "stateN"}))
    assert os.listdir(tmp_path) == ["theirs.onnx"]


def test_a_cache_that_grows_is_refused_by_name(tmp_path: Path) -> None:
    file = save(cache(), tmp_path / "theirs.onnx")
    spec = ModelSpec((StatePair("past", "present", (None, None, 2), batch_axis=0),))
    save(cache(), file, spec)
    with pytest.raises(qibu.ModelFileError, match=r"'past': it grows, \[1, 0, 2\] .* \[1, 1, 2\]"):
        c_source.write(file, tmp_path / "c")


def test_an_operator_that_c_can_t_be_made_of_is_named(tmp_path: Path) -> None:
    graph = leaky(x=(1, 3), state=(1, 3))
    graph.graph.node.append(helper.make_node("RandomNormalLike", ["x"], ["z"], name="dice"))
    graph.graph.output.append(port("z", (1, 3)))
    file = save(graph, tmp_path / "theirs.onnx")
    with pytest.raises(qibu.ModelFileError, match="RandomNormalLike"):
        c_source.write(file, tmp_path / "c", Stepping({"state_in": "state_out"}))


@pytest.mark.parametrize("dtype", [TensorProto.STRING, TensorProto.FLOAT16])
def test_a_type_that_c_lacks_is_refused(dtype: int, tmp_path: Path) -> None:
    graph = leaky(x=(1, 3), state=(1, 3))
    graph.graph.input.append(port("words", (1,), dtype))
    graph.graph.output.append(port("echo", (1,), dtype))
    graph.graph.node.append(helper.make_node("Identity", ["words"], ["echo"]))
    file = save(graph, tmp_path / "theirs.onnx")
    with pytest.raises(qibu.ModelFileError, match="words"):
        c_source.write(file, tmp_path / "c", Stepping({"state_in": "state_out"}))


def own_file(path: Path) -> Path:
    """A file with a document of its own: a first state, notes, a default, a trace."""
    first = np.array([[0.5, -1.0, 2.0]], np.float32)
    graph = leaky()
    graph.graph.node.insert(0, helper.make_node("Mul", ["x", "gain"], ["louder"]))
    graph.graph.node[1].input[1] = "louder"
    graph.graph.input.append(port("gain", (1,)))
    spec = ModelSpec(
        (StatePair("state_in", "state_out", (None, 3), batch_axis=0, initial=first),),
        description="A leaky sum */ of three sensors",
        ports={"y": PortNote("the sums", unit="mm", labels=("left", "middle", "right"))},
        defaults={"gain": 0.5},
    )
    save(graph, path, spec)
    stepper = qibu.Stepper(path)
    inputs = [{"x": np.full((1, 3), step, np.float32)} for step in range(3)]
    return save(graph, path, replace(spec, trace=record_trace(stepper, inputs, 1e-6)))


def test_a_file_s_own_words_values_and_trace(tmp_path: Path) -> None:
    told = c_source.write(own_file(tmp_path / "theirs.onnx"), tmp_path / "c")
    assert "3 steps: outputs off by 0.0e+00" in told
    header = (tmp_path / "c" / "qibu.h").read_text("utf-8")
    assert "y: [1, 3] float32; the sums; in mm; of left, middle, right" in header
    assert "A leaky sum * / of three sensors" in header
    assert "#define QIBU_FORMAT_VERSION 2" in header
    assert stepped(tmp_path / "c", ["0 0 0 1", "2 2 2 0.5"]).stdout.splitlines() == [
        "0.5 -1 2",
        "1.5 0 3",
    ]


def test_bad_rows_end_in_a_message(tmp_path: Path) -> None:
    c_source.write(own_file(tmp_path / "theirs.onnx"), tmp_path / "c")
    for row, told in (
        ("0 0 0", "input gain must be 1 float32"),
        ("0 0 0 1 7", "more numbers"),
        ("0 0 nan 1", "an input has NaN"),
        ("0 0 x 1", "input x must be 3 float32"),
    ):
        done = stepped(tmp_path / "c", ["0 0 0 1", row])
        assert done.returncode == 2 and f"line 2: {told}" in done.stderr
    anew = stepped(tmp_path / "c", ["1 1 1 1", "", "0 0 0 1"]).stdout.splitlines()
    assert anew[1] == "0.5 -1 2"


def test_folders_and_files_may_be_relative(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    save(leaky(), tmp_path / "theirs.onnx")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    for target, path in (("--c", "digits"), ("--c", "../a/b"), ("--ort", "m.ort")):
        assert main(["export", "../theirs.onnx", target, path]) == 0, capsys.readouterr().err
        assert Path(path).exists()
    assert "off by" in capsys.readouterr().out


def test_int8_of_somebody_else_s_is_exact(tmp_path: Path) -> None:
    """Weights with a zero of their own, in columns: the generator's own loops."""
    nodes = [
        helper.make_node("DynamicQuantizeLinear", ["x"], ["q", "scale", "zero"]),
        helper.make_node("MatMulInteger", ["q", "W", "zero", "W_zero"], ["whole"]),
        helper.make_node("Cast", ["whole"], ["real"], to=1),
        helper.make_node("Mul", ["real", "scale"], ["scaled"]),
        helper.make_node("Add", ["scaled", "s"], ["s_out"]),
        helper.make_node("Identity", ["s_out"], ["y"]),
    ]
    graph = model(
        nodes,
        [port("x", ("batch", 9)), port("s", ("batch", 4))],
        [port("y", ("batch", 4)), port("s_out", ("batch", 4))],
        W=np.random.default_rng(0).integers(-127, 128, (9, 4)).astype(np.int8),
        W_zero=np.array(3, np.int8),
    )
    made(graph, tmp_path, states={"s": "s_out"})


def test_weights_in_another_file_are_read(tmp_path: Path) -> None:
    path = tmp_path / "theirs.onnx"
    onnx.save(gru(), path, save_as_external_data=True, location="w.data", size_threshold=99)
    assert "off by" in c_source.write(path, tmp_path / "c", Stepping({"h_in": "h_out"}))
    assert main(["export", str(path), "--ort", str(tmp_path / "m.ort")]) == 0
