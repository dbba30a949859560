"""The sampler as graph nodes: mask, temperature, top-k, top-p, and the caller's random number."""

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
    size = graph.int64(vocabulary_size)
    limited = graph.node("Min", [top_k, size], "limited_k")
    chooses = graph.node("Greater", [top_k, graph.int64(0)], "chooses_k")
    k = graph.node("Where", [chooses, limited, size], "k")
    graph.nodes("TopK", [masked, k], ["best_logits", "best_tokens"], axis=1)
    # from here on (batch, k), falling; only what is sorted out is worth an exponential
    scaled = graph.node("Div", ["best_logits", temperature], "scaled_logits")
    p = graph.node("Softmax", [scaled], "p", axis=1)

    axis = graph.int64(1)
    summed = graph.node("CumSum", [p, axis], "summed_p")
    before = graph.node("Sub", [summed, p], "p_before")
    kept = graph.node("Less", [before, top_p], "kept")
    kept_count = graph.node("ReduceSum", [graph.cast(kept, INT64, "kept_as_int"), axis], "kept_n")
    last = graph.node("Sub", [kept_count, axis], "last")
    end = graph.node("GatherElements", [summed, last], "p_end", axis=1)
    wanted = graph.node("Mul", [graph.node("Unsqueeze", [uniform, axis], "u"), end], "wanted_p")
    reached = graph.node("LessOrEqual", [summed, wanted], "reached")
    # rounding may bring uniform * end up to the end, which would pass the last candidate
    inside = graph.node("Less", [summed, end], "inside")
    passed = graph.node("And", [reached, inside], "passed")
    index = graph.node("ReduceSum", [graph.cast(passed, INT64, "passed_as_int"), axis], "index")
    token = graph.node("GatherElements", ["best_tokens", index], "token_column", axis=1)
    graph.node("Squeeze", [token, axis], "token")
    graph.output("token", INT64, ["batch"])
