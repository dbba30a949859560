"""The same network stepped by torch, in the ways that people write it."""

import shutil
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch._inductor import config as inductor

from qibu_train.text.network import TextNetwork
from sampling import TEMPERATURE, TOP_K, TOP_P

Begin = Callable[[], Iterator[str]]  # begins a poem and gives its characters
COMPILED = "`torch.compile`, frozen and tuned"


def warp_and_draw(logits: Tensor) -> Tensor:
    """Draw (1, 1) from logits (1, vocabulary) as text generators do: warp by k, warp by p, draw."""
    logits = logits / TEMPERATURE
    logits = logits.masked_fill(logits < torch.topk(logits, TOP_K)[0][..., -1:], -torch.inf)
    rising, order = torch.sort(logits)
    cut = rising.softmax(-1).cumsum(-1) <= 1 - TOP_P
    logits = logits.masked_fill(cut.scatter(1, order, cut), -torch.inf)
    return torch.multinomial(logits.softmax(-1), 1)


def draw(logits: Tensor, temperature: float, top_k: int, top_p: float) -> Tensor:
    """Draw the same with as little work as torch allows: the k best come sorted."""
    best, order = torch.topk(logits, top_k)
    p = (best / temperature).softmax(-1)
    kept = p * (p.cumsum(-1) - p < top_p)
    return order.gather(1, torch.multinomial(kept, 1))


class Eager(nn.Module):
    """An embedding, `nn.LSTM` and a linear layer: a network as it was trained."""

    def __init__(self, network: TextNetwork) -> None:
        super().__init__()
        self.embedding = network.embedding
        self.rnn = network.rnn
        self.output = nn.Linear(network.hidden_size, len(network.bias))
        self.output.weight, self.output.bias = network.embedding.weight, network.bias

    def forward(self, token: Tensor, state: Any) -> tuple[Tensor, Any]:
        """Give the logits (1, vocabulary) after a token (1, 1)."""
        outputs, state = self.rnn(self.embedding(token), state)
        return self.output(outputs[:, -1]), state


class Cells(nn.Module):
    """The same out of `nn.LSTMCell`, the drawing included, in what TorchScript can read."""

    def __init__(self, network: TextNetwork) -> None:
        super().__init__()
        weights = network.rnn.state_dict()
        self.embedding = network.embedding
        self.cells = nn.ModuleList()
        for layer in range(network.num_layers):
            cell = nn.LSTMCell(network.hidden_size, network.hidden_size)
            names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            cell.load_state_dict({name: weights[f"{name}_l{layer}"] for name in names})
            self.cells.append(cell)
        self.output = nn.Linear(network.hidden_size, len(network.bias))
        self.output.weight, self.output.bias = network.embedding.weight, network.bias
        self.temperature, self.top_k, self.top_p = TEMPERATURE, TOP_K, TOP_P

    def forward(
        self, token: Tensor, bias: Tensor, state: list[tuple[Tensor, Tensor]]
    ) -> tuple[Tensor, list[tuple[Tensor, Tensor]]]:
        """Give the next token (1, 1), and a state a layer."""
        x = self.embedding(token[:, 0])
        after: list[tuple[Tensor, Tensor]] = []
        for number, cell in enumerate(self.cells):
            h, c = cell(x, state[number])
            x = h
            after.append((h, c))
        logits = self.output(x) + bias
        return draw(logits, self.temperature, self.top_k, self.top_p), after


def _write_eagerly(
    model: Eager, draw: Callable[[Tensor], Tensor], prompt: list[int], bias: Tensor, names: str
) -> Iterator[str]:
    token, state = torch.tensor([prompt]), None
    while True:
        with torch.inference_mode():
            logits, state = model(token, state)
            token = draw(logits + bias)
        yield names[int(token)]


def _write_by_cells(
    model: Callable[..., Any], size: tuple[int, int], prompt: list[int], bias: Tensor, names: str
) -> Iterator[str]:
    state = [(torch.zeros(1, size[1]), torch.zeros(1, size[1])) for _ in range(size[0])]
    with torch.inference_mode():
        for number in prompt:
            token, state = model(torch.tensor([[number]]), bias, state)
    while True:
        yield names[int(token)]
        with torch.inference_mode():
            token, state = model(token, bias, state)


def torch_peers(
    network: TextNetwork, prompt: list[int], bias: Tensor, names: str
) -> dict[str, Begin]:
    """Give every way to write with torch.

    Args:
        network: an LSTM's.
        prompt: token numbers before the poem.
        bias: (1, vocabulary) float32, 0 or -inf.
        names: a character for each token number.
    """
    size = (network.num_layers, network.hidden_size)
    eager, cells = Eager(network).eval(), Cells(network).eval()

    def lean(logits: Tensor) -> Tensor:
        return draw(logits, TEMPERATURE, TOP_K, TOP_P)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # both ways are deprecated, and still what people use
        scripted = torch.jit.optimize_for_inference(torch.jit.script(cells))
        kinds = {nn.LSTM, nn.LSTMCell, nn.Linear}
        quantise: Any = torch.ao.quantization.quantize_dynamic
        int8 = quantise(Eager(network).eval(), kinds)
        int8_cells = quantise(Cells(network).eval(), kinds)
    peers: dict[str, Begin] = {
        "torch `nn.LSTM`": lambda: _write_eagerly(eager, warp_and_draw, prompt, bias, names),
        "torch `nn.LSTM`, lean sampling": lambda: _write_eagerly(eager, lean, prompt, bias, names),
        "torch `LSTMCell`": lambda: _write_by_cells(cells, size, prompt, bias, names),
        "torch TorchScript": lambda: _write_by_cells(scripted, size, prompt, bias, names),
        "torch dynamic int8": lambda: _write_eagerly(int8, lean, prompt, bias, names),
        "torch dynamic int8, `LSTMCell`": lambda: _write_by_cells(
            int8_cells, size, prompt, bias, names
        ),
    }
    if shutil.which("g++"):
        # weights frozen, every kernel chosen by trial; per call these settings don't take hold
        inductor.freezing = inductor.max_autotune = True
        inductor.autotune_num_choices_displayed = 0
        compiled = torch.compile(Cells(network).eval())
        peers[COMPILED] = lambda: _write_by_cells(compiled, size, prompt, bias, names)
    return peers
