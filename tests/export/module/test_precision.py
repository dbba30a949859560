"""Files in 8 bits: smaller, measured, stepped as they are read at once, or not there."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from qibu.core.arrays import Array
from qibu.core.errors import InputError, VerificationError
from qibu.core.golden_trace import check_own_trace
from qibu.core.stepper import Stepper
from qibu_export.module import export_module
from qibu_export.targets.c import c_source

from .conftest import Export, Exported
from .networks import Cell, KeywordSpotter, Layer, LearnedStart, MeanOverTime, Text

SIZE = 64


class Sensors(nn.Module):
    """A recurrent layer over twelve sensors of any range, and a linear one."""

    def __init__(self, layer: nn.RNNBase | None = None) -> None:
        super().__init__()
        self.layer = layer or nn.GRU(12, SIZE, 2, batch_first=True)
        self.head = nn.Linear(SIZE, 3)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.head(self.layer(x)[0])
        return result


class Classes(Sensors):
    """Gives the class too."""

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:  # type: ignore[override]
        scores = super().forward(x)
        return scores, scores.argmax(-1)


X = {"x": torch.zeros(1, 1, 12)}
LAYERS = [
    nn.GRU(12, SIZE, 2, batch_first=True),
    nn.LSTM(12, SIZE, 2, batch_first=True),
    nn.RNN(12, SIZE, batch_first=True),
    nn.GRU(12, SIZE, bias=False, batch_first=True),
]


def recordings(size: int = 12, gain: float = 20.0) -> list[dict[str, Array]]:
    """Give recorded inputs far outside -1..1, of two lengths."""
    generator = np.random.default_rng(0)
    return [
        {"x": (gain * generator.standard_normal((2, time, size))).astype(np.float32)}
        for time in (10, 25)
    ]


def stepped(path: Path, x: Array) -> tuple[dict[str, Array], Any]:
    stepper = Stepper(path)
    state, found = stepper.initial_state(len(x)), []
    for time in range(x.shape[1]):
        outputs, state = stepper.step({"x": x[:, time : time + 1]}, state)
        found.append(outputs)
    return {name: np.concatenate([step[name] for step in found], 1) for name in found[0]}, state


def whole(path: Path, x: Array) -> tuple[dict[str, Array], Any]:
    stepper = Stepper(path)
    return stepper.step({"x": x}, stepper.initial_state(len(x)))


@pytest.mark.parametrize(("precision", "share"), [("int8", 0.4), ("int8-weights", 0.35)])
def test_a_file_in_8_bits_is_a_third_as_large_and_says_what_it_lost(
    export: Export, precision: str, share: float
) -> None:
    model = Sensors()
    large = export(model, X, ["y"]).path.stat().st_size
    exported = export(model, X, ["y"], precision=precision, measure=recordings())
    assert exported.path.stat().st_size <= share * large
    assert exported.document["quantization"] == precision.replace("-", " ")
    assert 0 < exported.document["quality"]["loss"] <= 0.05
    assert exported.document["quality"]["recordings"] == 2
    assert "in 8 bits on the recordings y differs by" in str(exported.verification)
    assert check_own_trace(Stepper(exported.path)).steps == 4


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: type(layer).__name__)
def test_in_int8_steps_are_the_whole_sequence_to_the_bit(export: Export, layer: nn.RNNBase) -> None:
    exported = export(Sensors(layer), X, ["y"], precision="int8", measure=recordings())
    assert not {"GRU", "LSTM", "RNN", "MatMul", "Gemm"} & set(exported.operators)
    x = recordings()[1]["x"]
    at_once, last = whole(exported.path, x)
    by_steps, after = stepped(exported.path, x)
    np.testing.assert_array_equal(at_once["y"], by_steps["y"])
    for name, value in last.items():
        np.testing.assert_array_equal(value, after[name])


def test_in_int8_a_sequence_does_not_know_its_neighbours(export: Export) -> None:
    exported = export(Sensors(), X, ["y"], precision="int8", measure=recordings())
    x = recordings()[0]["x"]
    both, _ = whole(exported.path, np.concatenate([x, 1000 * x]))
    alone, _ = whole(exported.path, x)
    np.testing.assert_array_equal(both["y"][: len(x)], alone["y"])


def test_int8_is_near_to_torch(export: Export) -> None:
    model = Sensors(nn.LSTM(12, SIZE, batch_first=True))
    exported = export(model, X, ["y"], precision="int8", measure=recordings())
    x = recordings()[0]["x"]
    with torch.no_grad():
        wanted = model(torch.from_numpy(x)).numpy()
    np.testing.assert_allclose(whole(exported.path, x)[0]["y"], wanted, atol=0.03)


@pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")
def test_c_of_an_int8_file_has_its_bits(export: Export, tmp_path: Path) -> None:
    exported = export(Sensors(), X, ["y"], precision="int8", measure=recordings())
    told = c_source.write(exported.path, tmp_path / "c")
    assert "outputs off by 0.0e+00, states by 0.0e+00 (limit 1e-05)" in told


def test_all_weights_of_an_int8_file_are_whole_numbers(export: Export) -> None:
    exported = export(Sensors(), X, ["y"], precision="int8", measure=recordings())
    bodies = [a.g for n in exported.graph.node for a in n.attribute if a.HasField("g")]
    assert len(bodies) == 1  # of both layers
    weights = [w for graph in [exported.graph, *bodies] for w in graph.initializer]
    matrices = [w.data_type for w in weights if len(w.dims) > 1]
    assert matrices == [onnx.TensorProto.INT8] * 5  # two a layer, and the linear one


@pytest.mark.parametrize("precision", ["int8", "int8-weights"])
def test_the_callers_figure_is_measured_in_float32_too(export: Export, precision: str) -> None:
    model, x = Sensors(), recordings()[1]["x"]
    wanted = model(torch.from_numpy(x)).detach().numpy() + 1
    paths = []

    def error(path: Path) -> float:
        paths.append(path)
        return float(np.square(whole(path, x)[0]["y"] - wanted).mean())

    quality = export(model, X, ["y"], precision=precision, measure=error).document["quality"]
    assert len(paths) == 2
    assert quality["float32"]["measure"] == pytest.approx(1)
    assert quality["measure"] == pytest.approx(1, abs=0.01)
    assert quality["loss"] == pytest.approx(quality["measure"] - 1, abs=1e-5)


def test_a_figure_that_should_be_large_is_given_negative(tmp_path: Path) -> None:
    figures = iter([-0.98, -0.975])
    arguments: dict[str, Any] = {"inputs": X, "outputs": ["y"], "precision": "int8-weights"}
    export_module(Sensors(), tmp_path / "m.onnx", measure=lambda _: next(figures), **arguments)
    figures = iter([-0.98, -0.96])
    with pytest.raises(VerificationError, match=r"-0.96, in float32 -0.98, 2.04% worse"):
        export_module(Sensors(), tmp_path / "m.onnx", measure=lambda _: next(figures), **arguments)


class Sharp(Sensors):
    """Magnifies what 8 bits change, and float32's own rounding less than the limit."""

    def __init__(self) -> None:
        torch.manual_seed(0)
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = super().forward(x)
        return torch.sin(80 * result)


@pytest.mark.parametrize(
    ("model", "measure", "message"),
    [
        (Sharp(), recordings(), r"on the recordings y differs by .*at most 5% is allowed"),
        (Sensors(), iter([1.0, 1.02]).__next__, r"measure gives 1.02, in float32 1, 2.00% worse"),
        (Sensors(), iter([0.0, 0.1]).__next__, "measure gives 0.1, in float32 0"),
    ],
    ids=["recordings", "figure", "from nothing"],
)
def test_too_great_a_loss_leaves_no_file(
    tmp_path: Path, model: nn.Module, measure: Any, message: str
) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(b"earlier")
    given = measure if isinstance(measure, list) else lambda path: measure()
    with pytest.raises(VerificationError, match=message):
        export_module(model, path, inputs=X, outputs=["y"], precision="int8", measure=given)
    assert path.read_bytes() == b"earlier"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("measure", "message"),
    [
        (None, r"a file in int8 has to be measured: pass measure=f, .* or measure=\[{'x'"),
        ([], "measure must be a function or recordings"),
        (0.5, "measure must be a function or recordings: .*got 0.5"),
        ([{"z": np.zeros((1, 3, 12))}], r"measure\[0\] must name x, got \['z'\]"),
        ([{"x": np.zeros((3, 12))}], r"measure\[0\] has x \[3, 12\]; it must have the rank"),
        ([{"x": np.zeros((1, 3, 9), np.float32)}], r"measure\[0\]: .*x.*9"),
        (lambda path: float("nan"), "measure must return a finite number, got nan"),
        (lambda path: "good", "measure must return a finite number, got 'good'"),
    ],
)
def test_what_is_no_measure_is_refused(tmp_path: Path, measure: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        export_module(
            LearnedStart() if measure is None else Sensors(),
            tmp_path / "model.onnx",
            inputs={"x": torch.zeros(1, 1, 4)} if measure is None else X,
            outputs=["y"],
            precision="int8",
            measure=measure,
        )
    assert list(tmp_path.iterdir()) == []


def test_a_recording_may_have_an_axis_of_steps_in_front(export: Export) -> None:
    steps = np.random.default_rng(0).standard_normal((30, 1, 12)).astype(np.float32)
    exported = export(
        Cell(nn.GRUCell(12, SIZE)),
        {"observation": torch.zeros(1, 12)},
        ["action", "h"],
        precision="int8",
        measure=[{"observation": steps}, {"observation": torch.from_numpy(steps[:5])}],
    )
    assert exported.document["quality"]["recordings"] == 2
    assert "Scan" in exported.operators


def test_of_a_class_the_share_that_changes_is_the_loss(export: Export) -> None:
    exported = export(Classes(), X, ["y", "label"], precision="int8", measure=recordings())
    assert 0 <= exported.document["quality"]["loss"] <= 0.05


class Gated(nn.Module):
    """Layers that have no integer form, or share a weight, beside one that has."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(30, 16)
        self.relu = nn.RNN(16, 16, nonlinearity="relu", batch_first=True)
        self.projected = nn.LSTM(16, 32, proj_size=16, batch_first=True)
        self.norm = nn.LayerNorm(16)
        self.rnn = nn.GRU(16, 16, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        y = self.embedding(x)
        y = F.gelu(self.relu(y)[0])
        y = self.norm(y + self.projected(y)[0])
        y = self.rnn(y)[0]
        result: Tensor = y @ self.embedding.weight.T
        return result


@pytest.mark.parametrize("precision", ["int8", "int8-weights"])
def test_layers_without_an_integer_form_keep_float32_products(
    export: Export, precision: str
) -> None:
    tokens = {"x": np.random.default_rng(0).integers(0, 30, (2, 40))}
    inputs = {"x": torch.zeros(1, 1, dtype=torch.int64)}
    exported = export(
        Gated(), inputs, ["y"], axes={"x": ("batch", "time")}, precision=precision, measure=[tokens]
    )
    assert (
        exported.document["trace"]["tolerance"] == {"int8": 0.05, "int8-weights": 1e-4}[precision]
    )
    kept = [name for name in exported.operators if name in ("RNN", "LSTM", "GRU", "Scan")]
    wanted = {"int8": ["RNN", "LSTM", "Scan"], "int8-weights": ["RNN", "LSTM", "GRU"]}
    assert kept == wanted[precision]
    check_own_trace(Stepper(exported.path))


def export_convolutions(export: Export, precision: str) -> Exported:
    x = np.random.default_rng(0).standard_normal((2, 30, 10)).astype(np.float32)
    inputs = {"x": torch.zeros(1, 1, 10)}
    return export(KeywordSpotter(), inputs, ["y"], precision=precision, measure=[{"x": x}])


@pytest.mark.parametrize("precision", ["int8", "int8-weights"])
def test_convolutions_stream_in_8_bits(export: Export, precision: str) -> None:
    exported = export_convolutions(export, precision)
    weights = {w.name: w for w in exported.graph.initializer}
    assert weights["first.weight_whole"].data_type == onnx.TensorProto.INT8
    assert list(weights["first.weight_step"].dims) == [8, 1, 1]


def test_a_learned_first_state_stays(export: Export) -> None:
    model = LearnedStart()
    x = {"x": np.ones((1, 5, 4), np.float32)}
    inputs = {"x": torch.zeros(1, 1, 4)}
    exported = export(model, inputs, ["y"], precision="int8", measure=[x])
    np.testing.assert_array_equal(
        Stepper(exported.path).initial_state()["rnn_h_in"], model.h0.detach().numpy()
    )


def test_what_reads_whole_sequences_has_8_bits_too(export: Export) -> None:
    x = {"x": np.random.default_rng(0).standard_normal((3, 9, 4)).astype(np.float32)}
    exported = export(
        MeanOverTime(),
        {"x": torch.zeros(1, 3, 4)},
        ["y"],
        streaming=False,
        precision="int8",
        measure=[x],
    )
    assert "Scan" in exported.operators
    check_own_trace(Stepper(exported.path))


@pytest.mark.parametrize("layer", [nn.GRU, nn.LSTM])
def test_a_bidirectional_layer_keeps_float32_products(export: Export, layer: Any) -> None:
    x = {"x": np.random.default_rng(0).standard_normal((3, 9, 4)).astype(np.float32)}
    exported = export(
        Layer(layer(4, 32, batch_first=True, bidirectional=True)),
        {"x": torch.zeros(1, 3, 4)},
        ["y"],
        streaming=False,
        precision="int8",
        measure=[x],
    )
    assert layer.__name__ in exported.operators


def test_int8_without_anything_to_multiply_says_so(tmp_path: Path) -> None:
    model, inputs = Layer(nn.RNN(4, 8, nonlinearity="relu")), {"x": torch.zeros(1, 1, 4)}
    x = {"x": np.ones((5, 1, 4), np.float32)}
    axes = {"x": ("time", "batch", None)}
    with pytest.raises(InputError, match=r"int8 has nothing .* precision='int8-weights'"):
        export_module(
            model,
            tmp_path / "model.onnx",
            inputs=inputs,
            outputs=["y"],
            axes=axes,
            precision="int8",
            measure=[x],
        )
    assert list(tmp_path.iterdir()) == []


def test_a_table_of_tokens_is_kept_in_8_bits(export: Export) -> None:
    tokens = {"x": np.random.default_rng(0).integers(0, 20, (2, 40))}
    exported = export(
        Renamed(),
        {"x": torch.zeros(1, 1, dtype=torch.int64)},
        ["y"],
        axes={"x": ("batch", "time")},
        precision="int8",
        measure=[tokens],
    )
    kept = {w.name: w.data_type for w in exported.graph.initializer}
    assert kept["int8.embedding.weight_rows"] == onnx.TensorProto.UINT8
    assert "embedding.weight" not in kept


class Renamed(Text):
    """Calls its tokens x, and has 128 numbers and more in its table."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(20, 8)
        self.rnn = nn.RNN(8, 8, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x)
