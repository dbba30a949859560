"""How long does one character of a poem take, beside the other ways to step the same weights?

Batch 1, one thread, the bundled weights; every way draws from the 64 most probable characters with
temperature 0.8 and top-p 0.9, keeps control tokens out and gives text. A turn is a poem of 60
characters, its prompt and its first character not counted; the median over the rounds, in each of
which everybody has a turn. OpenVINO needs environments of its own, so it has its turns in other
processes.
"""

import logging
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import astuple, replace
from pathlib import Path

import numpy as np
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic

import qibu
from environments import NotInstallable, interpreter
from peers_onnx import Draw, bare_run, open_plainly, write_usually
from peers_torch import COMPILED, Begin, torch_peers
from qibu.bundled import model_path
from qibu.verse.forms import LINE_END, is_han
from report import report
from sampling import TEMPERATURE, TOP_K, TOP_P, draw_by_partition, draw_by_sorting
from timing import Contestant, interleave, of_call, of_poem
from weights import bundled_network, without_sampler, write_model
from worker import Task, start

FORM, CHARACTERS, ROUNDS = "雜言", 60, 30
OURS, BARE = "Qibu, everything included", "bare `session.run`, int8, no sampler"
BARE_DYNAMIC = "bare `session.run`, `quantize_dynamic`, no sampler"


def long_seed(poet: qibu.Poet) -> int:
    """Find a seed whose poem is long enough."""
    for seed in range(1000):
        if sum(1 for _ in poet.stream(FORM, seed=seed)) > CHARACTERS:
            return seed
    sys.exit(f"no {FORM} of more than {CHARACTERS} characters among 1000")


def peers_elsewhere(task: Task, files: Mapping[str, Path], folder: Path) -> dict[str, Contestant]:
    """Start OpenVINO alone, exact and as quick as it likes, and as Qibu's provider."""
    started: dict[str, Contestant] = {}
    for name, kind, file, precision in (
        ("OpenVINO, float32", "openvino", files["float32, cut"], "f32"),
        ("OpenVINO, bfloat16", "openvino", files["int8 weights, cut"], "bf16"),
        ("Qibu, OpenVINO provider, float32", "openvino-provider", files["float32"], "f32"),
    ):
        try:
            python = interpreter(kind)
        except NotInstallable as error:
            print(f"without {name}: {error}", file=sys.stderr)
            continue
        mine = replace(task, model=str(file), precision=precision)
        started[name] = start(kind, mine, python, folder)
    return started


def contestants(folder: Path) -> dict[str, Contestant]:
    """Make everybody ready."""
    poet = qibu.load("poem")
    vocabulary = poet.vocabulary
    assert astuple(qibu.Sampling()) == (TEMPERATURE, TOP_K, TOP_P)
    network = bundled_network()
    files = {"int8": model_path("poem"), "int8 weights": model_path("poem", "cuda")}
    files["float32"] = write_model(network, vocabulary, "float32", folder / "float32.onnx")
    for name, file in list(files.items()):
        files[f"{name}, cut"] = without_sampler(file, folder / f"{name}-cut.onnx")
    # what onnxruntime's own tool makes of the same weights
    files["quantize_dynamic"] = folder / "quantize_dynamic.onnx"
    logging.disable(logging.WARNING)  # that the graph wasn't preprocessed
    quantize_dynamic(files["float32, cut"], files["quantize_dynamic"], weight_type=QuantType.QInt8)
    logging.disable(logging.NOTSET)

    tokens = [vocabulary.token(number) for number in range(len(vocabulary))]
    names = "".join(token if len(token) == 1 else "?" for token in tokens)
    prompt = poet.prompt(FORM)
    # END is left out, so that no peer's poem ends before its 60 characters
    allowed = [n for n, token in enumerate(tokens) if is_han(token) or token in LINE_END]
    bias = np.full((1, len(vocabulary)), -np.inf, np.float32)
    bias[0, allowed] = 0
    seed = long_seed(poet)

    def usual(file: str, draw: Draw) -> Begin:
        session = open_plainly(files[file])
        return lambda: write_usually(session, draw, prompt, bias, names)

    in_float = qibu.load(files["float32"])
    assert isinstance(in_float, qibu.Poet)
    float_seed = long_seed(in_float)
    poems: dict[str, Begin] = {
        OURS: lambda: poet.stream(FORM, seed=seed),
        "`session.run`, int8, numpy top-p": usual("int8, cut", draw_by_sorting),
        "`session.run`, int8, numpy top-k first": usual("int8, cut", draw_by_partition),
        "`session.run`, `quantize_dynamic`, numpy top-k first": usual(
            "quantize_dynamic", draw_by_partition
        ),
        "`session.run`, float32, numpy top-k first": usual("float32, cut", draw_by_partition),
        "Qibu, float32": lambda: in_float.stream(FORM, seed=float_seed),
        **torch_peers(network, prompt, torch.from_numpy(bias), names),
    }
    everybody = {name: of_poem(begin, CHARACTERS) for name, begin in poems.items()}
    everybody[BARE] = of_call(bare_run(files["int8, cut"]), times=CHARACTERS)
    everybody[BARE_DYNAMIC] = of_call(bare_run(files["quantize_dynamic"]), times=CHARACTERS)
    task = Task("", "", prompt, allowed, names, float_seed, CHARACTERS)
    return everybody | peers_elsewhere(task, files, folder)


def main() -> None:
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        times = interleave(contestants(Path(folder)), ROUNDS)
    rows = []
    for name in sorted(times.microseconds, key=times.median):
        first, third = times.quartiles(name)
        ratio = f"{times.ratio(name, OURS):.2f}"
        rows.append((name, f"{times.median(name):.0f}", f"{first:.0f}–{third:.0f}", ratio))
    best = times.quickest("torch `LSTMCell`", "torch TorchScript", COMPILED)
    int8 = times.quickest("torch dynamic int8", "torch dynamic int8, `LSTMCell`")
    same = ("`session.run`, float32, numpy top-k first", "OpenVINO, float32", "OpenVINO, bfloat16")
    report(
        __file__,
        ("way", "median µs", "quartiles", "÷ Qibu"),
        rows,
        settings={
            "threads": 1,
            "batch": 1,
            "rounds": ROUNDS,
            "characters a poem": CHARACTERS,
            "sampling": f"temperature {TEMPERATURE}, top-k {TOP_K}, top-p {TOP_P}",
        },
        figures={
            "Qibu ÷ bare session.run of int8": times.ratio(OURS, BARE),
            "torch nn.LSTM ÷ Qibu": times.ratio("torch `nn.LSTM`", OURS),
            f"torch's best in float32 ({best}) ÷ Qibu": times.ratio(best, OURS),
            f"torch's int8 ({int8}) ÷ Qibu": times.ratio(int8, OURS),
            f"quickest other ({times.quickest(*same)}) ÷ Qibu": times.ratio(
                times.quickest(*same), OURS
            ),
            "usual way ÷ Qibu": times.ratio("`session.run`, int8, numpy top-p", OURS),
        },
        raw=times.microseconds,
    )


if __name__ == "__main__":
    main()
