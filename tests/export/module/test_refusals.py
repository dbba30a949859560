"""What can't be exported is refused with what to write instead, and no file appears."""

import copy
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from qibu.core.errors import InputError, VerificationError
from qibu_export.module import export_module, operators

from .networks import (
    Anomaly,
    Attending,
    Branching,
    KeywordSpotter,
    Layer,
    LearnedStart,
    LookingAhead,
    Looping,
    MeanOverTime,
    Own,
    Remembering,
)

X = {"x": torch.zeros(1, 1, 4)}


class Reversing(LearnedStart):
    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.rnn(x.flip(1))[0]
        return result


class Decoding(nn.Module):
    """A second layer starts from the end of the first."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.GRU(4, 4, batch_first=True)
        self.decoder = nn.GRU(4, 4, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        y, h = self.encoder(x)
        result: Tensor = self.decoder(y, h)[0]
        return result


class Normalizing(LearnedStart):
    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(1, 6)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.norm(self.rnn(x)[0].transpose(1, 2)).transpose(1, 2)
        return result


class Packing(LearnedStart):
    def forward(self, x: Tensor) -> Tensor:
        lengths = torch.full((x.shape[0],), x.shape[1])
        packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True)
        y, _ = nn.utils.rnn.pad_packed_sequence(self.rnn(packed)[0], batch_first=True)
        return y


CANNOT_STEP: list[tuple[nn.Module, str]] = [
    (MeanOverTime(), r"MeanOverTime\) at networks.py.*mean over time"),
    (Attending(), r"attention \(MultiheadAttention\) .*attends to the whole sequence"),
    (LookingAhead(1), r"conv \(Conv1d\) looks 1 step ahead.*F.pad\(x, \(2, 0\)\)"),
    (LookingAhead(0), r"conv \(Conv1d\) .*needs several steps at once"),
    (LookingAhead("same"), r"conv \(Conv1d\) .*needs several steps at once"),
    (Layer(nn.GRU(4, 4, batch_first=True, bidirectional=True)), r"layer \(GRU\) is bidirectional"),
    (Reversing(), r"Reversing\) .*reverses time"),
    (Decoding(), r"decoder \(GRU\) .*starts from a state that forward makes"),
    (Normalizing(), r"norm \(GroupNorm\) .*mean and deviation over time"),
]


@pytest.mark.parametrize(("model", "message"), CANNOT_STEP, ids=lambda v: type(v).__name__)
def test_a_module_that_cannot_be_stepped_is_named_and_exported_whole(
    model: nn.Module, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "model.onnx"
    example = {"x": torch.zeros(1, 3, 4)}  # a convolution of three needs three
    with pytest.raises(InputError, match=message) as raised:
        export_module(model, path, inputs=example, outputs=["y"])
    assert "streaming=False" in str(raised.value)
    assert list(tmp_path.iterdir()) == []
    export_module(model, path, inputs=example, outputs=["y"], streaming=False)
    assert path.exists()


class Numbered(LearnedStart):
    """Has the number of steps written into a reshape."""

    def forward(self, x: Tensor) -> Tensor:
        y = self.rnn(x)[0]
        return torch.cat([y[:, step] for step in range(x.shape[1])], 1).view(x.shape[0], -1, 6)


class Inverting(LearnedStart):
    """Uses what ONNX has no operator for."""

    def forward(self, x: Tensor) -> Tensor:
        y = self.rnn(x)[0]
        result: Tensor = torch.special.bessel_j0(y)
        return result


class BandsFirst(LearnedStart):
    """Reads two bands of each row, the bands before the batch."""

    def forward(self, x: Tensor) -> Tensor:
        bands = torch.stack([x, -x]).flatten(0, 1)
        result: Tensor = self.rnn(bands)[0].unflatten(0, (2, -1)).sum(0)
        return result


class OneSequence(LearnedStart):
    """Makes one sequence of all rows."""

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.rnn(x.reshape(1, -1, 4))[0]
        return result


class Dividing(LearnedStart):
    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.rnn(x)[0] / 0
        return result


OTHERS: list[tuple[Any, dict[str, Any], str]] = [
    (nn.Linear(4, 4), {}, "nothing to carry.*streaming=False"),
    (Branching(), {}, r"at networks.py:\d+ \(if y.sum\(\) > 0:\) decides by the values"),
    (Looping(), {}, r"cell \(GRUCell\) 5 times for 5 steps.*axes={'x': \('batch', None, None\)}"),
    (Remembering(), {}, r"'h', which no file carries.*register_buffer"),
    (Numbered(), {}, "forward fixes the axis 'time': a Python loop over it"),
    (Inverting(), {}, "ONNX has no operator for prims.bessel_j0"),
    (BandsFirst(), {}, "let the batch come first"),
    (OneSequence(), {}, r"batch of 1 only.*axes={'x': \(None, 'time', None\)}"),
    (Dividing(), {}, "gives NaN or infinity"),
    (Own(), {"inputs": {**X, "h": (X["x"], X["x"])}}, "take the parts one by one"),
    (Packing(), {}, "packed sequence"),
    (Anomaly(), {}, r"forward fails with the examples in inputs \(x \[1, 1, 4\]\) at networks"),
    (LearnedStart(), {"inputs": {"z": X["x"]}}, "forward takes x: 'z' is none of them"),
    (Own(), {}, "forward takes x, h, c: 'h' is missing"),
    (LearnedStart(), {"inputs": {"x": torch.zeros(4)}}, "forward fails"),
    (LearnedStart(), {"inputs": {}}, "inputs must name each argument"),
    (LearnedStart(), {"inputs": {"x": 1.0}}, "input 'x' must be a tensor, got float"),
    (LearnedStart(), {"inputs": {"x": X["x"].double()}}, "torch.float64 on cpu; it must be"),
    (LearnedStart(), {"outputs": ["y", "z"]}, "outputs names 2: y, z; forward returns 1"),
    (LearnedStart(), {"outputs": "y"}, "outputs must be a list of names"),
    (LearnedStart(), {"outputs": ["x"]}, "'x' is named twice"),
    (LearnedStart(), {"outputs": ["rnn_h_out"]}, "also the name of a state"),
    (LearnedStart(), {"outputs": ["a b"]}, "'a b' can't be a name"),
    (LearnedStart(), {"states": {"h": "hn"}}, "inputs has no 'h'"),
    (LearnedStart(), {"axes": {"x": ("batch",)}}, "a name or None for each of the 3 axes"),
    (LearnedStart(), {"axes": {"y": ("batch",)}}, "'y', which is no input"),
    (LearnedStart(), {"precision": "int3"}, "precision must be one of float32"),
    (
        LearnedStart(),
        {"description": "x" * 5000},
        "description has 5,000 characters, at most 4,096",
    ),
    (LearnedStart().to("meta"), {}, r"is on meta; export a copy on the CPU"),
    (LearnedStart().double(), {}, r"computes in float32: .*float\(\)"),
    (len, {}, "must be a torch.nn.Module"),
    (nn.LazyLinear(3), {}, "has no shape yet"),
]


@pytest.mark.parametrize(("model", "arguments", "message"), OTHERS)
def test_a_mistake_is_an_input_error_that_says_what_to_write(
    model: Any, arguments: dict[str, Any], message: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=message):
        export_module(
            model, tmp_path / "model.onnx", **{"inputs": X, "outputs": ["y"], **arguments}
        )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("path", [None, 3, b"x"])
def test_a_path_is_a_files_name(path: Any) -> None:
    with pytest.raises(InputError, match="path must be a file's name"):
        export_module(LearnedStart(), path, inputs=X, outputs=["y"])


def test_a_folder_is_no_path(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a folder"):
        export_module(LearnedStart(), tmp_path, inputs=X, outputs=["y"])


def test_a_file_that_computes_something_else_does_not_appear(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = operators.translations

    def forgetful(opset: int) -> Any:
        """Translate a GRU without linear_before_reset."""
        import onnxscript

        def gru(x: Any, w: Any, r: Any, b: Any, h: Any, mode: str) -> Any:
            return onnxscript.opset18.GRU(x, w, r, b, None, h, hidden_size=6)

        return {**real(opset), torch.ops.qibu.recurrence.default: gru}

    monkeypatch.setattr("qibu_export.module.graph.translations", forgetful)
    path = tmp_path / "model.onnx"
    path.write_bytes(b"earlier")
    with pytest.raises(VerificationError, match=r"onnxruntime whole, y, .*rnn_h_in"):
        export_module(LearnedStart(), path, inputs=X, outputs=["y"])
    assert path.read_bytes() == b"earlier"
    assert list(tmp_path.iterdir()) == [path]


def test_the_callers_module_stays_as_it_was(tmp_path: Path) -> None:
    model = KeywordSpotter().train()
    model.head.eval()
    model.first.weight.requires_grad_(False)
    before = copy.deepcopy(model)
    export_module(
        model, tmp_path / "model.onnx", inputs={"x": torch.zeros(1, 1, 10)}, outputs=["p"]
    )
    assert [m.training for m in model.modules()] == [m.training for m in before.modules()]
    assert [type(m) for m in model.modules()] == [type(m) for m in before.modules()]
    for (name, value), (_, wanted) in zip(
        model.state_dict(keep_vars=True).items(),
        before.state_dict(keep_vars=True).items(),
        strict=True,
    ):
        assert torch.equal(value, wanted), name
        assert value.requires_grad == wanted.requires_grad
    assert list(model.named_buffers()) and not any(m._forward_hooks for m in model.modules())
