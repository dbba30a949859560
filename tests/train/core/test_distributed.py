"""Two processes train what one would with batches twice as large."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from qibu_train.command import main
from qibu_train.core.checkpoint import LAST, Checkpoint

pytestmark = pytest.mark.skipif(
    not torch.distributed.is_available(), reason="this PyTorch has no torch.distributed"
)

# Each process sums its share of a batch and the shares are then added, so a gradient differs by
# float32's rounding, some 1e-7 of its size. Adam divides a gradient by its size, which makes of
# that some 1e-7 of the learning rate a step (0.02, some 30 steps), and more for the few
# gradients that cancel to almost nothing.
TOLERANCE = 1e-5
BATCH_UNITS = {"poem": 300, "digits": 8}
SETTINGS = [
    *("hidden_size=8", "num_layers=1", "epochs=2", "learning_rate=0.02"),
    *("dropout=0", "bfloat16=false"),
]
OWN_SETTINGS: dict[str, list[str]] = {"poem": [], "digits": ["augment=0"]}
# Trains several runs one after another, since to start the processes takes longer than to train.
# The processes meet anew for each, at a port of its own; torchrun's own meeting place serves once.
# In a run named `interrupted` the third step of one process alone gets Ctrl-C.
SCRIPT = """
import json
import os
import signal
import sys

import torch

import qibu_train.digits.task
from qibu_train.command import main

torch.set_num_threads(1)
qibu_train.digits.task.VALIDATION_PICTURES = 40


def interrupt(trainer):
    if (trainer.run.name, trainer.rank, trainer.at.step) == ("interrupted", 1, 2):
        os.kill(os.getpid(), signal.SIGINT)


os.environ["TORCHELASTIC_USE_AGENT_STORE"] = "False"
for port, arguments in json.loads(sys.argv[1]):
    os.environ["MASTER_PORT"] = str(port)
    # one write, so that the processes' lines can't mix
    sys.stdout.write(f"{arguments[0]} ended with {main(arguments, interrupt)}\\n")
"""


def arguments_of(task: str, folder: Path, run: Path, batch_units: int) -> list[str]:
    where = ["--from", str(folder), "--run", str(run), "--unchecked"]
    return [task, *where, "--set", f"batch_units={batch_units}", *SETTINGS, *OWN_SETTINGS[task]]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def run_two_processes(script: Path, argument: str) -> str:
    """Give all that two processes of a script print."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    if sys.platform == "linux":
        environment["GLOO_SOCKET_IFNAME"] = "lo"  # works where the host's name has no address
    launcher = [sys.executable, "-m", "torch.distributed.run", "--nproc_per_node", "2"]
    address = ["--master_addr", "127.0.0.1", "--master_port", str(free_port())]
    with subprocess.Popen(
        [*launcher, *address, script, argument],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    ) as started:
        try:
            return started.communicate(timeout=90)[0]
        except subprocess.TimeoutExpired:
            started.terminate()  # which ends the two as well; a kill would leave them
            raise


@pytest.fixture(scope="module")
def folders(poem_folder: Path, digit_folder: Path) -> dict[str, Path]:
    return {"poem": poem_folder, "digits": digit_folder}


@pytest.fixture(scope="module")
def two(folders: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with the runs that two processes made, and what they said in `output`."""
    place = tmp_path_factory.mktemp("two")
    script = place / "train.py"
    script.write_text(SCRIPT, "utf-8")
    runs = {"poem": "poem", "digits": "digits", "interrupted": "poem"}
    calls = [
        (free_port(), arguments_of(task, folders[task], place / run, BATCH_UNITS[task]))
        for run, task in runs.items()
    ]
    (place / "output").write_text(run_two_processes(script, json.dumps(calls)), "utf-8")
    return place


@pytest.mark.parametrize("task", ["poem", "digits"])
def test_two_processes_equal_one_with_batches_twice_as_large(
    task: str, two: Path, folders: dict[str, Path], tmp_path: Path
) -> None:
    main(arguments_of(task, folders[task], tmp_path, 2 * BATCH_UNITS[task]))
    assert (two / task / LAST).exists(), (two / "output").read_text("utf-8")
    losses, wanted_losses = (
        [
            json.loads(line)["loss"]
            for line in (run / "history.jsonl").read_text("utf-8").splitlines()
        ]
        for run in (two / task, tmp_path)
    )
    assert losses == pytest.approx(wanted_losses, rel=TOLERANCE)
    weights, wanted = (Checkpoint.load(run / LAST).weights for run in (two / task, tmp_path))
    for name in wanted:
        torch.testing.assert_close(weights[name], wanted[name], atol=TOLERANCE, rtol=0)


def test_one_process_speaks_for_both(two: Path) -> None:
    output = (two / "output").read_text("utf-8")
    assert output.count(f"{two / 'poem'}: best validation_perplexity") == 1, output


def test_ctrl_c_that_reaches_one_process_stops_both_and_saves(two: Path) -> None:
    output = (two / "output").read_text("utf-8")
    assert output.count("poem ended with 130") == 2, output
    assert Checkpoint.load(two / "interrupted" / LAST).progress["position"]["step"] == 3
