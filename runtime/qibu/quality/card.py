"""A model's card: what its file says of itself, as Markdown for people."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..core.model_file import ModelSpec
from .catalogue import cell_name, written
from .kind import CardTexts, quality_of

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
    quality = quality_of(spec, name)
    card = quality.card_for(spec)
    parts = [
        *_head(name, spec, size, card),
        *_figures(name, spec, quality.command, card),
        *_data(spec, card),
        *_training(spec, card),
        "## Limits",
        "\n".join(f"- {limit}" for limit in card.limits),
        "## Load it",
        *_loading(name, spec, quality.command, card),
    ]
    return "\n\n".join(parts) + "\n"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _head(name: str, spec: ModelSpec, size: int, card: CardTexts) -> Iterator[str]:
    yield f"# `{name}`"
    yield card.purpose if spec.streaming else card.whole
    part = spec.part
    rows = [
        ("cell", f"{cell_name(part['cell'])}, {part['num_layers']} × {part['hidden_size']}"),
        ("parameters", "" if spec.parameters is None else f"{spec.parameters:,}"),
        *card.facts(spec),
        ("numbers", spec.quantization or "float32"),
        ("file", f"{size / 1e6:.2f} MB, ONNX, format {spec.format_version}"),
        ("licence", card.licence),
        ("SHA-256 of the float32 weights", f"`{spec.weights_sha256}`"),
    ]
    yield _table(("", ""), [row for row in rows if row[1]])


def _figures(name: str, spec: ModelSpec, kind: str, card: CardTexts) -> Iterator[str]:
    yield "## Figures"
    quality = spec.quality
    in_float = quality.get("float32", {})
    kinds = [
        (key, words, f"qibu evaluate {kind} {name}{more}") for key, words, more in card.figures
    ]
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
    yield f"On {card.measured_on.format(**quality)}:"
    yield _table([head[i] for i in kept], [[row[i] for i in kept] for row in rows])
    if by_row := quality.get("accuracy_by_row"):
        shown = range(4, len(by_row) + 1, 4)
        yield "The answer after some of the rows:"
        yield _table(
            ("row", *map(str, shown)),
            [("accuracy", *(written("accuracy", by_row[row - 1]) for row in shown))],
        )


def _data(spec: ModelSpec, card: CardTexts) -> Iterator[str]:
    yield "## Data"
    data = spec.training.get("data", {})
    names = data.get("names", ())
    rows = []
    for name, digest in zip(names, data.get("sha256") or [None] * len(names), strict=False):
        shown = f"`{digest}`" if digest else "not checked"
        if source := card.sources.get(name):
            title = f"[{source.title}]({source.url})"
            rows.append((title, source.licence, f"`{source.command}`", shown))
        else:
            rows.append((name, "", "", shown))
    if rows:
        yield _table(("data", "licence", "command", "SHA-256 of its list of hashes"), rows)
    yield f"**Split.** {card.split}"


def _training(spec: ModelSpec, card: CardTexts) -> Iterator[str]:
    yield "## Training"
    record = spec.training
    config: Mapping[str, Any] = record.get("config", {})
    if not config:
        yield "The file has no record of it."
        return
    changed = "".join(
        f" {name}={str(value).lower() if isinstance(value, bool) else value}"
        for name, value in record.get("changed", {}).items()
    )
    init: Mapping[str, Any] = record.get("init") or {}
    command = f"qibu train {config['task']} --cell {config['cell']} --seed {config['seed']}"
    command += card.train_options
    command += f" --init {init['name']}" if "name" in init else ""
    yield f"```console\n$ {command}{' --set' if changed else ''}{changed}\n```"
    versions = record.get("versions", {})
    facts = [
        ("preset", record.get("preset", "")),
        ("seed", config["seed"]),
        ("begun with the weights", f"`{init['weights_sha256']}`" if init else ""),
        ("epochs", config["epochs"]),
        ("the best of them", record.get("epoch", "")),
        ("versions", ", ".join(f"{name} {version}" for name, version in versions.items())),
    ]
    if "cpu_seconds" in record:
        facts.append(("seconds of one core an epoch", f"{record['cpu_seconds']:.0f}"))
    for figure in ("perplexity", "accuracy", "bits_per_character"):
        if (best := record.get(f"validation_{figure}")) is not None:
            facts.append((f"{figure} on the validation split", written(figure, best)))
    yield _table(("", ""), [(name, str(value)) for name, value in facts if value != ""])
    settings = ", ".join(f"{name} {value}" for name, value in config.items())
    yield f"Settings: {settings}."


def _loading(name: str, spec: ModelSpec, kind: str, card: CardTexts) -> Iterator[str]:
    file = name if name.endswith(".onnx") else f"{name}.onnx"
    *imports, use = card.python
    before = "".join(f"{line}\n" for line in ("import qibu", *imports))
    yield f'```python\n{before}\nmodel = qibu.load("{name}")\n{use}\n```'
    yield (
        "In the browser or Node, with onnxruntime-web:\n\n"
        f'```js\nimport {{ load }} from "./qibu/index.js";\n\n'
        f'const model = await load("{file}");\n{card.javascript}\n```'
    )
    if spec.streaming:
        command = f"qibu export {name} --c {kind}-c"
        yield f"In C, without a runtime:\n\n```console\n$ {command}\n```"
    else:
        yield "Not in C: a network that reads both ways has no step."
