"""One core, and 512 MB."""

import sys

import pytest

from .conftest import Run, endings

POEM = ["poem", "--seed", "7"]
DIGITS = ["inspect", "digits"]
ONE_CORE = "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})"
# of addresses, more than what is really held: mapped libraries and the stacks of threads count
LITTLE_MEMORY = "import resource; resource.setrlimit(resource.RLIMIT_AS, (512 << 20,) * 2)"
needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="macOS and Windows can't be held")


@needs_linux
@pytest.mark.parametrize("limit", [ONE_CORE, LITTLE_MEMORY])
def test_the_poem_of_a_seed_is_the_same_on_a_small_machine(limit: str, run_apart: Run) -> None:
    here, there = (run_apart([POEM, DIGITS], before=before) for before in ("", limit))
    assert endings(there) == ["poem ends with 0", "inspect ends with 0"]
    assert there.stdout == here.stdout


@needs_linux
def test_one_core_is_one_thread(run_apart: Run) -> None:
    told = "import atexit; atexit.register(lambda: print(open('/proc/self/status').read()))"
    done = run_apart([POEM], before=f"{ONE_CORE}\n{told}")
    assert endings(done) and "Threads:\t1\n" in done.stdout


@needs_linux
def test_the_limit_of_memory_holds(run_apart: Run) -> None:
    done = run_apart([POEM], before=LITTLE_MEMORY.replace("512 << 20", "64 << 20"))
    assert done.returncode != 0
