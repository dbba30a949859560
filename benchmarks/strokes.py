"""Digits drawn by a script, in the styles that people use: 280 x 280 pixels, black on white.

Nothing of MNIST is in them. A style is a few strokes in a box of width and height 1 (x to the
right, y down); a drawing puts its own hand on it: slant, turn, proportions, a trembling pen of its
own width, size and place.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from qibu.core.arrays import Float32Array

SIDE = 280  # pixels, as the demo's canvas
POINTS = 60  # along a curve

Points = NDArray[np.float64]  # (n, 2), x and y
Style = Callable[[], list[Points]]


def line(*points: tuple[float, float]) -> Points:
    """Join points with straight strokes."""
    corners = np.array(points, np.float64)
    parts = [np.linspace(a, b, 20, endpoint=False) for a, b in pairwise(corners)]
    return np.concatenate([*parts, corners[-1:]])


def arc(x: float, y: float, width: float, height: float, start: float, end: float) -> Points:
    """Draw a part of an ellipse about a centre; degrees, 0 to the right, 90 downwards."""
    angles = np.radians(np.linspace(start, end, POINTS))
    return np.stack((x + width * np.cos(angles), y + height * np.sin(angles)), 1)


def curve(*points: tuple[float, float]) -> Points:
    """Go smoothly through points: the spline of Catmull and Rom."""
    p = np.array([points[0], *points, points[-1]], np.float64)
    parts = []
    for i in range(1, len(p) - 2):
        t = np.linspace(0, 1, 20, endpoint=False)[:, None]
        a, b, c, d = p[i - 1 : i + 3]
        parts.append(
            0.5
            * (
                2 * b
                + (c - a) * t
                + (2 * a - 5 * b + 4 * c - d) * t**2
                + (3 * b - a - 3 * c + d) * t**3
            )
        )
    return np.concatenate([*parts, p[-1:]])


STYLES: Mapping[int, Sequence[tuple[str, Style]]] = {
    0: (
        ("round", lambda: [arc(0.5, 0.5, 0.4, 0.5, -90, 270)]),
        ("narrow", lambda: [arc(0.5, 0.5, 0.28, 0.5, -60, 300)]),
        ("ends crossing", lambda: [arc(0.5, 0.5, 0.36, 0.5, -110, 285)]),
    ),
    1: (
        ("bar", lambda: [line((0.5, 0), (0.5, 1))]),
        ("flag", lambda: [line((0.3, 0.22), (0.55, 0), (0.55, 1))]),
        (
            "flag and foot",
            lambda: [line((0.28, 0.2), (0.5, 0), (0.5, 1)), line((0.22, 1), (0.8, 1))],
        ),
    ),
    2: (
        (
            "straight base",
            lambda: [
                curve((0.12, 0.28), (0.25, 0.06), (0.55, 0), (0.82, 0.2), (0.7, 0.5), (0.1, 1)),
                line((0.1, 1), (0.9, 1)),
            ],
        ),
        (
            "loop",
            lambda: [
                curve(
                    (0.15, 0.2),
                    (0.45, 0),
                    (0.78, 0.18),
                    (0.6, 0.6),
                    (0.3, 0.92),
                    (0.12, 0.95),
                    (0.12, 0.8),
                    (0.3, 0.8),
                    (0.55, 0.95),
                    (0.9, 0.92),
                )
            ],
        ),
        (
            "like a z",
            lambda: [
                curve((0.12, 0.15), (0.5, 0.0), (0.85, 0.15), (0.75, 0.4)),
                line((0.75, 0.4), (0.12, 1), (0.88, 0.97)),
            ],
        ),
    ),
    3: (
        (
            "two bows",
            lambda: [
                curve(
                    (0.15, 0.14),
                    (0.45, 0),
                    (0.8, 0.2),
                    (0.68, 0.42),
                    (0.42, 0.48),
                    (0.75, 0.56),
                    (0.86, 0.78),
                    (0.5, 1),
                    (0.1, 0.86),
                )
            ],
        ),
        (
            "flat top",
            lambda: [
                line((0.15, 0.02), (0.82, 0.02), (0.42, 0.42)),
                curve((0.42, 0.42), (0.8, 0.5), (0.85, 0.8), (0.5, 1), (0.1, 0.88)),
            ],
        ),
        (
            "a kink",
            lambda: [
                curve((0.2, 0.08), (0.55, 0), (0.78, 0.18), (0.7, 0.36), (0.35, 0.5)),
                curve((0.35, 0.5), (0.75, 0.58), (0.8, 0.82), (0.5, 1), (0.18, 0.93)),
            ],
        ),
    ),
    4: (
        (
            "open",
            lambda: [line((0.2, 0), (0.12, 0.55), (0.88, 0.55)), line((0.68, 0.1), (0.68, 1))],
        ),
        ("closed", lambda: [line((0.68, 1), (0.68, 0), (0.08, 0.66), (0.92, 0.66))]),
        (
            "round",
            lambda: [
                curve((0.2, 0.0), (0.12, 0.35), (0.3, 0.52), (0.78, 0.45)),
                line((0.8, 0), (0.76, 0.5), (0.7, 1)),
            ],
        ),
    ),
    5: (
        (
            "one stroke",
            lambda: [
                line((0.82, 0), (0.22, 0), (0.18, 0.42)),
                curve((0.18, 0.42), (0.5, 0.34), (0.85, 0.6), (0.7, 0.92), (0.4, 1), (0.1, 0.9)),
            ],
        ),
        (
            "hat apart",
            lambda: [
                line((0.28, 0.04), (0.24, 0.44)),
                curve((0.24, 0.44), (0.55, 0.38), (0.8, 0.64), (0.62, 0.96), (0.15, 0.95)),
                line((0.28, 0.02), (0.85, 0.0)),
            ],
        ),
        (
            "like an s",
            lambda: [
                curve(
                    (0.8, 0.03),
                    (0.4, 0.02),
                    (0.25, 0.2),
                    (0.3, 0.4),
                    (0.65, 0.5),
                    (0.78, 0.75),
                    (0.5, 1),
                    (0.15, 0.92),
                )
            ],
        ),
    ),
    6: (
        (
            "bent",
            lambda: [
                curve(
                    (0.75, 0.04),
                    (0.35, 0.25),
                    (0.15, 0.65),
                    (0.35, 0.98),
                    (0.7, 0.95),
                    (0.82, 0.7),
                    (0.55, 0.52),
                    (0.18, 0.7),
                )
            ],
        ),
        (
            "straight",
            lambda: [
                curve((0.62, 0), (0.3, 0.4), (0.2, 0.72)),
                arc(0.5, 0.74, 0.3, 0.26, -180, 180),
            ],
        ),
        (
            "small loop",
            lambda: [
                curve(
                    (0.6, 0),
                    (0.25, 0.35),
                    (0.18, 0.8),
                    (0.45, 1),
                    (0.68, 0.86),
                    (0.55, 0.7),
                    (0.28, 0.82),
                )
            ],
        ),
    ),
    7: (
        ("plain", lambda: [line((0.12, 0.02), (0.86, 0.02), (0.4, 1))]),
        (
            "bar",
            lambda: [line((0.12, 0.02), (0.86, 0.02), (0.38, 1)), line((0.3, 0.52), (0.82, 0.5))],
        ),
        (
            "hook and bow",
            lambda: [
                line((0.14, 0.2), (0.16, 0.04), (0.84, 0.04)),
                curve((0.84, 0.04), (0.6, 0.4), (0.48, 0.7), (0.45, 1)),
            ],
        ),
    ),
    8: (
        (
            "one stroke",
            lambda: [
                curve(
                    (0.75, 0.12),
                    (0.48, 0),
                    (0.24, 0.2),
                    (0.5, 0.47),
                    (0.8, 0.75),
                    (0.5, 1),
                    (0.2, 0.76),
                    (0.5, 0.47),
                    (0.76, 0.22),
                    (0.7, 0.08),
                )
            ],
        ),
        (
            "two rings",
            lambda: [arc(0.5, 0.24, 0.26, 0.24, -90, 270), arc(0.5, 0.74, 0.32, 0.26, -90, 270)],
        ),
        (
            "narrow",
            lambda: [
                arc(0.5, 0.22, 0.2, 0.22, 90, 450),
                arc(0.5, 0.72, 0.24, 0.28, -90, 270),
            ],
        ),
    ),
    9: (
        (
            "straight",
            lambda: [arc(0.46, 0.28, 0.3, 0.28, 0, -360), line((0.76, 0.1), (0.72, 1))],
        ),
        (
            "hook",
            lambda: [
                arc(0.48, 0.28, 0.3, 0.28, -10, -350),
                curve((0.78, 0.2), (0.8, 0.6), (0.66, 0.96), (0.3, 0.98), (0.18, 0.86)),
            ],
        ),
        (
            "slanting",
            lambda: [
                curve((0.72, 0.1), (0.4, 0), (0.2, 0.28), (0.45, 0.48), (0.74, 0.15)),
                curve((0.74, 0.15), (0.66, 0.55), (0.5, 1)),
            ],
        ),
    ),
}


@dataclass(frozen=True)
class Drawing:
    """A digit on the canvas."""

    digit: int
    style: str
    grey: Float32Array  # (280, 280), 0 black to 1 white


def draw_digits(count: int = 100, seed: int = 0) -> list[Drawing]:
    """Draw digits 0 to 9 in turn, each time in its next style, by another hand."""
    random = np.random.default_rng(seed)
    drawings = []
    for number in range(count):
        digit = number % 10
        styles = STYLES[digit]
        name, style = styles[number // 10 % len(styles)]
        drawings.append(Drawing(digit, name, _paint(_by_hand(style(), random), random)))
    return drawings


def _by_hand(strokes: Sequence[Points], random: np.random.Generator) -> list[Points]:
    """Put a style on the canvas, in pixels."""
    height = random.uniform(0.32, 0.8) * SIDE
    width = height * random.uniform(0.45, 1.0)
    slant, turn = random.uniform(-0.35, 0.4), np.radians(random.uniform(-14, 14))
    turning = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    placed = []
    for points in strokes:
        centred = (points - 0.5 + _tremble(len(points), random)) * (width, height)
        centred[:, 0] -= slant * centred[:, 1]
        placed.append(centred @ turning.T)
    everything = np.concatenate(placed)
    margin = 16.0  # for the pen
    lowest = margin - everything.min(0)
    room = np.maximum(SIDE - 2 * margin - np.ptp(everything, axis=0), 0)
    shift = lowest + room * random.random(2)
    return [points + shift for points in placed]


def _tremble(count: int, random: np.random.Generator) -> Points:
    """Let a pen go slowly astray: a few waves of random phase."""
    along = np.linspace(0, 1, count)[:, None]
    waves = np.zeros((count, 2))
    for frequency in (1, 2, 3):
        phase = random.uniform(0, 2 * np.pi, 2)
        waves += (
            random.normal(0, 0.035, 2) * np.sin(2 * np.pi * frequency * along + phase) / frequency
        )
    return waves + random.normal(0, 0.03, 2)  # strokes meet a little beside each other


def _paint(strokes: Sequence[Points], random: np.random.Generator) -> Float32Array:
    """Paint strokes with a round pen, its edge smooth as browsers draw it."""
    radius = random.uniform(3.5, 13)
    points = np.concatenate([_dense(stroke) for stroke in strokes])
    y, x = np.mgrid[:SIDE, :SIDE] + 0.5
    nearest = np.full((SIDE, SIDE), np.inf)
    for px, py in points:
        near = (
            slice(max(int(py - 16), 0), int(py + 17)),
            slice(max(int(px - 16), 0), int(px + 17)),
        )
        away = np.hypot(x[near] - px, y[near] - py)
        np.minimum(nearest[near], away, out=nearest[near])
    ink = np.clip(radius + 0.5 - nearest, 0, 1)
    return (1 - ink).astype(np.float32)


def _dense(stroke: Points) -> Points:
    """Put points a pixel apart along a stroke."""
    lengths = np.hypot(*np.diff(stroke, axis=0).T)
    along = np.concatenate(([0.0], np.cumsum(lengths)))
    wanted = np.arange(0, along[-1] + 1)
    return np.stack([np.interp(wanted, along, stroke[:, axis]) for axis in (0, 1)], 1)
