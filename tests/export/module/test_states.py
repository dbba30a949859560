"""States of other kinds: first values, those that forward takes itself, buffers."""

import json
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from qibu.core.arrays import Array
from qibu.core.errors import InputError
from qibu.core.golden_trace import check_own_trace
from qibu.core.model_file import TRACE_BYTES
from qibu.core.packed import unpack
from qibu.core.stepper import Stepper

from .conftest import Export
from .networks import Anomaly, Cached, KeywordSpotter, LearnedStart, Looping, Own, Ring, Spiking


def read(document: dict[str, Any]) -> Array:
    packed = unpack(document, "array")
    return packed.values if packed.every > 1 else packed.array()


def test_a_learned_first_state_travels_in_the_file(export: Export) -> None:
    model = LearnedStart()
    exported = export(model, {"x": torch.zeros(1, 1, 4)}, ["y"])
    initial = read(exported.states["rnn_h_in"]["initial"])
    np.testing.assert_array_equal(initial, model.h0.detach().numpy())


def test_zeros_that_forward_makes_are_a_first_state_too(export: Export) -> None:
    class Zeros(LearnedStart):
        def forward(self, x: Tensor) -> Tensor:
            y, _ = self.rnn(x, torch.zeros(1, x.shape[0], 6))
            result: Tensor = y
            return result

    exported = export(Zeros(), {"x": torch.zeros(1, 1, 4)}, ["y"])
    assert exported.states["rnn_h_in"]["initial"] == 0


def test_forward_may_take_and_return_its_states_itself(export: Export) -> None:
    inputs = {"x": torch.zeros(1, 1, 4), "h": torch.zeros(1, 1, 6), "c": torch.ones(1, 1, 6)}
    exported = export(Own(), inputs, ["y", "hn", "cn"], states={"h": "hn", "c": "cn"})
    assert [(s["input"], s["output"]) for s in exported.document["states"]] == [
        ("h", "hn"),
        ("c", "cn"),
    ]
    assert exported.states["h"]["batch_axis"] == 1
    assert exported.states["c"]["initial"] == 1.0


def test_a_buffer_that_forward_assigns_becomes_a_state_of_each_of_the_batch(
    export: Export,
) -> None:
    model = Spiking()
    exported = export(model, {"x": torch.zeros(1, 3)}, ["spikes"])
    state = exported.states["potential_in"]
    assert (state["output"], state["shape"], state["batch_axis"], state["initial"]) == (
        "potential_out",
        [None, 5],
        0,
        0.25,
    )
    assert model.potential.eq(0.25).all()


def test_buffers_written_in_place_and_counters_become_states(export: Export) -> None:
    exported = export(Ring(), {"x": torch.zeros(1, 3)}, ["y"])
    assert exported.states["last_in"]["shape"] == [None, 4, 3]
    count = exported.states["count_in"]
    assert (count["dtype"], count["shape"], count["batch_axis"]) == ("int64", [], None)


def test_a_cell_in_a_loop_is_one_state_where_the_number_of_steps_is_fixed(export: Export) -> None:
    inputs = {"x": torch.zeros(1, 3, 4)}
    exported = export(Looping(), inputs, ["y"], axes={"x": ("batch", None, None)})
    assert list(exported.states) == ["cell_h_in"]


def test_the_trace_is_what_torch_computes_and_small(export: Export) -> None:
    model = Anomaly()
    exported = export(model, {"x": torch.zeros(1, 1, 12)}, ["score"], description="sensors")
    trace = exported.document["trace"]
    inputs = np.concatenate([read(step["inputs"]["x"]) for step in trace["steps"]], 1)
    outputs = np.concatenate([read(step["outputs"]["score"]) for step in trace["steps"]], 1)
    with torch.no_grad():
        wanted = model.eval()(torch.from_numpy(inputs)).numpy()
    np.testing.assert_allclose(outputs, wanted, atol=trace["tolerance"])
    assert list(trace["states"]) == ["encoder_rnn_h_out"]
    assert exported.document["description"] == "sensors"
    assert exported.document["parameters"] == sum(p.numel() for p in model.parameters())


@pytest.mark.parametrize(
    ("model", "inputs"),
    [
        (Anomaly(), {"x": torch.zeros(1, 1, 12)}),
        (KeywordSpotter(), {"x": torch.zeros(1, 1, 10)}),
        (LearnedStart(), {"x": torch.zeros(1, 1, 4)}),
        (Ring(), {"x": torch.zeros(1, 3)}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_the_trace_replays_from_the_file_alone(
    export: Export, model: nn.Module, inputs: dict[str, Tensor]
) -> None:
    exported = export(model, inputs, ["y"])
    result = check_own_trace(Stepper(exported.path))
    assert result.steps == 4
    assert result.difference <= 1e-5 < result.tolerance


def test_a_large_trace_keeps_each_nth_value_only(export: Export) -> None:
    class Wide(Anomaly):
        def forward(self, x: Tensor) -> Tensor:
            return super().forward(x).repeat(1, 1, 4000)

    trace = export(Wide(), {"x": torch.zeros(1, 1, 12)}, ["score"]).document["trace"]
    assert trace["steps"][0]["outputs"]["score"]["every"] > 1
    assert len(json.dumps(trace, separators=(",", ":"))) <= TRACE_BYTES


def test_a_first_state_may_be_infinite(export: Export) -> None:
    class Largest(nn.Module):
        largest: Tensor

        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("largest", torch.full((1, 3), -float("inf")))

        def forward(self, x: Tensor) -> Tensor:
            self.largest = torch.maximum(self.largest, x)
            return self.largest

    exported = export(Largest(), {"x": torch.zeros(1, 3)}, ["y"])
    assert np.isneginf(Stepper(exported.path).initial_state()["largest_in"]).all()


def test_a_cache_that_grows_begins_empty(export: Export) -> None:
    inputs = {"x": torch.zeros(1, 1, 4), "past": torch.zeros(1, 0, 4)}
    axes = {"x": ("batch", None, None), "past": ("batch", "past", None)}
    exported = export(Cached(), inputs, ["y", "present"], states={"past": "present"}, axes=axes)
    state = exported.states["past"]
    assert (state["shape"], state["batch_axis"], state["start"]) == ([None, None, 4], 0, 0)
    feeds = {"x": np.ones((2, 1, 4), np.float32), "past": np.zeros((2, 5, 4), np.float32)}
    assert exported.run(feeds)["present"].shape == (2, 6, 4)


def test_a_measured_figure_is_written_into_the_file(export: Export) -> None:
    exported = export(Anomaly(), {"x": torch.zeros(1, 1, 12)}, ["score"], measure=lambda path: 0.5)
    assert exported.document["quality"] == {"measure": 0.5}


def test_a_state_example_that_differs_over_the_batch_is_refused(export: Export) -> None:
    inputs = {"x": torch.zeros(2, 1, 4), "h": torch.randn(1, 2, 6), "c": torch.zeros(1, 2, 6)}
    with pytest.raises(InputError, match="give one row"):
        export(Own(), inputs, ["y", "hn", "cn"], states={"h": "hn", "c": "cn"})
