"""A model's card: what its file says of itself, as Markdown for people."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..core.model_file import ModelSpec
from .catalogue import cell_name, written


@dataclass(frozen=True)
class Source:
    """A data set as a card tells of it."""

    title: str
    url: str
    licence: str
    command: str


# by the names in a training record
SOURCES: Mapping[str, Source] = {
    "poems": Source(
        "57,607 Tang poems of chinese-poetry, traditional characters",
        "https://github.com/chinese-poetry/chinese-poetry",
        "MIT",
        "qibu fetch poems",
    ),
    "song": Source(
        "255,000 Song poems of chinese-poetry, traditional characters",
        "https://github.com/chinese-poetry/chinese-poetry",
        "MIT",
        "qibu fetch poems --song",
    ),
    "digits": Source(
        "MNIST: 70,000 handwritten digits, 28 × 28 pixels",
        "http://yann.lecun.com/exdb/mnist/",
        "CC BY-SA 3.0",
        "qibu fetch digits",
    ),
}
SPLITS = {
    "text": "By the MD5 of a poem's Han characters: 95 % training, 2 % validation, 3 % test; "
    "a text that occurs twice is read once, so no test poem was trained on.",
    "digits": "MNIST's own 10,000 test pictures; of its 60,000 training pictures the last 5,000 "
    "are for validation. The weights kept are those best on the validation pictures.",
}
LIMITS = {
    "text": (
        "It knows the characters of Tang verse, in traditional script, and nothing of today.",
        "It writes what sounds like a poem; it means nothing by it, and can repeat old lines.",
        "The perplexity is that of single characters; it says little of a poem as a whole.",
    ),
    "digits": (
        "It reads one upright digit in a picture, centred as in MNIST; `qibu.pictures` does that "
        "to drawings and photographs.",
        "It always answers with one of ten digits, whatever it is shown.",
        "Its training pictures are from the United States of around 1990: other hands write a 1 "
        "or a 7 otherwise.",
    ),
}
LICENCE = "MIT, as the package"


def model_card(name: str, spec: ModelSpec, size: int) -> str:
    """Write the card of a model.

    Args:
        name: a bundled name, or the path of the file.
        spec: what the file says of itself.
        size: of the file, in bytes.

    Returns:
        Markdown with a line break at its end.
    """
    parts = [
        *_head(name, spec, size),
        *_figures(name, spec),
        *_data(spec),
        *_training(spec),
        "## Limits",
        "\n".join(f"- {limit}" for limit in LIMITS[spec.task]),
        "## Load it",
        *_loading(name, spec),
    ]
    return "\n\n".join(parts) + "\n"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _head(name: str, spec: ModelSpec, size: int) -> Iterator[str]:
    yield f"# `{name}`"
    if spec.task == "text":
        yield "Writes Tang poems character by character; form, author and title may be given."
    elif spec.streaming:
        yield "Reads a handwritten digit row by row from the top, and answers after every row."
    else:
        yield "Reads the rows of a handwritten digit from the top and from the bottom, as a whole."
    rows = [
        ("cell", f"{cell_name(spec.cell)}, {spec.num_layers} × {spec.hidden_size}"),
        ("parameters", "" if spec.parameters is None else f"{spec.parameters:,}"),
        ("numbers", spec.quantization or "float32"),
        ("file", f"{size / 1e6:.2f} MB, ONNX, format {spec.format_version}"),
        ("licence", LICENCE),
        ("SHA-256 of the float32 weights", f"`{spec.weights_sha256}`"),
    ]
    if spec.vocabulary:
        rows.insert(2, ("characters", f"{len(spec.vocabulary.characters):,}"))
    yield _table(("", ""), [row for row in rows if row[1]])


def _figures(name: str, spec: ModelSpec) -> Iterator[str]:
    yield "## Figures"
    quality = spec.quality
    in_float = quality.get("float32", {})
    if spec.task == "text":
        command = f"qibu evaluate poem {name}"
        kinds = [
            ("perplexity", "perplexity per character, the form given", command),
            ("perplexity_with_title", "the title given as well", f"{command} --with title"),
            ("perplexity_with_author", "the author given as well", f"{command} --with author"),
        ]
        of = "{poems:,} test poems, {characters:,} characters"
    else:
        kinds = [("accuracy", "accuracy", f"qibu evaluate digits {name}")]
        of = "{pictures:,} test pictures"
    rows = [
        (words, written(key, quality[key]), written(key, in_float.get(key)), f"`{command}`")
        for key, words, command in kinds
        if key in quality
    ]
    if not rows:
        yield "None was measured: `qibu export --evaluate` does."
        return
    head = ["figure", "this file", "in float32", "command"]
    kept = [0, 1, 2, 3] if in_float else [0, 1, 3]
    yield f"On {of.format(**quality)}:"
    yield _table([head[i] for i in kept], [[row[i] for i in kept] for row in rows])
    if by_row := quality.get("accuracy_by_row"):
        shown = range(4, len(by_row) + 1, 4)
        yield "The answer after some of the rows:"
        yield _table(
            ("row", *map(str, shown)),
            [("accuracy", *(written("accuracy", by_row[row - 1]) for row in shown))],
        )


def _data(spec: ModelSpec) -> Iterator[str]:
    yield "## Data"
    data = spec.training.get("data", {})
    names = data.get("names", ())
    rows = []
    for name, digest in zip(names, data.get("sha256") or [None] * len(names), strict=False):
        shown = f"`{digest}`" if digest else "not checked"
        if source := SOURCES.get(name):
            title = f"[{source.title}]({source.url})"
            rows.append((title, source.licence, f"`{source.command}`", shown))
        else:
            rows.append((name, "", "", shown))
    if rows:
        yield _table(("data", "licence", "command", "SHA-256 of its list of hashes"), rows)
    yield f"**Split.** {SPLITS[spec.task]}"


def _training(spec: ModelSpec) -> Iterator[str]:
    yield "## Training"
    record = spec.training
    config: Mapping[str, Any] = record.get("config", {})
    if not config:
        yield "The file has no record of it."
        return
    changed = "".join(f" {name}={value}" for name, value in record.get("changed", {}).items())
    command = f"qibu train {config['task']} --cell {config['cell']} --seed {config['seed']}"
    yield f"```console\n$ {command}{' --set' if changed else ''}{changed}\n```"
    versions = record.get("versions", {})
    facts = [
        ("preset", record.get("preset", "")),
        ("seed", config["seed"]),
        ("epochs", config["epochs"]),
        ("the best of them", record.get("epoch", "")),
        ("versions", ", ".join(f"{name} {version}" for name, version in versions.items())),
    ]
    if "cpu_seconds" in record:
        facts.append(("seconds of one core an epoch", f"{record['cpu_seconds']:.0f}"))
    for figure in ("perplexity", "accuracy"):
        if (best := record.get(f"validation_{figure}")) is not None:
            facts.append((f"{figure} on the validation split", written(figure, best)))
    yield _table(("", ""), [(name, str(value)) for name, value in facts if value != ""])
    settings = ", ".join(f"{name} {value}" for name, value in config.items())
    yield f"Settings: {settings}."


def _loading(name: str, spec: ModelSpec) -> Iterator[str]:
    file = name if name.endswith(".onnx") else f"{name}.onnx"
    if spec.task == "text":
        python = 'print(model.compose(form="七絕", start="春", seed=7))'
        browser = 'console.log((await model.compose("七絕", { seed: 7 })).text);'
    else:
        python = 'print(model.read(read_picture("three.png")).digit)'
        browser = "console.log((await model.read(picture)).digit); // 28 × 28, ink 0..1"
    extra = "" if spec.task == "text" else "from qibu.pictures import read_picture\n"
    yield f'```python\nimport qibu\n{extra}\nmodel = qibu.load("{name}")\n{python}\n```'
    yield (
        "In the browser or Node, with onnxruntime-web:\n\n"
        f'```js\nimport {{ load }} from "./qibu/index.js";\n\n'
        f'const model = await load("{file}");\n{browser}\n```'
    )
    if spec.streaming:
        yield (
            f"In C, without a runtime:\n\n```console\n$ qibu export {name} --c {spec.task}-c\n```"
        )
    else:
        yield "Not in C: a network that reads both ways has no step."
