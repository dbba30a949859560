"""A contestant in another environment: times a poem each time it is asked to.

    python benchmarks/worker.py openvino task.json

Reads lines from stdin; for each it writes a poem and prints the seconds and the characters.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sampling import draw_by_partition
from timing import Contestant, of_poem, of_process

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Task:
    """What a contestant elsewhere has to know."""

    model: str
    precision: str  # of what is computed, in OpenVINO's words
    prompt: list[int]
    allowed: list[int]  # token numbers that may be drawn
    names: str  # a character for each token number
    seed: int
    characters: int


def start(kind: str, task: Task, python: Path, folder: Path) -> Contestant:
    """Start a worker and give what asks it for one poem at a time."""
    description = folder / f"{kind}-{Path(task.model).stem}.json"
    description.write_text(json.dumps(asdict(task)), "utf-8")
    process = subprocess.Popen(
        [python, __file__, kind, description],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        env={"PYTHONPATH": str(ROOT / "runtime"), "PATH": ""},
    )
    return of_process(process)


def _openvino(task: Task) -> Callable[[], Iterator[str]]:
    import openvino

    compiled = openvino.Core().compile_model(
        task.model,
        "CPU",
        {
            "INFERENCE_NUM_THREADS": 1,
            "NUM_STREAMS": 1,
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_PRECISION_HINT": task.precision,
        },
    )
    request = compiled.create_infer_request()
    names = [port.any_name for port in compiled.inputs if port.any_name != "tokens"]
    ports = {port.any_name: port for port in compiled.inputs}
    bias = np.full(len(task.names), -np.inf, np.float32)
    bias[task.allowed] = 0

    def write() -> Iterator[str]:
        chance = np.random.default_rng()
        feeds: dict[str, Any] = {}
        for name in names:
            layers, _, hidden = ports[name].partial_shape
            feeds[name] = np.zeros((layers.get_length(), 1, hidden.get_length()), np.float32)
        token = task.prompt
        while True:
            feeds["tokens"] = np.array([token])
            results = request.infer(feeds, share_inputs=True)
            logits, *states = results.values()
            feeds.update((name, state.copy()) for name, state in zip(names, states, strict=True))
            token = [draw_by_partition(logits[0], bias, chance)]
            yield task.names[token[0]]

    return write


def _provider(task: Task) -> Callable[[], Iterator[str]]:
    import qibu

    poet = qibu.load(task.model, provider="openvino")
    assert isinstance(poet, qibu.Poet)
    return lambda: poet.stream("雜言", seed=task.seed)


KINDS: Mapping[str, Callable[[Task], Callable[[], Iterator[str]]]] = {
    "openvino": _openvino,
    "openvino-provider": _provider,
}


def main() -> None:
    task = Task(**json.loads(Path(sys.argv[2]).read_text("utf-8")))
    run = of_poem(KINDS[sys.argv[1]](task), task.characters)
    for _ in sys.stdin:
        print(*run(), flush=True)


if __name__ == "__main__":
    main()
