"""An x86 processor without 8-bit dot products, emulated, gives the same numbers to the bit."""

import json
import shutil
import subprocess
import sys

import pytest

QEMU = shutil.which("qemu-x86_64")
CODE = """
import json, sys
sys.path[:0] = json.loads(sys.argv[1])
import numpy as np, qibu
digits, poem = qibu.load("digits"), qibu.load("poem").stepper
picture = np.random.default_rng(0).random((28, 28), np.float32)
values = [p.tobytes().hex() for p in digits.rows(picture)]
state = poem.initial_state()
for token in range(100, 500, 40):
    outputs, state = poem.step({"tokens": [[token]]}, state)
    values.append(outputs["logits"].tobytes().hex())
print(json.dumps(values))
"""


@pytest.mark.skipif(QEMU is None, reason="needs qemu-x86_64 (Debian: qemu-user)")
def test_a_processor_without_vnni_computes_the_same() -> None:
    python = [sys.executable, "-c", CODE, json.dumps(sys.path)]
    emulator = [str(QEMU), "-cpu", "Haswell"]
    here, there = (
        subprocess.run(command, capture_output=True, check=True, encoding="utf-8").stdout
        for command in (python, [*emulator, *python])
    )
    assert json.loads(here) == json.loads(there)
