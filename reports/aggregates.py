"""The groups of a school without a name: what governors and trust leads may read, small numbers hidden."""

from dataclasses import dataclass

from registers.attendance import Group
from reports.figures import Figures
from reports.groups import EVERYBODY, FAMILIES, Key, family_of, groups_of, label, table
from reports.suppression import WHOLE, Count, Row, hidden

# Not classes: a class of thirty is known to its teacher child by child.
SHOWN = tuple(family for family in FAMILIES if family not in ("class", "ks"))


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A group, or only its name where its number is hidden; `shows_persistent` is False where only that one is."""

    name: str
    family: str
    group: Group | None
    shows_persistent: bool
    shows_severe: bool


def rows(figures: Figures) -> list[Aggregate]:
    """Everybody and every group of the families shown, in order; nothing hidden can be worked out from the rest."""
    pupils = figures.pupils
    if not pupils:
        return []
    groups = table(pupils, SHOWN)
    keys = [key for key in groups if key]
    members: dict[str, set[int]] = {}
    for pupil in pupils:
        for group in groups_of(pupil):
            members.setdefault(group, set()).add(pupil.pupil_id)
    families: dict[str, dict[str, frozenset[int]]] = {}
    for (group,) in keys:
        families.setdefault(family_of(group), {})[group] = frozenset(members[group])
    everybody, threshold = figures.ids, figures.question.school.small_numbers_under
    counted = frozenset(p.pupil_id for p in pupils if p.in_cohort and p.summary.possible)
    persistent = frozenset(p.pupil_id for p in pupils if p.pupil_id in counted and p.summary.persistent)
    severe = frozenset(p.pupil_id for p in pupils if p.pupil_id in counted and p.summary.severe)
    dark = hidden(everybody, families, threshold)
    dark_persistent = hidden(everybody, families, threshold, Count(persistent, (counted,)), dark)
    dark_severe = hidden(everybody, families, threshold, Count(severe, (counted, persistent)), dark_persistent)

    def aggregate(key: Key) -> Aggregate:
        row = Row(family_of(key[0]), key[0]) if key else WHOLE
        return Aggregate(
            name=label(key),
            family=FAMILIES[family_of(key[0])] if key else "",
            group=None if row in dark else groups[key],
            shows_persistent=row not in dark_persistent,
            shows_severe=row not in dark_severe,
        )

    return [aggregate(key) for key in [EVERYBODY, *keys]]


def wholly_hidden(found: list[Aggregate]) -> list[str]:
    """The families of which nothing is shown: a page names them once instead of row by row."""
    families = dict.fromkeys(row.family for row in found)
    return [family for family in families if not any(row.group for row in found if row.family == family)]
