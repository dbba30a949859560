"""Files that multiply in 8 bits, for every cell that can be stepped."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from qibu import InputError, State, Stepper, VerificationError
from qibu.cli.main import main
from qibu.core.arrays import Array
from qibu_export.core import int8_cells
from qibu_export.module.compact_weights import SMALLEST
from qibu_export.trained.export import export
from qibu_train.core.checkpoint import HELD_OUT, Checkpoint

MakeCheckpoint = Callable[..., Checkpoint]
SaveRun = Callable[[Checkpoint, Path], Path]
FIGURES = {"perplexity": 100.0, "accuracy": 0.99}


def measure(path: Path) -> dict[str, Any]:
    return dict(FIGURES)


@pytest.fixture
def file(streaming_checkpoint: Checkpoint, out: Path) -> Path:
    export(streaming_checkpoint, out, measure, "int8")
    return out


def graphs(model: onnx.ModelProto) -> list[onnx.GraphProto]:
    bodies = [a.g for n in model.graph.node for a in n.attribute if a.name == "body"]
    return [model.graph, *bodies]


def constants(model: onnx.ModelProto) -> dict[str, Array]:
    return {
        tensor.name: numpy_helper.to_array(tensor)
        for graph in graphs(model)
        for tensor in graph.initializer
    }


def inputs_of(stepper: Stepper, batch: int, time: int) -> tuple[str, Array]:
    random = np.random.default_rng(time)
    if "tokens" in stepper.inputs:
        return "tokens", random.integers(0, 30, (batch, time))
    return "rows", random.random((batch, time, stepper.part.pictures.width), np.float32)


def random_state(stepper: Stepper, batch: int) -> State:
    random = np.random.default_rng(batch)
    arrays = {
        pair.input: random.uniform(-1, 1, pair.shape_for(batch)).astype(np.float32)
        for pair in stepper.pairs
    }
    return State(arrays, stepper.pairs, stepper.model)


def test_every_matrix_is_stored_and_multiplied_in_8_bits(file: Path) -> None:
    model = onnx.load(file)
    matrices = {n: a for n, a in constants(model).items() if a.ndim > 1 and a.size >= SMALLEST}
    assert {str(array.dtype) for array in matrices.values()} <= {"int8", "uint8"}
    used = {n.input[1] for g in graphs(model) for n in g.node if n.op_type == "MatMulInteger"}
    assert used == {name for name, array in matrices.items() if array.dtype == np.int8}
    operators = {n.op_type for g in graphs(model) for n in g.node}
    small = any(a.ndim > 1 and a.size < SMALLEST for a in constants(model).values())
    assert not operators & {"MatMul", *([] if small else ["Gemm"]), "RNN", "GRU", "LSTM"}


def test_two_products_fit_in_16_bits_so_that_no_processor_saturates(file: Path) -> None:
    for array in constants(onnx.load(file)).values():
        if array.dtype == np.int8:
            assert 2 * 255 * int(np.abs(array.astype(int)).max()) <= 32_767


def test_only_standard_operators_are_used(file: Path) -> None:
    model = onnx.load(file)
    assert [(o.domain, o.version) for o in model.opset_import] == [("", 18)]


def test_many_steps_at_once_and_one_by_one_agree_to_the_bit(file: Path) -> None:
    stepper = Stepper(file)
    name, sequence = inputs_of(stepper, 3, 9)
    start = state = random_state(stepper, 3)
    for time in range(9):
        outputs, state = stepper.step({name: sequence[:, time : time + 1]}, state)
    whole, last = stepper.step({name: sequence}, start)
    assert all(np.array_equal(whole[key], outputs[key]) for key in whole)
    assert all(np.array_equal(last[key], state[key]) for key in last)


def test_a_sequence_gives_the_same_alone_and_in_a_batch_to_the_bit(file: Path) -> None:
    stepper = Stepper(file)
    name, sequence = inputs_of(stepper, 17, 5)
    start = random_state(stepper, 17)
    together, last = stepper.step({name: sequence}, start)
    for row, (before, after) in enumerate(zip(start.split(), last.split(), strict=True)):
        alone, state = stepper.step({name: sequence[row : row + 1]}, before)
        assert all(np.array_equal(together[key][row], alone[key][0]) for key in alone)
        assert all(np.array_equal(after[key], state[key]) for key in state)


def test_a_gate_in_the_wrong_place_is_noticed(
    make_checkpoint: MakeCheckpoint, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stacked = int8_cells.Layer.stacked

    def swapped(layer: int8_cells.Layer, x: str, h: str, order: tuple[int, ...]) -> str:
        return stacked(layer, x, h, tuple(range(len(order))))  # torch's own

    monkeypatch.setattr(int8_cells.Layer, "stacked", swapped)
    with pytest.raises(VerificationError, match="does not compute"):
        export(make_checkpoint("digits", "lstm", 2), out, measure, "int8")
    assert not out.exists()


@pytest.mark.parametrize("name, worse", [("perplexity", 101.1), ("accuracy", 0.9889)])
def test_a_file_that_lost_too_much_is_not_written(
    name: str, worse: float, make_checkpoint: MakeCheckpoint, out: Path
) -> None:
    figures = iter([FIGURES[name], worse])
    with pytest.raises(VerificationError, match=f"too much .*: {name} {worse:.5g}"):
        export(make_checkpoint("digits", "gru"), out, lambda path: {name: next(figures)}, "int8")
    assert list(out.parent.iterdir()) == []


def test_one_picture_of_a_small_set_may_be_lost(make_checkpoint: MakeCheckpoint, out: Path) -> None:
    figures = iter([30 / 30, 29 / 30, 30 / 30, 28 / 30])

    def of_few(path: Path) -> dict[str, Any]:
        return {"accuracy": next(figures), "pictures": 30}

    export(make_checkpoint("digits", "gru"), out, of_few, "int8")
    with pytest.raises(VerificationError, match=r"too much .*: accuracy 0\.93333"):
        export(make_checkpoint("digits", "gru"), out, of_few, "int8")


def test_the_metadata_has_both_figures_and_the_same_weights(
    streaming_checkpoint: Checkpoint, out: Path
) -> None:
    export(streaming_checkpoint, out, measure, "int8")
    found = Stepper(out).spec
    export(streaming_checkpoint, out)
    reference = Stepper(out).spec
    assert found and reference
    assert (found.quantization, reference.quantization) == ("int8", None)
    assert found.quality == {**FIGURES, "float32": FIGURES}
    assert found.weights_sha256 == reference.weights_sha256


def test_a_column_of_zeros_and_the_largest_weight_survive() -> None:
    weight = np.array([[0, 2, -1e-9], [0, -1, 1e-9]], np.float32)
    whole, steps = int8_cells.quantise_columns(weight)
    np.testing.assert_allclose(whole * steps, weight, rtol=1e-6)


def test_a_network_that_reads_both_ways_has_no_int8_form(
    make_checkpoint: MakeCheckpoint, out: Path
) -> None:
    with pytest.raises(InputError, match="bilstm"):
        export(make_checkpoint("digits", "bilstm"), out, measure, "int8")
    assert not out.parent.exists()


@pytest.mark.parametrize("task", ["poem", "digits"])
def test_the_command_measures_on_the_test_data(
    task: str,
    make_checkpoint: MakeCheckpoint,
    save_run: SaveRun,
    poem_folder: Path,
    digit_folder: Path,
    out: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = save_run(make_checkpoint(task, "lstm", 1), out.parent.parent / "run")
    data = poem_folder if task == "poem" else digit_folder
    assert main(["export", str(run), "--int8", "--out", str(out), "--from", str(data)]) == 0
    assert "float32" in capsys.readouterr().out
    spec = Stepper(out).spec
    assert spec and spec.quantization == "int8" and spec.quality["float32"]


def test_a_text_is_measured_on_what_its_run_held_out(
    make_checkpoint: MakeCheckpoint,
    save_run: SaveRun,
    out: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = save_run(make_checkpoint("text", "lstm"), out.parent.parent / "run")
    assert main(["export", str(run), "--int8", "--out", str(out)]) == 2
    assert "say where it is with --from" in capsys.readouterr().err
    (run / HELD_OUT).write_text("山月照松風，夜靜江水流。春花落盡白雲歸。", "utf-8")
    assert main(["export", str(run), "--int8", "--out", str(out)]) == 0
    spec = Stepper(out).spec
    assert spec and spec.quantization == "int8"
    assert spec.quality["characters"] == 20
    assert (
        0
        < spec.quality["bits_per_character"]
        == pytest.approx(spec.quality["float32"]["bits_per_character"], abs=0.0144)
    )


# --- stored in 8 bits, computed in float32


def test_matrices_are_stored_in_8_bits_and_used_in_float32(
    checkpoint: Checkpoint, out: Path
) -> None:
    export(checkpoint, out, measure, "int8-weights")
    model = onnx.load(out)
    stored = {
        name: a
        for name, a in constants(model).items()
        if a.ndim > 1 and a.shape[-1] > 1 and a.size >= SMALLEST
    }
    biases = {name for name in stored if name.startswith("B")}  # not worth their rounding
    assert {str(stored[name].dtype) for name in stored.keys() - biases} == {"int8"}
    spec = Stepper(out).spec
    assert spec and spec.quantization == "int8 weights"
    (operator,) = {n.op_type for n in model.graph.node} & {"RNN", "GRU", "LSTM"}
    assert operator == spec.part["cell"].upper().removeprefix("BI")


def test_the_tied_embedding_is_stored_once(make_checkpoint: MakeCheckpoint, out: Path) -> None:
    characters = "".join(map(chr, range(0x4E00, 0x4E00 + 3000)))
    checkpoint = make_checkpoint("poem", "gru", characters=characters)
    export(checkpoint, out, measure, "int8-weights")
    big = [a for a in constants(onnx.load(out)).values() if a.size > 16 * 3000]
    assert [str(array.dtype) for array in big] == ["int8"]
    result = Stepper(out).run({"tokens": [[9, 10]]})["logits"]
    export(checkpoint, out)
    np.testing.assert_allclose(Stepper(out).run({"tokens": [[9, 10]]})["logits"], result, atol=0.1)


def test_a_quantised_file_has_to_be_measured(make_checkpoint: MakeCheckpoint, out: Path) -> None:
    with pytest.raises(InputError, match="measured"):
        export(make_checkpoint("digits", "gru"), out, precision="int8-weights")
    assert not out.exists()
