"""What is compared before a file is believed, and which mistakes that catches."""

import math
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import numpy_helper

import qibu_export.module.writing
from qibu.cli.main import main
from qibu.core.arrays import Array
from qibu.core.errors import VerificationError
from qibu.core.stepper import Stepper
from qibu.text.vocabulary import Vocabulary
from qibu_export.module.discovery import Plan
from qibu_export.module.equality import onnx_run
from qibu_export.module.graph import build_graph
from qibu_export.module.operators import GATES
from qibu_export.module.stepping import LIMIT, Run
from qibu_export.trained.export import export
from qibu_train.core.checkpoint import Checkpoint
from qibu_train.core.recurrent import CELLS
from qibu_train.text.network import TextNetwork

from .conftest import EXPORTED

MakeCheckpoint = Callable[..., Checkpoint]
SaveRun = Callable[[Checkpoint, Path], Path]

# float32 rounds each of some hundred sums of 16 products by about 6e-8
TOLERANCE = 2e-6

EVERY_CELL = [("poem", "lstm"), ("digits", "gru"), ("digits", "rnn")]
GATED = [key for key in EXPORTED if key[1] != "rnn"]


def feeds_of(checkpoint: Checkpoint, batch: int, time: int) -> dict[str, Array]:
    """Make inputs and random states for a checkpoint's graph, named as the design names them."""
    chance = np.random.default_rng(1)
    feeds: dict[str, Array] = {}
    if isinstance(checkpoint.extra, Vocabulary):
        size = len(checkpoint.extra)
        feeds["tokens"] = chance.integers(0, size, (batch, time))
        feeds["bias"] = np.zeros((batch, size), np.float32)
        feeds["temperature"], feeds["top_p"] = np.ones(1, np.float32), np.ones(1, np.float32)
        feeds["top_k"] = np.ones(1, np.int64)
        feeds["uniform"] = np.zeros(batch, np.float32)
    else:
        feeds["rows"] = chance.random((batch, time, checkpoint.extra.width), np.float32)
    config = checkpoint.config
    for letter in {"rnn": "h", "gru": "h", "lstm": "hc", "bilstm": ""}[config.cell]:
        state = chance.uniform(-1, 1, (config.num_layers, batch, config.hidden_size))
        feeds[f"{letter}_in"] = state.astype(np.float32)
    return feeds


class Session:
    """The graph run by onnxruntime itself, without Qibu's stepper."""

    def __init__(self, path: Path) -> None:
        self.session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        self.outputs = [output.name for output in self.session.get_outputs()]

    def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        return dict(zip(self.outputs, self.session.run(self.outputs, feeds), strict=True))

    def step(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        sequence = "tokens" if "tokens" in feeds else "rows"
        fed, found = dict(feeds), dict[str, Array]()
        for time in range(feeds[sequence].shape[1]):
            found = self.run({**fed, sequence: feeds[sequence][:, time : time + 1]})
            states = [name for name in found if name.endswith("_out")]
            fed.update({name.replace("_out", "_in"): found[name] for name in states})
        return found


def close(found: Array, wanted: torch.Tensor) -> None:
    np.testing.assert_allclose(found, wanted.numpy(), rtol=0, atol=TOLERANCE)


@torch.no_grad()
def torch_outputs(checkpoint: Checkpoint, feeds: Mapping[str, Array]) -> dict[str, torch.Tensor]:
    """Compute what the graph should give with torch, the whole sequence at once."""
    network = checkpoint.network()
    poem = isinstance(network, TextNetwork)
    states = [torch.from_numpy(feeds[n]) for n in ("h_in", "c_in") if n in feeds]
    sequence = torch.from_numpy(feeds["tokens" if poem else "rows"])
    logits, last = network(sequence, tuple(states) or None)
    wanted = {"logits": logits} if poem else {"probabilities": logits.softmax(1)}
    names = ("h_out", "c_out")[: len(states)]
    return wanted | {name: last[number] for number, name in enumerate(names)}


def test_every_task_and_cell_exports_a_file_that_verifies(
    checkpoint: Checkpoint, out: Path
) -> None:
    result, _ = export(checkpoint, out)
    assert os.listdir(out.parent) == ["model.onnx"]
    assert result.difference <= TOLERANCE
    # every output and state, for three batches and three times, of three ways to compute
    spec = Stepper(out).spec
    assert spec is not None
    ways = 3 if spec.streaming else 2
    assert result.comparisons == (1 + len(spec.states)) * ways * 9


def test_onnxruntime_reads_a_whole_sequence_as_torch_does(
    checkpoint: Checkpoint, out: Path
) -> None:
    export(checkpoint, out)
    feeds = feeds_of(checkpoint, batch=3, time=11)
    found = Session(out).run(feeds)
    wanted = torch_outputs(checkpoint, feeds)
    assert set(found) - {"token"} == set(wanted)
    for name, value in wanted.items():
        close(found[name], value)


def test_onnxruntime_steps_to_where_torch_reads(
    streaming_checkpoint: Checkpoint, out: Path
) -> None:
    export(streaming_checkpoint, out)
    feeds = feeds_of(streaming_checkpoint, batch=3, time=11)
    found = Session(out).step(feeds)
    for name, value in torch_outputs(streaming_checkpoint, feeds).items():
        close(found[name], value)


def test_torch_steps_to_where_torch_reads(streaming_checkpoint: Checkpoint) -> None:
    feeds = feeds_of(streaming_checkpoint, batch=3, time=11)
    sequence = "tokens" if "tokens" in feeds else "rows"
    fed = dict(feeds)
    wanted = torch_outputs(streaming_checkpoint, feeds)
    for time in range(11):
        found = torch_outputs(
            streaming_checkpoint, {**fed, sequence: feeds[sequence][:, time : time + 1]}
        )
        fed |= {n.replace("_out", "_in"): v.numpy() for n, v in found.items() if "_out" in n}
    for name, value in wanted.items():
        close(found[name].numpy(), value)


@pytest.mark.parametrize(("batch", "time"), [(1, 1), (1, 40), (6, 1), (2, 5)])
def test_batch_and_time_are_free(batch: int, time: int, checkpoint: Checkpoint, out: Path) -> None:
    export(checkpoint, out)
    feeds = feeds_of(checkpoint, batch, time)
    for name, value in Session(out).run(feeds).items():
        assert value.shape[1 if name.endswith("_out") else 0] == batch


# --- a mistake leaves no file


Mistake = Callable[[onnx.ModelProto], None]


def plant(mistake: Mistake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the exporter build a graph with a mistake in it."""

    def build(plan: Plan) -> onnx.ModelProto:
        model = build_graph(plan)
        mistake(model)
        return model

    monkeypatch.setattr(qibu_export.module.writing, "build_graph", build)


def forget_linear_before_reset(model: onnx.ModelProto) -> None:
    for node in model.graph.node:
        kept = [a for a in node.attribute if a.name != "linear_before_reset"]
        assert node.op_type != "GRU" or len(kept) == len(node.attribute) - 1
        del node.attribute[:]
        node.attribute.extend(kept)


def drop_biases(model: onnx.ModelProto) -> None:
    for node in model.graph.node:
        if node.op_type in ("RNN", "GRU", "LSTM"):
            node.input[3] = ""


def change(name: str, amount: float) -> Mistake:
    """Give the mistake of one number of a constant being off."""

    def mistake(model: onnx.ModelProto) -> None:
        tensor = next(t for t in model.graph.initializer if t.name == name)
        value = numpy_helper.to_array(tensor).copy()
        value.flat[value.size // 2] += amount
        tensor.CopyFrom(numpy_helper.from_array(value, name))

    return mistake


def fails_with_no_file(
    checkpoint: Checkpoint, save_run: SaveRun, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Check the function's error, the program's exit code, and that nothing is written."""
    with pytest.raises(VerificationError, match="does not compute what the module does"):
        export(checkpoint, out)
    run = save_run(checkpoint, out.parent.parent / "run")
    assert main(["export", str(run), "--out", str(out)]) == 1
    stdout, stderr = capsys.readouterr()
    assert stdout == "" and f"limit {LIMIT:g}" in stderr
    assert os.listdir(out.parent) == []


@pytest.mark.parametrize(("task", "cell"), GATED)
def test_a_wrong_gate_order_is_caught(
    task: str,
    cell: str,
    make_checkpoint: MakeCheckpoint,
    save_run: SaveRun,
    out: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    mode = CELLS[cell].operator
    monkeypatch.setitem(GATES, mode, tuple(range(len(GATES[mode]))))  # torch's own order
    fails_with_no_file(make_checkpoint(task, cell), save_run, out, capsys)


@pytest.mark.parametrize("task", ["poem", "digits"])
def test_a_missing_linear_before_reset_is_caught(
    task: str,
    make_checkpoint: MakeCheckpoint,
    save_run: SaveRun,
    out: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    plant(forget_linear_before_reset, monkeypatch)
    fails_with_no_file(make_checkpoint(task, "gru"), save_run, out, capsys)


@pytest.mark.parametrize(("task", "cell"), EXPORTED)
def test_dropped_biases_are_caught(
    task: str,
    cell: str,
    make_checkpoint: MakeCheckpoint,
    save_run: SaveRun,
    out: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    plant(drop_biases, monkeypatch)
    fails_with_no_file(make_checkpoint(task, cell), save_run, out, capsys)


@pytest.mark.parametrize(
    ("task", "cell", "constant"),
    [
        *((*key, constant) for key in EVERY_CELL for constant in ("W0", "R0", "B0", "R1", "B1")),
        *(("poem", "lstm", constant) for constant in ("embedding", "output_bias")),
        *(("digits", "lstm", constant) for constant in ("head_weight", "output_bias")),
    ],
)
def test_one_weight_that_is_off_by_a_thousandth_is_caught(
    task: str,
    cell: str,
    constant: str,
    make_checkpoint: MakeCheckpoint,
    save_run: SaveRun,
    out: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    plant(change(constant, 1e-3), monkeypatch)
    fails_with_no_file(make_checkpoint(task, cell, 2), save_run, out, capsys)


def test_where_a_network_makes_rounding_grow_a_single_step_is_held_as_closely(
    make_checkpoint: MakeCheckpoint, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoint = make_checkpoint("poem", "gru")
    checkpoint.weights["rnn.weight_hh_l0"] *= 12  # chaos: float32 is lost after some steps
    result, _ = export(checkpoint, out)
    assert "torch's own float32" in str(result) and result.limit > 5 * LIMIT
    plant(change("R0", 1e-3), monkeypatch)
    monkeypatch.setattr("qibu_export.module.stepping.TIMES", (1,))
    with pytest.raises(VerificationError, match=f"1 steps: .*; limit {LIMIT:g}, "):
        export(checkpoint, out)


@pytest.mark.parametrize("constant", ["W0", "R0", "B0", "W1", "R1", "B1", "head_weight"])
def test_one_weight_of_a_bidirectional_network_that_is_off_by_a_tenth_is_caught(
    constant: str,
    make_checkpoint: MakeCheckpoint,
    save_run: SaveRun,
    out: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    # its file shows no states, only probabilities, which move some hundred times less
    plant(change(constant, 0.1), monkeypatch)
    fails_with_no_file(make_checkpoint("digits", "bilstm", 2), save_run, out, capsys)


def test_an_embedding_that_is_not_scaled_is_caught(
    make_checkpoint: MakeCheckpoint,
    save_run: SaveRun,
    out: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def forget_scale(model: onnx.ModelProto) -> None:
        (scale,) = (node for node in model.graph.node if node.op_type == "Mul")
        scale.op_type = "Identity"
        del scale.input[1:]

    plant(forget_scale, monkeypatch)
    fails_with_no_file(make_checkpoint("poem", "lstm"), save_run, out, capsys)


def test_a_state_that_is_not_passed_on_is_caught(
    make_checkpoint: MakeCheckpoint,
    save_run: SaveRun,
    out: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def swap_layers(model: onnx.ModelProto) -> None:
        node = next(n for n in model.graph.node if n.output[0] == "h_out")
        node.input[:] = list(reversed(node.input))

    plant(swap_layers, monkeypatch)
    fails_with_no_file(make_checkpoint("digits", "gru", 2), save_run, out, capsys)


@pytest.mark.parametrize(("task", "cell"), EXPORTED)
def test_weights_that_are_not_finite_are_caught(
    task: str, cell: str, make_checkpoint: MakeCheckpoint, out: Path
) -> None:
    checkpoint = make_checkpoint(task, cell)
    checkpoint.weights["rnn.weight_hh_l0"][0, 0] = math.nan
    with pytest.raises(VerificationError, match="nan"):
        export(checkpoint, out)
    assert not out.parent.exists()


def test_one_value_that_is_not_finite_is_not_forgotten(
    make_checkpoint: MakeCheckpoint, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def once_nan(path: Path, plan: Plan) -> Run:
        run = onnx_run(path, plan)

        def odd(*given: Mapping[str, torch.Tensor]) -> tuple[dict[str, torch.Tensor], ...]:
            found = run(*given)
            calls.append(1)
            return tuple(
                {name: value * (math.nan if len(calls) == 1 else 1) for name, value in part.items()}
                for part in found
            )

        return odd  # type: ignore[return-value]

    monkeypatch.setattr("qibu_export.module.equality.onnx_run", once_nan)
    with pytest.raises(VerificationError, match="nan"):
        export(make_checkpoint("digits", "gru"), out)
    assert len(calls) > 1


def test_an_old_file_survives_a_failed_export(
    make_checkpoint: MakeCheckpoint, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export(make_checkpoint("digits", "gru"), out)
    before = out.read_bytes()
    plant(drop_biases, monkeypatch)
    with pytest.raises(VerificationError):
        export(make_checkpoint("digits", "gru", seed=1), out)
    assert out.read_bytes() == before
    assert os.listdir(out.parent) == ["model.onnx"]
