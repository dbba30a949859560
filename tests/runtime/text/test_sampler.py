import numpy as np
import onnxruntime as ort
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qibu.core.arrays import Float32Array
from qibu_export.core.onnx_builder import FLOAT, GraphBuilder
from qibu_export.text.sampler_graph import add_sampler

SIZES = (5, 31, 200)
CASES = 2000  # for each size


def build(size: int) -> ort.InferenceSession:
    graph = GraphBuilder("sampler")
    add_sampler(graph, graph.input("logits", FLOAT, ["batch", size]), size)
    return ort.InferenceSession(graph.model().SerializeToString())


SESSIONS = {size: build(size) for size in SIZES}


def draw(
    logits: Float32Array, bias: Float32Array, t: float, k: int, p: float, uniform: Float32Array
) -> list[int]:
    feeds = {
        "logits": logits,
        "bias": bias,
        "temperature": np.array([t], np.float32),
        "top_k": np.array([min(k or logits.shape[1], logits.shape[1])], np.int64),
        "top_p": np.array([p], np.float32),
        "uniform": uniform,
    }
    tokens: list[int] = SESSIONS[logits.shape[1]].run(["token"], feeds)[0].tolist()
    return tokens


def candidates(
    logits: Float32Array, bias: Float32Array, t: float, k: int, p: float
) -> tuple[list[int], list[float]]:
    """Give the tokens that may be drawn, best first, and their running sum 0..1, in float64."""
    scaled = (logits.astype(np.float64) + bias) / np.float32(t)
    order = np.argsort(-scaled, kind="stable")[: k or None]
    weights = np.exp(scaled[order] - scaled[order[0]])
    weights /= weights.sum()
    kept = (np.cumsum(weights) - weights < np.float32(p)) & (weights > 0)
    summed = np.cumsum(weights[kept])
    return order[kept].tolist(), (summed / summed[-1]).tolist()


@pytest.mark.parametrize("size", SIZES)
def test_the_graph_draws_as_a_plain_numpy_sampler_does(size: int) -> None:
    random = np.random.default_rng(size)
    near = 0
    for _ in range(CASES):
        logits = random.normal(0, random.choice([0.3, 2, 6]), (1, size)).astype(np.float32)
        allowed = random.random((1, size)) < random.choice([0.2, 0.9, 1])
        allowed[0, random.integers(size)] = True
        bias = np.where(allowed, 0, -np.inf).astype(np.float32)
        t, p = random.uniform(0.2, 2), random.choice([1.0, random.uniform(0.01, 1)])
        k = int(random.choice([0, 1, 3, size, 3 * size]))
        uniform = random.choice([0, np.nextafter(np.float32(1), 0), random.random()], 1)
        uniform = uniform.astype(np.float32)
        (token,) = draw(logits, bias, t, k, p, uniform)
        tokens, summed = candidates(logits[0], bias[0], t, k, p)
        wanted = min(int(np.searchsorted(summed, uniform[0], "right")), len(tokens) - 1)
        if token == tokens[wanted]:
            continue
        # float32 sums of up to 200 numbers: a boundary within 1e-5 may fall on either side
        distance = np.abs(np.array([*summed, 0]) - uniform[0]).min()
        cut = np.abs(np.cumsum(softmax(logits[0] + bias[0], t, k)) - p).min()
        assert min(distance, cut) < 1e-5, (token, tokens[wanted])
        near += 0 < uniform[0] < 0.999  # the largest number below 1 is at a boundary by itself
    assert near < 0.005 * CASES


def softmax(logits: Float32Array, t: float, k: int) -> Float32Array:
    best = np.sort(logits)[::-1][: k or None] / np.float32(t)
    weights = np.exp(best - best[0])
    result: Float32Array = weights / weights.sum()
    return result


def test_top_k_of_one_takes_the_most_probable() -> None:
    logits = np.random.default_rng(0).normal(size=(50, 31)).astype(np.float32)
    uniform = np.full(50, 0.99, np.float32)
    assert draw(logits, np.zeros_like(logits), 1, 1, 1, uniform) == logits.argmax(1).tolist()


@settings(deadline=None)
@given(st.integers(0, 2**31), st.floats(0, 1, exclude_max=True, width=32), st.integers(0, 9))
def test_a_masked_token_is_never_drawn(seed: int, u: float, k: int) -> None:
    random = np.random.default_rng(seed)
    logits = random.normal(0, 5, (1, 31)).astype(np.float32)
    bias = np.where(random.random((1, 31)) < 0.8, -np.inf, 0).astype(np.float32)
    bias[0, random.integers(31)] = 0
    (token,) = draw(logits, bias, 1.3, k, 0.9, np.array([u], np.float32))
    assert bias[0, token] == 0


def test_tokens_are_drawn_as_often_as_their_probabilities_say() -> None:
    logits = np.array([[0, 1, 2, -1, 0.5]], np.float32).repeat(20_000, 0)
    uniform = (np.arange(20_000, dtype=np.float32) + np.float32(0.5)) / np.float32(20_000)
    counts = np.bincount(draw(logits, np.zeros_like(logits), 1, 0, 1, uniform), minlength=5)
    wanted = np.exp(logits[0]) / np.exp(logits[0]).sum()
    np.testing.assert_allclose(counts / 20_000, wanted, atol=2e-4)  # two uniforms at each end


def test_each_row_of_a_batch_has_its_own_mask_and_number() -> None:
    logits = np.zeros((2, 5), np.float32)
    bias = np.full((2, 5), -np.inf, np.float32)
    bias[0, 3] = bias[1, [0, 4]] = 0
    assert draw(logits, bias, 1, 0, 1, np.array([0.2, 0.7], np.float32)) == [3, 4]
