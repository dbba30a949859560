"""Run a program; print the milliseconds to its first character, and its peak memory in MB.

    python benchmarks/launch.py PROGRAM ARGUMENT…

A process of its own, and a small one: a program's peak counts what its parent held when it forked.
"""

import os
import subprocess
import sys
import time


def main() -> int:
    started = time.perf_counter()
    with subprocess.Popen(
        sys.argv[1:], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0
    ) as process:
        assert process.stdout
        first = process.stdout.read(3)  # a Han character in UTF-8
        seconds = time.perf_counter() - started
        while process.stdout.read(4096):
            pass
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    unit = 1 if sys.platform == "darwin" else 1024
    print(seconds * 1e3, usage.ru_maxrss * unit / 1e6)
    return process.returncode if first else 1


if __name__ == "__main__":
    sys.exit(main())
