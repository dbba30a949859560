"""Does a GPU write quicker than one core of the CPU, and from which batch on?

The bundled poem model: in 8 bits on the CPU with one thread, in float32 on the GPU; a `Writer`
draws a character for every poem of the batch at each step, sampler included. Where no GPU is, or
no onnxruntime that can use it, nothing is measured and nothing written.
"""

import sys

import qibu
from batch import STEPS, write
from report import report
from timing import interleave, of_call

BATCHES, ROUNDS, GPU = (1, 64, 1024), 15, "cuda"


def main() -> None:
    try:
        poets = {name: qibu.load("poem", provider=name) for name in ("cpu", GPU)}
    except qibu.ProviderError as error:
        print(f"no GPU is measured: {error}", file=sys.stderr)
        return
    times = interleave(
        {
            f"{name} {batch}": of_call(write(poet, batch), STEPS)
            for batch in BATCHES
            for name, poet in poets.items()
        },
        ROUNDS,
    )
    rows = []
    for batch in BATCHES:
        cpu, gpu = (f"{name} {batch}" for name in poets)
        rows.append(
            (
                str(batch),
                f"{times.median(cpu):,.0f}",
                f"{times.median(gpu):,.0f}",
                f"{batch * 1e6 / times.median(gpu):,.0f}",
                f"{times.ratio(cpu, gpu):.2f}",
            )
        )
    report(
        __file__,
        ("poems at once", "CPU µs a step", "GPU µs a step", "GPU characters a second", "CPU ÷ GPU"),
        rows,
        settings={"threads": 1, "rounds": ROUNDS, "GPU": GPU},
        figures={
            f"CPU ÷ GPU, batch {batch}": times.ratio(f"cpu {batch}", f"{GPU} {batch}")
            for batch in BATCHES
        },
        raw=times.microseconds,
    )


if __name__ == "__main__":
    main()
