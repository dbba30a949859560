"""tanh and the logistic function of exactly rounded operators: every processor gets the same bits.

`Tanh` and `Sigmoid` end in another last digit on every kind of processor. Now and then such a digit
decides how a hidden value is rounded to 8 bits, and some characters later the poem is another one.
Sums, products and quotients are the same everywhere, since IEEE 754 says how they are rounded.
"""

import numpy as np

from qibu.core.arrays import Array

from .onnx_builder import GraphBuilder

# tanh(x) = SLOPE · q(x) within 8e-4, a tenth of a step of 8 bits, with x held within ±MOST, u = x²
# and q(x) = x (u + a) / ((u + c) u + d); fitted for the least error
SLOPE = 13.38387039
MOST = 4.5
_CONSTANTS = {
    "tanh_least": -MOST,
    "tanh_most": MOST,
    "tanh_a": 170.45648013 / SLOPE,
    "tanh_c": 69.49540086,
    "tanh_d": 170.80157823,
}


def add_quotient(graph: GraphBuilder, x: str, output: str) -> str:
    """Add q(x), elementwise: tanh(x) / SLOPE."""
    least, most, a, c, d = (
        graph.constant(name, np.array(value, np.float32)) for name, value in _CONSTANTS.items()
    )

    def node(operator: str, left: str, right: str, name: str) -> str:
        return graph.node(operator, [left, right], f"{output}_{name}")

    held = graph.node("Clip", [x, least, most], f"{output}_held")
    u = node("Mul", held, held, "square")
    above = node("Mul", node("Add", u, a, "1"), held, "above")
    below = node("Add", node("Mul", node("Add", u, c, "2"), u, "3"), d, "below")
    return graph.node("Div", [above, below], output)


def add_scaled(
    graph: GraphBuilder, x: str, factor: Array, offset: Array | None, output: str
) -> str:
    """Add `factor` times q(x) plus `offset`, elementwise.

    With x = z / 2, the factor SLOPE / 2 and the offset 1 / 2, that is the logistic function of z.
    """
    names = [add_quotient(graph, x, f"{output}_q"), graph.constant(f"{output}_factor", factor)]
    if offset is None:
        return graph.node("Mul", names, output)
    scaled = graph.node("Mul", names, f"{output}_scaled")
    return graph.node("Add", [scaled, graph.constant(f"{output}_offset", offset)], output)
