"""The sampler as graph nodes: mask, temperature, top-k, top-p, and the caller's random number."""

import numpy as np
import onnx

from ..core.onnx_builder import FLOAT, INT64, GraphBuilder


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
    the token is the one at which the sum of their probabilities reaches `uniform` times its end.
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
    one = graph.constant("one", np.ones(1, np.float32))
    short = graph.node("Less", [summed, top_p], "short_of_top_p")
    ends = graph.node("Where", [short, one, summed], "ends")
    end = graph.node("ReduceMin", [ends, axis], "p_end", keepdims=1)
    column = graph.node("Unsqueeze", [uniform, axis], "uniform_column")
    wanted = graph.node("Mul", [column, end], "wanted_p")
    # the first of its largest numbers is where the sum reaches what is wanted or, where rounding
    # leaves it below that, its own end: never a candidate without a probability
    reached = graph.node("Min", [summed, wanted], "reached_p")
    index = graph.node("ArgMax", [reached], "index", axis=1, keepdims=1)
    graph.node("GatherND", ["best_tokens", index], "token", batch_dims=1)
    graph.output("token", INT64, ["batch"])
