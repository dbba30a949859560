"""ONNX's recurrent operators as torch operators, so that torch's exporter keeps them whole.

torch's own exporter unrolls `nn.RNN` and freezes the time of a bidirectional LSTM. An operator of
ours stays one node, and is translated into ONNX's with batch and time left free.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from qibu_train.core.recurrent import CELLS

# which of torch's gates stands at each place of ONNX's, by torch's mode
GATES: dict[str, Sequence[int]] = {
    mode: CELLS[mode.partition("_")[0].lower()].onnx_gates
    for mode in ("RNN_TANH", "RNN_RELU", "GRU", "LSTM")
}


def reorder_gates(mode: str, array: Tensor, back: bool = False) -> Tensor:
    """Give a weight or bias with its gates, stacked along the first axis, in ONNX's order."""
    order = GATES[mode]
    parts = array.chunk(len(order))
    places = [list(order).index(gate) for gate in range(len(order))] if back else order
    return torch.cat([parts[place] for place in places])


def _compute(
    mode: str, x: Tensor, w: Tensor, r: Tensor, b: Tensor | None, states: Sequence[Tensor | None]
) -> tuple[Tensor, ...]:
    """Compute one layer with torch's own operators, given ONNX's weights."""
    directions, _, hidden = r.shape
    time, batch, _ = x.shape
    flat: list[Tensor] = []
    for direction in range(directions):
        flat += [reorder_gates(mode, part[direction], back=True) for part in (w, r)]
        if b is not None:
            flat += [reorder_gates(mode, half, back=True) for half in b[direction].chunk(2)]
    first = [x.new_zeros(directions, batch, hidden) if s is None else s for s in states]
    settings = (flat, b is not None, 1, 0.0, False, directions == 2, False)
    functions: Mapping[str, Callable[..., Any]] = {
        "RNN_TANH": torch.rnn_tanh,
        "RNN_RELU": torch.rnn_relu,
        "GRU": torch.gru,
        "LSTM": torch.lstm,
    }
    y, *last = functions[mode](x, first if mode == "LSTM" else first[0], *settings)
    return y.view(time, batch, directions, hidden).transpose(1, 2).contiguous(), *last


@torch.library.custom_op("qibu::lstm", mutates_args=())
def lstm(
    x: Tensor, w: Tensor, r: Tensor, b: Tensor | None, h: Tensor | None, c: Tensor | None
) -> tuple[Tensor, Tensor, Tensor]:
    """Run one LSTM layer over x (time, batch, input), as ONNX's `LSTM` does."""
    y, h_last, c_last = _compute("LSTM", x, w, r, b, (h, c))
    return y, h_last, c_last


@torch.library.custom_op("qibu::recurrence", mutates_args=())
def recurrence(
    x: Tensor, w: Tensor, r: Tensor, b: Tensor | None, h: Tensor | None, mode: str
) -> tuple[Tensor, Tensor]:
    """Run one GRU or vanilla layer over x (time, batch, input), as ONNX's operators do."""
    y, h_last = _compute(mode, x, w, r, b, (h,))
    return y, h_last


def _empty(x: Tensor, r: Tensor) -> tuple[Tensor, Tensor]:
    directions, _, hidden = r.shape
    time, batch, _ = x.shape
    return (
        x.new_empty(time, directions, batch, hidden),
        x.new_empty(directions, batch, hidden),
    )


@lstm.register_fake
def _lstm_shapes(
    x: Tensor, w: Tensor, r: Tensor, b: Tensor | None, h: Tensor | None, c: Tensor | None
) -> tuple[Tensor, Tensor, Tensor]:
    y, last = _empty(x, r)
    return y, last, torch.empty_like(last)


@recurrence.register_fake
def _recurrence_shapes(
    x: Tensor, w: Tensor, r: Tensor, b: Tensor | None, h: Tensor | None, mode: str
) -> tuple[Tensor, Tensor]:
    return _empty(x, r)


def translations(opset: int) -> dict[Callable[..., Any], Callable[..., Any]]:
    """Give how `torch.onnx.export` writes these operators.

    Args:
        opset: of the file.
    """
    import onnxscript

    operators = getattr(onnxscript, f"opset{opset}")

    def settings(r: Any) -> dict[str, Any]:
        directions, _, hidden = r.shape
        # ONNX's own defaults are left out: some readers know those only
        both = {"direction": "bidirectional"} if directions == 2 else {}
        return {"hidden_size": int(hidden), **both}

    def to_lstm(x: Any, w: Any, r: Any, b: Any, h: Any, c: Any) -> Any:
        return operators.LSTM(x, w, r, b, None, h, c, None, **settings(r))

    def to_recurrence(x: Any, w: Any, r: Any, b: Any, h: Any, mode: str) -> Any:
        if mode == "GRU":
            return operators.GRU(x, w, r, b, None, h, linear_before_reset=1, **settings(r))
        more = {} if mode == "RNN_TANH" else {"activations": ["Relu"] * r.shape[0]}
        return operators.RNN(x, w, r, b, None, h, **more, **settings(r))

    return {
        torch.ops.qibu.lstm.default: to_lstm,
        torch.ops.qibu.recurrence.default: to_recurrence,
    }
