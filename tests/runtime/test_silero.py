"""Models from elsewhere: those inside the wheel of silero-vad, driven by hand and by Stepper."""

import zipfile
from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest

from qibu import Stepper
from qibu.core.arrays import Array

CHUNKS = 100
WHEELS = sorted((Path(__file__).parents[2] / ".venv" / "wheels").glob("silero_vad-*.whl"))
SEED = 7

pytestmark = pytest.mark.skipif(not WHEELS, reason="no silero-vad wheel; `make test` fetches it")

# file, its audio input's shape, {state in: (state out, shape)}, whether it wants the rate
MODELS = [
    ("silero_vad", (1, 576), {"state": ("stateN", (2, 1, 128))}, True),
    ("silero_vad_16k_op15", (3, 576), {"state": ("stateN", (2, 3, 128))}, True),
    ("silero_vad_half", (2, 576), {"state": ("stateN", (2, 2, 128))}, False),
    ("silero_vad_op18_ifless", (3, 576), {"state": ("stateN", (2, 3, 128))}, True),
    ("silero_vad_openvino_16k", (1, 576), {"state": ("stateN", (2, 1, 128))}, False),
    (
        "silero_vad_16k_sequence",
        (4, 576),
        {"h": ("hn", (1, 1, 128)), "c": ("cn", (1, 1, 128))},
        False,
    ),
]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(("name", "shape", "states", "rate"), MODELS, ids=[m[0] for m in MODELS])
def test_a_stepped_model_is_the_model_driven_by_hand(
    name: str,
    shape: tuple[int, int],
    states: dict[str, tuple[str, tuple[int, ...]]],
    rate: bool,
    tmp_path: Path,
) -> None:
    path = tmp_path / f"{name}.onnx"
    with zipfile.ZipFile(WHEELS[-1]) as wheel:
        path.write_bytes(wheel.read(f"silero_vad/data/{name}.onnx"))
    stepper = Stepper(path)
    assert {pair.input: pair.output for pair in stepper.pairs} == {
        into: out for into, (out, _) in states.items()
    }
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    outputs = [port.name for port in session.get_outputs()]
    by_hand = {into: np.zeros(size, np.float32) for into, (_, size) in states.items()}
    state = stepper.initial_state(next(iter(states.values()))[1][1])
    extra: dict[str, Array] = {"sr": np.array(16000, np.int64)} if rate else {}
    generator = np.random.default_rng(SEED)
    for _ in range(CHUNKS):
        audio = generator.uniform(-0.5, 0.5, shape).astype(np.float32)
        given: dict[str, Array] = {"input": audio, **extra}
        found, state = stepper.step(given, state)
        wanted = dict(zip(outputs, session.run(outputs, {**given, **by_hand}), strict=True))
        by_hand = {into: wanted.pop(out) for into, (out, _) in states.items()}
        for key, value in wanted.items():
            assert np.array_equal(found[key], value)
        for key, value in by_hand.items():
            assert np.array_equal(state[key], value)
