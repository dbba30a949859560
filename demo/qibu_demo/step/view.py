"""What came of the steps, as the page shows it."""

from collections.abc import Sequence
from html import escape

import qibu
from qibu.core.arrays import Float32Array

from ..page.charts import heat_map, hue_of, line_chart, range_of
from ..page.texts import say
from .logic import Walk

MOST_LINES = 12  # of an output that is drawn as lines; one of more values is a map


def walk_view(walked: Walk, language: str, spec: qibu.ModelSpec | None = None) -> str:
    """Show what a model gave at each step, and its states.

    Args:
        walked: the steps so far.
        language: "en" or "zh".
        spec: what the file says of its outputs.
    """
    outputs, states, count = [], [], 0
    for name, values in walked.outputs.items():
        count = len(values)
        note = spec.ports.get(name) if spec else None
        said = [note.description, note.unit] if note else []
        outputs.append(_output(name, values, said, note.labels if note else (), language))
    for name, values in walked.states.items():
        units, shown = walked.units[name], len(values)
        key = "units_of" if units == shown else "units_shown"
        told = say(key, language, count=units, shown=shown)
        states.append(_figure(name, [told], _map(values, f"{name}: {told}")))
    ends = "".join(
        f"<span>{say('step_number', language, step=step)}</span>" for step in {1: 0, count: 0}
    )
    return (
        f'<div class="qb-walk" data-steps="{count}">'
        f"<h4>{say('outputs_over', language)} <small>"
        f"{say('steps_made', language, count=count)}</small></h4>{''.join(outputs)}"
        f"<h4>{say('states_over', language)}</h4>{''.join(states)}"
        f'<p class="qb-ends">{ends}</p></div>'
    )


def _output(
    name: str, values: Float32Array, said: Sequence[str], labels: Sequence[str], language: str
) -> str:
    count = values.shape[1]
    told = say("units_of", language, count=count)
    if count > MOST_LINES:
        return _figure(name, [*said, told], _map(values.T, f"{name}: {told}"))
    names = labels if len(labels) == count else [str(place) for place in range(count)]
    legend = "".join(
        f'<li style="--hue:{hue_of(place, count)}">{escape(label)}</li>'
        for place, label in enumerate(names)
    )
    below = f'<ul class="qb-legend">{legend}</ul>' if count > 1 else ""
    low, high = range_of(values)
    chart = line_chart(values, f"{name}: {told}, {low:.4g} … {high:.4g}")
    return _figure(name, said, chart + below, f"{low:.4g} … {high:.4g}")


def _map(values: Float32Array, description: str) -> str:
    return heat_map(values, description) if values.size else ""


def _figure(name: str, said: Sequence[str], image: str, scale: str = "") -> str:
    words = " · ".join(escape(one) for one in said if one)
    return (
        f'<figure data-name="{escape(name)}"><figcaption><b>{escape(name)}</b> {words}'
        f"<span>{scale}</span></figcaption>{image}</figure>"
    )
