"""Drawing a character in numpy, as those do whose graph ends at the logits."""

import numpy as np
import numpy.typing as npt

TEMPERATURE, TOP_K, TOP_P = 0.8, 64, 0.9  # Qibu's defaults: `character.py` holds them equal

Floats = npt.NDArray[np.float32]


def draw_by_sorting(logits: Floats, bias: Floats, chance: np.random.Generator) -> int:
    """Draw as it is usually written: sort everything, cut, choose.

    Args:
        logits: (vocabulary,) float32.
        bias: (vocabulary,) float32, 0 or -inf.
        chance: where the random number comes from.
    """
    scaled = (logits + bias) / TEMPERATURE
    order = np.argsort(-scaled)[:TOP_K]
    p = np.exp(scaled[order] - scaled[order[0]])
    p /= p.sum()
    kept = p[np.cumsum(p) - p < TOP_P]
    return int(chance.choice(order[: len(kept)], p=kept / kept.sum()))


def draw_by_partition(logits: Floats, bias: Floats, chance: np.random.Generator) -> int:
    """Draw the same with as little work as numpy allows: sort only the best."""
    masked = logits + bias
    best = np.argpartition(masked, -TOP_K)[-TOP_K:]
    best = best[np.argsort(-masked[best])]
    summed = np.cumsum(np.exp((masked[best] - masked[best[0]]) / np.float32(TEMPERATURE)))
    last = np.searchsorted(summed, TOP_P * summed[-1])
    wanted = chance.random() * summed[last]
    return int(best[np.searchsorted(summed, wanted, side="right")])
