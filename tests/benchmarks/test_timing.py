"""The peers are measured rightly: the same weights, the same sampling, honest statistics."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import qibu
from peers_onnx import first_feeds, open_plainly
from peers_torch import Cells, Eager, draw, warp_and_draw
from qibu.bundled import model_path
from qibu.core.arrays import Array
from qibu_export.module.writing import verify_written
from qibu_export.trained.application import kind_of
from qibu_export.trained.step_module import StepModule
from sampling import TEMPERATURE, TOP_K, TOP_P, Floats, draw_by_partition, draw_by_sorting
from timing import Contestant, Times, interleave
from weights import bundled_network, without_sampler

DRAWS = 4000


def test_the_weights_read_back_are_those_of_the_bundled_float_file() -> None:
    # the limit is that of a quantised file; the difference is rounding alone
    module, path = StepModule(bundled_network(), kind_of("poem")), model_path("poem", "cuda")
    verification = verify_written(module, path, module.request(path, "float32"))
    assert verification.difference < 1e-5


@torch.inference_mode()
def test_the_two_torch_networks_are_one() -> None:
    network = bundled_network()
    eager, cells = Eager(network), Cells(network)
    state: Any = None
    states = [(torch.zeros(1, 512), torch.zeros(1, 512)) for _ in range(2)]
    for number in (5, 300, 4000):
        token = torch.tensor([[number]])
        logits, state = eager(token, state)
        _, states = cells(token, torch.zeros(1, logits.shape[1]), states)
    for layer, (h, c) in enumerate(states):
        assert torch.allclose(state[0][layer], h, atol=1e-5)
        assert torch.allclose(state[1][layer], c, atol=1e-5)


def test_a_graph_without_its_sampler_gives_the_same_logits(tmp_path: Path) -> None:
    stepper = qibu.Stepper(model_path("poem"))
    state = stepper.initial_state()
    outputs, _ = stepper.step({"tokens": [[100]]}, state)
    session = open_plainly(without_sampler(model_path("poem"), tmp_path / "cut.onnx"))
    logits, *_ = session.run(None, {**first_feeds(session), "tokens": np.array([[100]])})
    assert np.array_equal(logits, outputs["logits"])


def _sample_all(logits: Floats) -> dict[str, Array]:
    """Give how often each way draws each token."""
    chance, bias = np.random.default_rng(0), np.zeros_like(logits)
    tensor = torch.from_numpy(logits)[None]
    torch.manual_seed(0)
    ways: dict[str, Callable[[], int]] = {
        "sorting": lambda: draw_by_sorting(logits, bias, chance),
        "partition": lambda: draw_by_partition(logits, bias, chance),
        "warp": lambda: int(warp_and_draw(tensor)),
        "draw": lambda: int(draw(tensor, TEMPERATURE, TOP_K, TOP_P)),
    }
    return {
        name: np.bincount([way() for _ in range(DRAWS)], minlength=len(logits)) / DRAWS
        for name, way in ways.items()
    }


def test_all_ways_draw_from_the_same_distribution() -> None:
    logits = np.random.default_rng(3).normal(0, 1.5, 200).astype(np.float32)
    best = np.argsort(-logits)[:TOP_K]
    p = np.exp(logits[best] / TEMPERATURE)
    p /= p.sum()
    p *= np.cumsum(p) - p < TOP_P
    wanted = np.zeros(len(logits))
    wanted[best] = p / p.sum()
    for name, found in _sample_all(logits).items():
        assert not found[wanted == 0].any(), name
        # five standard deviations of the likeliest token's share
        limit = 5 * np.sqrt(wanted.max() * (1 - wanted.max()) / DRAWS)
        assert np.abs(found - wanted).max() < limit, name


def test_ratios_are_of_the_same_round() -> None:
    times = Times({"a": [2.0, 40.0, 6.0], "b": [1.0, 10.0, 3.0]})
    assert times.ratio("a", "b") == 2.0
    assert times.median("a") == 6.0
    assert times.quickest("a", "b", "missing") == "b"


def test_everybody_has_a_turn_in_every_round() -> None:
    turns: list[str] = []

    def contestant(name: str) -> Contestant:
        def run() -> tuple[float, int]:
            turns.append(name)
            return 1.0, 10

        return run

    times = interleave({name: contestant(name) for name in "ab"}, rounds=3, warm_up=1)
    assert "".join(turns) == "abababab"
    assert times.microseconds == {"a": pytest.approx([1e5] * 3), "b": pytest.approx([1e5] * 3)}
