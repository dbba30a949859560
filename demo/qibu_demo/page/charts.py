"""Arrays as small pictures inside the page: nothing is written to the disk."""

import base64
from collections.abc import Sequence
from html import escape
from io import BytesIO

import numpy as np

from qibu.core.arrays import Array, Float32Array, UInt8Array
from qibu.pictures.picture_format import MNIST, PictureFormat
from qibu.quality.catalogue import cell_name

from ..read.logic import SURE, Progress
from .texts import say

_INK, _PAPER, _SEAL = (38, 84, 124), (250, 247, 240), (178, 58, 47)  # below, at and above zero

MOST_BARS = 20


def _ramp(first: Sequence[int], last: Sequence[int], count: int) -> Array:
    share = np.linspace(0, 1, count)[:, None]
    return np.asarray(first) * (1 - share) + np.asarray(last) * share


_DIVERGING = np.vstack([_ramp(_INK, _PAPER, 128), _ramp(_PAPER, _SEAL, 128)]).astype(np.uint8)
_INKS = _ramp((250, 247, 240), (24, 24, 26), 256).astype(np.uint8)
_GREYS = _ramp((0, 0, 0), (255, 255, 255), 256).astype(np.uint8)
_REDS = _ramp((250, 247, 240), _SEAL, 256).astype(np.uint8)


def _image(levels: UInt8Array, palette: UInt8Array, description: str, kind: str) -> str:
    from PIL import Image

    picture = Image.fromarray(levels)
    picture.putpalette(palette.tobytes())
    data = BytesIO()
    picture.save(data, "PNG")
    source = base64.b64encode(data.getvalue()).decode()
    text = escape(description, quote=True)
    return f'<img class="qb-{kind}" alt="{text}" src="data:image/png;base64,{source}">'


def heat_map(values: Float32Array, description: str) -> str:
    """Draw units over time, blue below zero and red above.

    Args:
        values: (units, time) float32; the 99th percentile of their size is full colour,
            and what is no number has that of 0.
        description: for those who can't see it.
    """
    values = np.nan_to_num(values)
    scale = max(float(np.percentile(np.abs(values), 99)), 1e-6)
    levels = np.clip(np.rint(127.5 + 127.5 * (values / scale)), 0, 255).astype(np.uint8)
    return _image(levels, _DIVERGING, description, "heat")


def line_chart(values: Float32Array, description: str) -> str:
    """Draw values over steps as lines, one a value, over one scale.

    Args:
        values: (steps, values) float32; what isn't finite is left out.
        description: for those who can't see it.
    """
    low, high = range_of(values)
    span, count = (high - low) or 1.0, len(values)
    lines = []
    for number, column in enumerate(values.T):
        points = [
            # in the middle of the step's column, as in a map of the same steps
            f"{600 * (step + 0.5) / count:.1f},{116 - 112 * (value - low) / span:.1f}"
            for step, value in enumerate(column)
            if np.isfinite(value)
        ]
        drawn = " ".join(points * 2 if len(points) == 1 else points)  # one alone is a dot
        hue = hue_of(number, values.shape[1])
        lines.append(f'<polyline points="{drawn}" style="--hue:{hue}"/>')
    text = escape(description, quote=True)
    return (
        f'<svg class="qb-lines" viewBox="0 0 600 120" preserveAspectRatio="none" role="img" '
        f'aria-label="{text}">{"".join(lines)}</svg>'
    )


def range_of(values: Float32Array) -> tuple[float, float]:
    """Give the least and the greatest of what is finite; 0 and 1 where nothing is."""
    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)


def hue_of(number: int, count: int) -> int:
    """Give the hue of one of several lines, in degrees; the first has the seal's red."""
    return 5 + 360 * number // max(1, count)


def picture_read(ink: Float32Array, description: str, pictures: PictureFormat) -> str:
    """Draw the (height, width) floats, 0..1, that a model reads: ink on paper, or greys."""
    levels = np.rint(ink * 255).astype(np.uint8)
    if pictures.preparation == MNIST.preparation:
        return _image(levels, _INKS, description, "ink")
    return _image(levels, _GREYS, description, "grey")


def reading(
    ink: Float32Array,
    row: int,
    progress: Sequence[Progress],
    language: str,
    pictures: PictureFormat,
) -> str:
    """Show how far a picture is read: the picture, and for each model a bar for each class.

    Args:
        ink: (height, width) float32, 0..1.
        row: how many rows are read.
        progress: what each model thinks.
        language: "en" or "zh".
        pictures: what the models read.
    """
    label = say("row_of", language, row=row, rows=pictures.height)
    done = "" if row < len(ink) else " qb-done"
    picture = (
        f'<figure class="qb-sees{done}" style="--wide:{pictures.width};--high:{pictures.height}">'
        f'<div class="qb-picture">{picture_read(ink, say("sees", language), pictures)}'
        f'<span class="qb-row" style="--row:{row}"></span></div>'
        f"<figcaption>{say('sees', language)}<br>{label}</figcaption></figure>"
    )
    panels = "".join(_panel(one, pictures.height, row == len(ink), language) for one in progress)
    return (
        f'<div class="qb-reading" data-row="{row}" style="--rows:{pictures.height}">{picture}'
        f'<div class="qb-panels">{panels}</div></div>'
    )


def _panel(progress: Progress, height: int, finished: bool, language: str) -> str:
    now, early = progress.rows[-1], progress.early
    if not progress.streaming:
        strip, note = "", say("whole", language)
    else:
        rows = np.zeros((height, len(progress.labels)), np.uint8)
        rows[: len(progress.rows)] = np.rint(progress.rows * 255)
        mark = f'<span class="qb-early" style="--row:{early.row}"></span>' if early else ""
        size = f"{progress.model}: {height} × {len(progress.labels)}"
        image = _image(rows, _REDS, size, "strip")
        strip = f'<div class="qb-picture">{image}{mark}</div>'
        if early is None:
            note = say("never_sure", language) if finished else "\u00a0"
        elif early.label != progress.label and finished:
            note = say("early_wrong", language, label=early.label, row=early.row)
        else:
            note = say("early", language, row=early.row)
    return (
        f'<section class="qb-panel" data-model="{escape(progress.model)}" '
        f'data-digit="{progress.index}"><h4>{escape(cell_name(progress.cell))}'
        f" <small>{escape(progress.model)}</small></h4>"
        f'<p class="qb-answer">{escape(progress.label)}<small>{now.max():.0%}</small></p>'
        f"{_bars(progress)}{strip}"
        f'<p class="qb-note">{escape(note)}</p></section>'
    )


def _bars(progress: Progress) -> str:
    """Draw a bar for each class; of many classes, for the likeliest."""
    now, labels = progress.rows[-1], progress.labels
    shown = list(range(len(labels)))
    if len(labels) > MOST_BARS:
        shown = np.argsort(-now, kind="stable")[:MOST_BARS].tolist()
    words = " qb-words" if max(map(len, labels)) > 2 else ""
    bars = "".join(
        f'<li class="{"qb-best" if number == progress.index else ""}" style="--p:{now[number]:.4f}"'
        f' aria-label="{escape(labels[number], quote=True)}: {now[number]:.0%}"><i></i>'
        f"<b>{escape(labels[number])}</b></li>"
        for number in shown
    )
    return f'<ol class="qb-bars{words}" style="--sure:{SURE}">{bars}</ol>'
