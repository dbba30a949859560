"""How old-style verse (古體) rhymes: on any tone, across groups, on several rhymes in turn."""

from collections.abc import Sequence
from dataclasses import dataclass

from .rhyming import NEIGHBOURS, describe_rhyme
from .rules import Line, Rule
from .tones import LEVEL_RHYMES, RHYMES

# oblique groups that rhyme with one another (通韻), rising and departing tones together
_OBLIQUE = (
    *("董腫講送宋絳", "紙尾薺蟹賄寘未霽泰卦隊", "語麌御遇", "軫吻阮旱潸銑震問願翰諫霰"),
    *("篠巧皓嘯效號", "哿箇", "馬禡", "養漾", "梗迥敬徑", "有宥", "寢沁", "感琰豏勘豔陷"),
    *("屋沃覺", "質物月曷黠屑", "藥", "陌錫職", "緝", "合葉洽"),
)
_FAMILIES = (*NEIGHBOURS, *"歌麻陽尤侵", *_OBLIQUE)
_FAMILY = {name: number for number, family in enumerate(_FAMILIES) for name in family}
_NEAR = 2  # lines: the even line before, or the other line of the couplet


@dataclass(frozen=True)
class OldRhyme:
    """What a poem rhymes on where groups may mix and change."""

    group: str | None  # that all even lines share, a level one first
    is_oblique: bool  # whether all even lines rhyme together, and only on an oblique tone
    share: float  # of the even lines, that rhyme with a line near
    share_of_all: float  # the same of all lines
    message: str

    @property
    def rule(self) -> Rule:
        """The rule that says it, which old-style verse always keeps."""
        return Rule("韻", True, self.message)


def read_old_rhyme(lines: Sequence[Line]) -> OldRhyme:
    """Find the group that all even lines share, or the family of groups, or several in turn."""
    families = [{_FAMILY[name] for name in line.rhymes} for line in lines]
    near = [_rhymes_near(families, place) for place in range(len(lines))]
    share = sum(near[1::2]) / max(1, len(near[1::2]))
    known = [line for line in lines[1::2] if line.rhymes]
    groups = set.intersection(*(set(line.rhymes) for line in known)) if known else set()
    group = next((name for name in RHYMES if name in groups), None)
    runs = _runs(families[1::2])
    family = min(runs[0]) if len(runs) == 1 else None
    if group:
        message = describe_rhyme(lines, group)
    elif family is not None:
        used = [next(name for name in line.rhymes if _FAMILY[name] == family) for line in known]
        message = describe_rhyme(
            lines, f"{' and '.join(dict.fromkeys(used))}, which go together (通韻)"
        )
    elif share:
        message = f"the rhyme changes (換韻): {len(runs)} in turn"
    else:
        message = "no two even lines rhyme, which the form leaves free"
    tone_family = _FAMILY[group] if group else family
    is_oblique = tone_family is not None and _FAMILIES[tone_family][0] not in LEVEL_RHYMES
    return OldRhyme(group, is_oblique, share, sum(near) / len(near), message)


def _rhymes_near(families: Sequence[set[int]], place: int) -> bool:
    own = families[place]
    near = (*families[max(0, place - _NEAR) : place], *families[place + 1 : place + 1 + _NEAR])
    return not own or any(own & other for other in near)


def _runs(families: Sequence[set[int]]) -> list[set[int]]:
    """Give the families that each run of lines shares; a line of no known rhyme goes along."""
    runs: list[set[int]] = []
    for some in filter(None, families):
        if runs and (shared := runs[-1] & some):
            runs[-1] = shared
        else:
            runs.append(set(some))
    return runs
