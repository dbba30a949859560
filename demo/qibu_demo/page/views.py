"""States, models and files as the page shows them."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np

from qibu.core.arrays import Float32Array
from qibu.quality.catalogue import cell_name

from ..look.logic import StateHistory, layers_over_time
from .charts import heat_map
from .texts import say

_NAMES = {"h_in": "hidden", "c_in": "cell_state"}


def heat_maps(layers: Mapping[str, Float32Array], labels: Sequence[str], language: str) -> str:
    """Show states over time, each layer a map, with what was read under its column.

    Args:
        layers: by state name, (layers, units, time) float32.
        labels: what each step read.
        language: "en" or "zh".
    """
    maps = []
    for name, values in layers.items():
        kind = say(_NAMES[name], language) if name in _NAMES else escape(name)
        for number, layer in enumerate(values, 1):
            label = f"{kind} · {say('layer', language, layer=number)}"
            image = heat_map(layer, f"{label}: {layer.shape[0]} × {layer.shape[1]}")
            maps.append(f"<figure><figcaption>{label}</figcaption>{image}</figure>")
    moved = _moved(next(iter(layers.values())))
    bars = "".join(f'<i style="--p:{share:.3f}"></i>' for share in moved)
    axis = "".join(f"<span>{escape(label)}</span>" for label in labels)
    return (
        f'<div class="qb-maps" style="--steps:{len(labels)}" data-steps="{len(labels)}">'
        f'{"".join(maps)}<div class="qb-axis" lang="zh-Hant">{axis}</div>'
        f"<figure><figcaption>{say('moved', language)}</figcaption>"
        f'<div class="qb-moved">{bars}</div></figure></div>'
    )


def _moved(values: Float32Array) -> Float32Array:
    """Give how far the state went at each step, as a share of the farthest."""
    before = np.concatenate([np.zeros_like(values[..., :1]), values[..., :-1]], axis=-1)
    distances = np.linalg.norm((values - before).reshape(-1, values.shape[-1]), axis=0)
    shares: Float32Array = (distances / max(float(distances.max()), 1e-9)).astype(np.float32)
    return shares


def history_view(history: StateHistory | None, language: str) -> str:
    """Show a history: its states, over its characters."""
    if history is None or not history.moments:
        key = "loaded" if history is not None and history.loaded else "state_here"
        return f'<p class="qb-empty">{say(key, language)}</p>'
    layers = layers_over_time([moment.state for moment in history.moments])
    return heat_maps(layers, history.text, language)


def fork_view(
    history: StateHistory, forked: StateHistory, position: int, character: str, language: str
) -> str:
    """Show a poem and what became of it with another character, side by side."""
    sides = (
        (say("as_it_was", language), history.text, "qb-was"),
        (say("forked", language, character=character), forked.text, "qb-fork"),
    )
    return (
        '<div class="qb-forks">'
        + "".join(
            f'<figure class="{kind}"><figcaption>{escape(label)}</figcaption><p lang="zh-Hant">'
            f"{escape(text[: position - 1])}<mark>{escape(text[position - 1 : position])}</mark>"
            f"<b>{escape(text[position:])}</b></p></figure>"
            for label, text, kind in sides
        )
        + "</div>"
    )


def model_table(rows: Sequence[Mapping[str, Any]], language: str) -> str:
    """Show the bundled models."""
    heads = ("name", "task", "cell", "weights", "size", "figure")
    head = "".join(f'<th scope="col">{say(key, language)}</th>' for key in heads)
    body = "".join(
        f'<tr><th scope="row">{escape(row["name"])}</th>'
        f"<td>{say(row['task'], language)}</td>"
        f"<td>{cell_name(row['cell'])} {row['num_layers']} × {row['hidden_size']}"
        f" <small>{escape(row['quantization'] or '')}</small></td>"
        f"<td>{row['parameters']:,}</td><td>{row['bytes'] / 1e6:.1f} MB</td>"
        f"<td>{escape(row['quality'])}</td></tr>"
        for row in rows
    )
    return (
        f'<div class="qb-scroll"><table class="qb-table"><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def times_view(times: Sequence[Mapping[str, Any]], language: str) -> str:
    """Show how long a step of each model takes here."""
    rows = "".join(
        f"<tr><th scope='row'>{escape(one['model'])}</th><td>{escape(one['provider'])}</td>"
        f"<td>{one['median_us']:.0f} µs</td><td>p95 {one['p95_us']:.0f} µs</td>"
        f"<td>{escape(one['unit'])}</td></tr>"
        for one in times
    )
    return (
        f'<div class="qb-scroll"><table class="qb-table qb-times"><thead><tr>'
        f'<th scope="col">{say("name", language)}</th><th scope="col">{say("provider", language)}'
        f'</th><th scope="col" colspan="3">{say("step_time", language)}</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def file_view(name: str, description: Mapping[str, Any], language: str) -> str:
    """Show what an uploaded file says of itself."""
    states = [
        f"{s['input']} → {s['output']}  {_sizes(s['shape'])} {s['type']}"
        for s in description["states"]
    ] or [description["no_state"]]
    operators = [f"{name} × {count}" for name, count in description["operators"].items()]
    record = description["qibu"] or {}
    record = {**record, **record.get(record.get("task") or "", {})}
    says = [f"{key}: {record[key]}" for key in ("task", "cell", "quantization") if record.get(key)]
    parts = (
        ("producer", [f"{description['producer']}  opset {description['opset']}"]),
        ("size", [f"{description['bytes']:,} B"]),
        ("weights", [f"{description['weights']:,}"]),
        ("states", states),
        *((kind, [_port(port) for port in description[kind]]) for kind in ("inputs", "outputs")),
        ("operators", [" · ".join(operators)]),
        ("says", says),
    )
    shown = "".join(
        f"<div><dt>{say(key, language)}</dt><dd>{'<br>'.join(map(escape, lines))}</dd></div>"
        for key, lines in parts
        if any(lines)
    )
    return f'<section class="qb-file"><h4>{escape(name)}</h4><dl>{shown}</dl></section>'


def _port(port: Mapping[str, Any]) -> str:
    return f"{port['name']} {port['type']} {_sizes(port['shape'])}"


def _sizes(shape: Sequence[int | str]) -> str:
    return f"[{', '.join(map(str, shape))}]"
