"""The sampler as graph nodes: mask, temperature, top-k, top-p, and the caller's random number."""

import numpy as np

from .builder import FLOAT, INT64, GraphBuilder


def add_sampler(graph: GraphBuilder, logits: str, vocabulary_size: int) -> None:
    """Draw `token` (batch,) int64 from logits (batch, vocabulary).

    The candidates are sorted by probability, the `top_k` first are kept (0: all), of these the
    fewest that together reach `top_p` (Holtzman et al. 2020, https://arxiv.org/abs/1904.09751);
    the token is the one at which the sum of their probabilities passes `uniform` times its end.
    """
    bias = graph.input("bias", FLOAT, ["batch", vocabulary_size])
    temperature = graph.input("temperature", FLOAT, [1])
    top_k = graph.input("top_k", INT64, [1])
    top_p = graph.input("top_p", FLOAT, [1])
    uniform = graph.input("uniform", FLOAT, ["batch"])

    masked = graph.node("Add", [logits, bias], "masked_logits")
    scaled = graph.node("Div", [masked, temperature], "scaled_logits")
    size = graph.int64(vocabulary_size)
    limited = graph.node("Min", [top_k, size], "limited_k")
    chooses = graph.node("Greater", [top_k, graph.int64(0)], "chooses_k")
    k = graph.node("Where", [chooses, limited, size], "k")
    graph.nodes("TopK", [scaled, k], ["best_logits", "best_tokens"], axis=1)
    p = graph.node("Softmax", ["best_logits"], "p", axis=1)  # (batch, k), falling

    axis = graph.int64(1)
    before = graph.node("CumSum", [p, axis], "p_before", exclusive=1)
    reached = graph.node("Less", [before, top_p], "inside_top_p")
    possible = graph.node(
        "Greater", [p, graph.constant("zero", np.zeros(1, np.float32))], "possible"
    )
    kept = graph.node("And", [reached, possible], "kept")
    kept_p = graph.node("Mul", [p, graph.cast(kept, FLOAT, "kept_as_float")], "kept_p")
    summed = graph.node("CumSum", [kept_p, axis], "summed_p")
    # the end of the running sum itself, since a sum taken in another order may differ
    end = graph.node("ReduceMax", [summed], "p_end", axes=[1], keepdims=1)
    wanted = graph.node("Mul", [graph.node("Unsqueeze", [uniform, axis], "u"), end], "wanted_p")
    passed = graph.node("LessOrEqual", [summed, wanted], "passed")
    count = graph.node("ReduceSum", [graph.cast(passed, INT64, "passed_as_int"), axis], "count")
    kept_count = graph.node("ReduceSum", [graph.cast(kept, INT64, "kept_as_int"), axis], "kept_n")
    last = graph.node("Sub", [kept_count, graph.int64(1)], "last")
    # rounding may bring uniform * end up to the end, which would pass the last candidate
    index = graph.node("Min", [count, last], "index")
    token = graph.node("GatherElements", ["best_tokens", index], "token_column", axis=1)
    graph.node("Squeeze", [token, axis], "token")
    graph.output("token", INT64, ["batch"])
