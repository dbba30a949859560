"""Step every model of a folder on a provider, and keep what comes out.

    python tests/export/stepping.py PROVIDER FOLDER OUT.npz

A script, since a provider may live in another environment than the tests. It needs qibu alone.
"""

import sys
from pathlib import Path

import numpy as np

import qibu
from qibu.core.arrays import Array

BATCHES, STEPS = (1, 3), 7


def step_all(path: Path, provider: str) -> dict[str, Array]:
    """Give every output and state after steps, after the same as one sequence, and by a `Stream`.

    Returns:
        Arrays by "how/batch/name".
    """
    stepper = qibu.Stepper(path, provider=provider)
    if stepper.provider != provider:
        raise SystemExit(f"{path} runs on {stepper.provider}, not on {provider}")
    found: dict[str, Array] = {}
    chance = np.random.default_rng(0)
    for batch in BATCHES:
        x: Array
        if "tokens" in stepper.inputs:
            name, x = "tokens", chance.integers(0, len(stepper.part.vocabulary), (batch, STEPS))
        else:
            size = batch, STEPS, stepper.part.pictures.width
            name, x = "rows", chance.random(size, np.float32)
        outputs, state = stepper.step({name: x}, stepper.initial_state(batch))
        found |= {f"whole/{batch}/{key}": value for key, value in {**outputs, **state}.items()}
        state = stepper.initial_state(batch)
        stream = qibu.Stream(stepper, state)
        for step in range(STEPS):
            outputs, state = stepper.step({name: x[:, step : step + 1]}, state)
            stream.put(name, x[:, step : step + 1])
            stream.step()
        found |= {f"stepped/{batch}/{key}": value for key, value in {**outputs, **state}.items()}
        streamed = {key: stream.fetch(key).copy() for key in outputs} | dict(stream.state())
        found |= {f"streamed/{batch}/{key}": value for key, value in streamed.items()}
    return found


def main(provider: str, folder: str, out: str) -> None:
    arrays = {
        f"{path.stem}/{key}": value
        for path in sorted(Path(folder).glob("*.onnx"))
        for key, value in step_all(path, provider).items()
    }
    np.savez(out, **arrays)  # type: ignore[arg-type]  # names are no keywords of savez


if __name__ == "__main__":
    main(*sys.argv[1:])
