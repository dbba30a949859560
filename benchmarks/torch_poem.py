"""A poem written by torch alone: what one would write without Qibu, and write well.

    python benchmarks/torch_poem.py weights.pt vocabulary.json PROMPT…

The class is here since a torch user needs it too; no package but torch is imported.
"""

import json
import sys

import torch
from torch import Tensor, nn


class Poet(nn.Module):
    def __init__(self, vocabulary_size: int, hidden_size: int, num_layers: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary_size, hidden_size)
        self.rnn = nn.LSTM(hidden_size, hidden_size, num_layers, batch_first=True)
        self.bias = nn.Parameter(torch.zeros(vocabulary_size))

    def forward(
        self, tokens: Tensor, state: tuple[Tensor, Tensor] | None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        outputs, state = self.rnn(self.embedding(tokens), state)
        return nn.functional.linear(outputs[:, -1], self.embedding.weight, self.bias), state


def main() -> None:
    torch.set_num_threads(1)
    with open(sys.argv[2], encoding="utf-8") as stream:
        vocabulary: list[str] = json.load(stream)
    with torch.device("meta"):  # no time goes into weights that are replaced
        model = Poet(len(vocabulary), 512, 2)
    weights = torch.load(sys.argv[1], weights_only=True, mmap=True)
    model.load_state_dict(weights, assign=True)
    bias = torch.tensor([0.0 if len(token) == 1 else -torch.inf for token in vocabulary])
    tokens, state = torch.tensor([[vocabulary.index(token) for token in sys.argv[3:]]]), None
    with torch.inference_mode():
        for _ in range(32):
            logits, state = model(tokens, state)
            best, order = torch.topk(logits[0] + bias, 64)
            p = (best / 0.8).softmax(0)
            p *= p.cumsum(0) - p < 0.9
            tokens = order[torch.multinomial(p, 1)][None]
            print(vocabulary[int(tokens)], end="", flush=True)
    print()


if __name__ == "__main__":
    main()
