"""In which arithmetic a network is trained: bfloat16 where that is quicker here, else float32."""

import sys
import time
from collections.abc import Callable
from typing import Literal

import torch
import torch.distributed as dist
from torch import nn

from qibu.core.errors import InputError

Bfloat16 = bool | Literal["auto"]

ROWS, STEPS, ROUNDS = 32, 32, 3  # of a trial: a moment, and long enough to tell
GAIN = 1.1  # how much quicker bfloat16 has to be, since it rounds
# the processor's time goes by leaps of 16 ms on Windows, which is longer than a trial
CLOCK = time.perf_counter if sys.platform == "win32" else time.process_time


def use_bfloat16(wanted: Bfloat16, layers: nn.RNNBase, device: torch.device) -> bool:
    """Say whether matrix products are taken in bfloat16; weights and sums stay float32.

    What a processor can do is tried and timed with the very layers: PyTorch has bfloat16 for an
    LSTM only where oneDNN has it, and elsewhere may emulate it, slower than float32.

    Args:
        wanted: "auto" lets a trial decide, which leaves torch's random numbers as they were.
        layers: those that are to be trained; their gradients are dropped.
        device: where they are.

    Raises:
        InputError: it is wanted, and this machine can't.
    """
    if wanted is False:
        return False
    if device.type == "cuda":
        return wanted is True or torch.cuda.is_bf16_supported()
    state = torch.get_rng_state()
    try:
        _seconds(layers, bfloat16=True)
        chosen = wanted is True or _is_quicker(layers)
    except RuntimeError as error:
        if wanted is True:
            raise InputError(
                f"bfloat16=true: this processor has no {type(layers).__name__} in bfloat16; "
                "give --set bfloat16=false, and begin a run that was trained so anew"
            ) from error
        chosen = False
    finally:
        torch.set_rng_state(state)
        layers.zero_grad(set_to_none=True)
    return _agreed(chosen)


def _is_quicker(layers: nn.RNNBase) -> bool:
    """Compare the least times of a few rounds in turns, which another program disturbs least."""
    times: dict[bool, list[float]] = {False: [], True: []}
    for _ in range(ROUNDS):
        for bfloat16, seconds in times.items():
            seconds.append(_seconds(layers, bfloat16))
    return min(times[False]) > GAIN * min(times[True])


def _seconds(layers: nn.RNNBase, bfloat16: bool) -> float:
    """Time a pass forwards and back."""
    inputs = torch.ones(ROWS, STEPS, layers.input_size)
    started = CLOCK()
    with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
        outputs, _ = layers(inputs)
    outputs.float().sum().backward()
    return CLOCK() - started


def _agreed(chosen: bool) -> bool:
    """Let the first of several processes choose for all."""
    if not dist.is_initialized():
        return chosen
    choices = [chosen]
    broadcast: Callable[..., None] = dist.broadcast_object_list
    broadcast(choices, src=0)
    return choices[0]
