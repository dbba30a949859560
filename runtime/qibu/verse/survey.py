"""How many of a model's poems keep the rules, with the rules and without."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Protocol

from ..text.sampling import Sampling
from .composition import Composition
from .forms import split_lines
from .report import Report

SURVEYED = ("五絕", "七絕", "五律", "七律")
# the report's faults, by what a reader would call them
KINDS: Mapping[str, tuple[str, ...]] = {
    "form": ("體", "句數", "字數"),
    "rhyme": ("出韻", "重韻"),
    "tones": ("句腳", "拗", "孤平", "三平尾", "失對", "失粘"),
}
Progress = Callable[[int, int], None]


class Composer(Protocol):
    """Who writes poems: `qibu.Poet`."""

    def compose_many(
        self, count: int, form: str, *, seed: int, sampling: Sampling, rules: bool
    ) -> list[Composition]:
        """Write poems of the seeds from `seed` on."""


def survey(
    poet: Composer,
    count: int,
    is_copied: Callable[[str], bool] | None = None,
    *,
    temperature: float = 0.8,
    seed: int = 0,
    progress: Progress | None = None,
) -> dict[str, dict[str, Any]]:
    """Write poems of the four forms, by the rules and by the network alone, and judge them.

    Args:
        poet: the model.
        count: poems of each kind, a fourth of them of each form.
        is_copied: says whether a line stands in the corpus.
        temperature: of the sampling.
        seed: of the first poem of each form; the others follow.
        progress: called with poems done and poems in all.

    Returns:
        "rules" and "free", each with shares 0..1 of poems that keep form, rhyme and tones, and all
        of it; of distinct characters in a poem; of poems with the same line twice; with
        `is_copied`, of lines of 5 and 7 characters that stand in it; and the mean log-probability.
    """
    found = {}
    each, done = max(1, count // len(SURVEYED)), 0
    for kind, rules in (("rules", True), ("free", False)):
        poems: list[Composition] = []
        for form in SURVEYED:
            poems += poet.compose_many(
                each, form, seed=seed, sampling=Sampling(temperature=temperature), rules=rules
            )
            done += each
            if progress:
                progress(done, 2 * each * len(SURVEYED))
        found[kind] = _judge(poems, is_copied)
    return found


def _judge(poems: Sequence[Composition], is_copied: Callable[[str], bool] | None) -> dict[str, Any]:
    # a poem that the network ended before its first line keeps nothing
    reports = [poem.report if poem.lines else None for poem in poems]
    figures: dict[str, Any] = {"poems": len(poems)}
    for kind, names in KINDS.items():
        figures[kind] = _share([_keeps(report, names) for report in reports])
    every = [name for names in KINDS.values() for name in names]
    figures["all"] = _share([_keeps(report, every) for report in reports])
    figures["distinct_characters"] = _share(
        [len(set(text)) / max(1, len(text)) for text in map("".join, (p.lines for p in poems))]
    )
    figures["line_twice"] = _share([len(set(poem.lines)) < len(poem.lines) for poem in poems])
    if is_copied:
        lines = [line for poem in poems for line in split_lines(poem.traditional)]
        for length in (5, 7):
            some = [is_copied(line) for line in lines if len(line) == length]
            figures[f"copied_lines_{length}"] = _share(some)
    figures["mean_log_probability"] = _share([poem.mean_log_probability for poem in poems])
    return figures


def _keeps(report: Report | None, names: Collection[str]) -> bool:
    return report is not None and all(rule.kept or rule.name not in names for rule in report.rules)


def _share(values: Sequence[float]) -> float:
    return round(sum(values) / max(1, len(values)), 4)
