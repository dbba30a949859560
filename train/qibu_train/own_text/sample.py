"""A piece of text that a network writes while it is trained."""

import numpy as np
import torch

from qibu.text.vocabulary import END, UNKNOWN, Vocabulary

from ..text.network import TextNetwork
from .corpus import BYTES, START

TEMPERATURE = 0.8


@torch.no_grad()
def write_sample(network: TextNetwork, vocabulary: Vocabulary, length: int, seed: int) -> str:
    """Write about `length` characters from the beginning of a text, of several if they are short.

    The random numbers are its own: torch's stay as they were.
    """
    random = np.random.default_rng(seed)
    device = network.embedding.weight.device
    start, end = vocabulary.id(START), vocabulary.id(END)
    silent = [vocabulary.id(UNKNOWN), start]
    token, state = start, None
    written: list[str] = []
    while len(written) < length:
        logits, state = network(torch.tensor([[token]], device=device), state)
        scaled = logits[0].double().cpu() / TEMPERATURE
        scaled[silent] = -torch.inf
        shares = scaled.softmax(0).numpy().cumsum()
        token = int(min(np.searchsorted(shares, random.random() * shares[-1]), len(shares) - 1))
        if token == end:
            written.append("\n")
            token, state = start, None
        else:
            written.append(vocabulary.token(token))
    text = "".join(written)
    if vocabulary.characters == BYTES:
        text = text.encode("latin-1").decode("utf-8", "replace")
    return text
