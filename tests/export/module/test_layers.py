"""Every recurrent layer becomes ONNX's own operator and computes what torch does."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from .conftest import Export
from .networks import Bands, Cell, Enhancer, KeywordSpotter, Layer, Text, Twice

LAYERS: dict[str, Callable[..., nn.RNNBase]] = {
    "RNN": lambda **more: nn.RNN(4, 6, **more),
    "RNN relu": lambda **more: nn.RNN(4, 6, nonlinearity="relu", **more),
    "GRU": lambda **more: nn.GRU(4, 6, **more),
    "LSTM": lambda **more: nn.LSTM(4, 6, **more),
    "LSTM projected": lambda **more: nn.LSTM(4, 6, proj_size=3, **more),
}


@pytest.mark.parametrize("settings", [{}, {"bias": False, "num_layers": 3}], ids=str)
@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_becomes_one_native_operator_a_layer(
    export: Export, name: str, settings: dict[str, int]
) -> None:
    layer = LAYERS[name](batch_first=True, **settings)
    exported = export(Layer(layer), {"x": torch.zeros(1, 1, 4)}, ["y"])
    kind = name.split()[0]
    assert exported.operators.count(kind) == settings.get("num_layers", 1)
    assert not {"Loop", "Scan", "If"} & set(exported.operators)
    expected = ["layer_h_in", "layer_c_in"] if kind == "LSTM" else ["layer_h_in"]
    assert list(exported.states) == expected


def test_time_first_is_said_with_axes(export: Export) -> None:
    exported = export(
        Layer(nn.GRU(4, 6)),
        {"x": torch.zeros(1, 1, 4)},
        ["y"],
        axes={"x": ("time", "batch", None)},
    )
    assert exported.document["ports"]["x"] == {"time_axis": 0, "batch_axis": 1}
    assert exported.document["ports"]["y"] == {"time_axis": 0, "batch_axis": 1}


@pytest.mark.parametrize("name", LAYERS)
def test_a_bidirectional_layer_is_exported_whole(export: Export, name: str) -> None:
    layer = LAYERS[name](batch_first=True, bidirectional=True, num_layers=2)
    exported = export(Layer(layer), {"x": torch.zeros(1, 1, 4)}, ["y"], streaming=False)
    assert exported.document["streaming"] is False
    assert exported.document["states"] == []


@pytest.mark.parametrize(
    "cell",
    [nn.RNNCell(4, 5), nn.RNNCell(4, 5, False, "relu"), nn.GRUCell(4, 5), nn.LSTMCell(4, 5)],
    ids=repr,
)
def test_a_cell_carries_its_state(export: Export, cell: nn.RNNCellBase) -> None:
    exported = export(Cell(cell), {"observation": torch.zeros(1, 4)}, ["action", "h"])
    assert exported.states["cell_h_in"]["shape"] == [None, 5]
    assert exported.states["cell_h_in"]["batch_axis"] == 0
    assert ("cell_c_in" in exported.states) == isinstance(cell, nn.LSTMCell)


def test_a_layer_called_twice_has_a_state_for_each_call(export: Export) -> None:
    exported = export(Twice(), {"x": torch.zeros(1, 1, 5)}, ["y"])
    assert list(exported.states) == [
        "shared_h_in",
        "shared_c_in",
        "shared_2_h_in",
        "shared_2_c_in",
        "stack_0_h_in",
        "stack_1_h_in",
    ]


def test_causal_convolutions_carry_their_last_inputs(export: Export) -> None:
    exported = export(KeywordSpotter(), {"x": torch.zeros(1, 1, 10)}, ["p"])
    shapes = {name: state["shape"] for name, state in exported.states.items()}
    assert shapes == {
        "first_last_in": [None, 10, 2],
        "second_last_in": [None, 8, 4],
        "rnn_h_in": [1, None, 8],
    }


def test_zeros_joined_before_a_sequence_are_its_last_inputs_too(export: Export) -> None:
    class Joined(KeywordSpotter):
        def forward(self, x: Tensor) -> Tensor:
            x = torch.cat([torch.zeros(x.shape[0], 10, 2), x.transpose(1, 2)], 2)
            result: Tensor = nn.functional.conv1d(x, self.first.weight)
            return result

    exported = export(Joined(), {"x": torch.zeros(1, 1, 10)}, ["y"])
    assert exported.states["last_in"]["shape"] == [None, 10, 2]


def test_a_step_may_be_a_chunk_that_a_strided_convolution_reads(export: Export) -> None:
    axes = {"samples": ("batch", "time")}
    exported = export(Enhancer(), {"samples": torch.zeros(1, 4)}, ["clean"], axes=axes)
    assert exported.states["frames_last_in"]["shape"] == [None, 1, 4]
    assert exported.document["trace"]["steps"][0]["inputs"]["samples"]["shape"] == [1, 4]


def test_tokens_go_into_an_embedding(export: Export) -> None:
    tokens = torch.zeros(1, 1, dtype=torch.int64)
    exported = export(Text(), {"tokens": tokens}, ["y"], axes={"tokens": ("batch", "time")})
    steps = exported.document["trace"]["steps"]
    assert {step["inputs"]["tokens"]["dtype"] for step in steps} == {"int64"}


def test_a_layer_within_a_step_has_no_state_and_one_of_many_bands_has_a_state_for_each(
    export: Export,
) -> None:
    exported = export(Bands(), {"x": torch.zeros(1, 1, 5, 2)}, ["y"])
    assert exported.states["along_h_in"]["shape"] == [1, None, 5, 4]
    assert list(exported.states) == ["along_h_in"]


def test_a_torch_layer_is_a_module_too(export: Export) -> None:
    exported = export(nn.GRU(4, 5, batch_first=True), {"x": torch.zeros(1, 1, 4)}, ["y", "last"])
    assert list(exported.states) == ["h_in"]


def test_a_subclass_and_a_parametrized_layer_are_exported_as_they_are(export: Export) -> None:
    class Doubled(nn.GRU):
        def forward(self, input, hx=None):  # type: ignore[no-untyped-def]
            y, h = super().forward(2 * input, hx)
            return y + 1, h

    layer = Doubled(4, 6, batch_first=True)
    nn.utils.parametrizations.weight_norm(layer, "weight_hh_l0")
    exported = export(Layer(layer), {"x": torch.zeros(1, 1, 4)}, ["y"])
    assert list(exported.states) == ["layer_h_in"]
