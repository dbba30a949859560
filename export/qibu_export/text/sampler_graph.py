"""The sampler as graph nodes: mask, temperature, top-k, top-p, and the caller's random number."""

import numpy as np
import onnx

from ..core.onnx_builder import FLOAT, INT64, GraphBuilder

# keeps `uniform` times the end below the end, whatever rounding does: at the end all is passed
BELOW_ONE = 1 - 2.0**-23


def with_sampler(model: onnx.ModelProto) -> onnx.ModelProto:
    """Give a copy of a model of `logits` that draws from them."""
    complete = onnx.ModelProto()
    complete.CopyFrom(model)
    (logits,) = (value for value in model.graph.output if value.name == "logits")
    builder = GraphBuilder("sampler")
    add_sampler(builder, logits.name, logits.type.tensor_type.shape.dim[1].dim_value)
    builder.append_to(complete.graph)
    return complete


def add_sampler(graph: GraphBuilder, logits: str, vocabulary_size: int) -> None:
    """Draw `token` (batch,) int64 from logits (batch, vocabulary).

    The candidates are sorted by probability, the `top_k` first are kept (1..vocabulary), of
    these the fewest that together reach `top_p` (Holtzman et al. 2020, https://arxiv.org/abs/1904.09751);
    the token is the one at which the sum of their probabilities passes `uniform` times its end.
    """
    bias = graph.input("bias", FLOAT, ["batch", vocabulary_size])
    temperature = graph.input("temperature", FLOAT, [1])
    top_k = graph.input("top_k", INT64, [1])
    top_p = graph.input("top_p", FLOAT, [1])
    uniform = graph.input("uniform", FLOAT, ["batch"])

    masked = graph.node("Add", [logits, bias], "masked_logits")
    graph.nodes("TopK", [masked, top_k], ["best_logits", "best_tokens"], axis=1)
    # from here on (batch, k), falling: only what is sorted out is worth an exponential
    scaled = graph.node("Div", ["best_logits", temperature], "scaled_logits")
    p = graph.node("Softmax", [scaled], "p", axis=1)

    axis = graph.int64(1)
    summed = graph.node("CumSum", [p, axis], "summed_p")
    kept = graph.node("Less", [graph.node("Sub", [summed, p], "p_before"), top_p], "kept")
    nothing = graph.constant("nothing", np.zeros(1, np.float32))
    kept_sums = graph.node("Where", [kept, summed, nothing], "kept_sums")
    end = graph.node("ReduceMax", [kept_sums, axis], "p_end", keepdims=1)
    below = graph.constant("below_one", np.array([BELOW_ONE], np.float32))
    share = graph.node("Unsqueeze", [graph.node("Mul", [uniform, below], "share"), axis], "column")
    wanted = graph.node("Mul", [share, end], "wanted_p")
    passed = graph.node("LessOrEqual", [summed, wanted], "passed")
    index = graph.node("ReduceSum", [graph.cast(passed, INT64, "passed_as_int"), axis], "index")
    token = graph.node("GatherElements", ["best_tokens", index], "token_column", axis=1)
    graph.node("Squeeze", [token, axis], "token")
    graph.output("token", INT64, ["batch"])
