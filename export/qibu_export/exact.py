"""tanh and the logistic function of exactly rounded operators: every processor gets the same bits.

`Tanh` and `Sigmoid` end in another last digit on every kind of processor. Now and then such a digit
decides how a hidden value is rounded to 8 bits, and some characters later the poem is another one.
Sums, products and quotients are the same everywhere, since IEEE 754 says how they are rounded.
"""

import numpy as np

from qibu.arrays import Array

from .builder import GraphBuilder

# tanh(x) = SLOPE · q(x) within 6e-5, with u = x² and
# q(x) = x · ((u + a) u + b) / ((u + c) u + d), held within ±1 / SLOPE; fitted for the least error
SLOPE = 0.051093619
_CONSTANTS = {
    "tanh_a": 158.97603,
    "tanh_b": 1572.9586,
    "tanh_c": 34.865008,
    "tanh_d": 80.386982,
    "tanh_least": -1 / SLOPE,
    "tanh_most": 1 / SLOPE,
}


def add_quotient(graph: GraphBuilder, x: str, output: str) -> str:
    """Add q(x), elementwise: tanh(x) / SLOPE."""
    a, b, c, d, least, most = (
        graph.constant(name, np.array(value, np.float32)) for name, value in _CONSTANTS.items()
    )

    def node(operator: str, left: str, right: str, name: str) -> str:
        return graph.node(operator, [left, right], f"{output}_{name}")

    u = node("Mul", x, x, "square")
    above = node("Mul", node("Add", u, a, "1"), u, "2")
    above = node("Mul", node("Add", above, b, "3"), x, "above")
    below = node("Mul", node("Add", u, c, "4"), u, "5")
    below = node("Add", below, d, "below")
    return graph.node("Clip", [node("Div", above, below, "free"), least, most], output)


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
