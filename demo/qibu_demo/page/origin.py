"""Where a model came from, as far as its file says."""

from collections.abc import Mapping
from typing import Any

import qibu
from qibu.core.errors import ModelFileError
from qibu.quality.catalogue import cell_name, written
from qibu.quality.kind import quality_of

from .texts import WORDS, Words, listed, words


def origin(stepper: qibu.Stepper) -> Words:
    """Give, in a line, what a file says of its network and its training."""
    english, chinese = (" · ".join(side) for side in zip(*_facts(stepper), strict=True))
    return english, chinese


def _facts(stepper: qibu.Stepper) -> list[Words]:
    spec, content = stepper.spec, stepper.identity.content
    found: list[Words] = []
    if spec is not None and stepper.application is not None:
        found += _network(spec.part)
    count = spec.parameters if spec else None
    if count is None and content is not None:
        count = content.weights
    if count is not None:
        found.append(words("fact_weights", count=count))
    if spec is not None and spec.quantization:
        found.append(_alike(spec.quantization))
    found.append(_alike(f"{max(stepper.identity.bytes / 1e6, 0.01):.2f} MB"))
    if spec is not None:
        found += _training(spec, stepper.path.name)
    if content is not None and content.producer:
        found.append(words("fact_producer", producer=content.producer))
    return found if spec is not None else [*found, words("fact_silent")]


def _network(part: Mapping[str, Any]) -> list[Words]:
    if not {"cell", "num_layers", "hidden_size"} <= part.keys():
        return []
    return [_alike(f"{cell_name(str(part['cell']))} {part['num_layers']} × {part['hidden_size']}")]


def _training(spec: qibu.ModelSpec, file: str) -> list[Words]:
    """Give what it was trained on, and how well it did on what it wasn't."""
    data = spec.training.get("data")
    said = data.get("names") if isinstance(data, Mapping) else None
    names = list(map(str, said)) if isinstance(said, list) else []
    try:
        quality = quality_of(spec, file)
    except ModelFileError:  # no application, or one that measures nothing
        return [words("fact_trained", names=listed(names))] if names else []
    sources, figure = quality.card_for(spec).sources, quality.figure
    titles = [sources[name].title if name in sources else name for name in names]
    found = [words("fact_trained", names=listed(titles))] if titles else []
    called = WORDS.get(f"figure_{figure}", _alike(figure))
    for key, record, name in (
        ("fact_tested", spec.quality, figure),
        ("fact_validated", spec.training, f"validation_{figure}"),
    ):
        value = record.get(name)
        if isinstance(value, int | float):
            return [*found, words(key, figure=called, value=written(figure, value))]
    return found


def _alike(text: str) -> Words:
    return text, text
