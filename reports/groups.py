"""The groups that figures are given for (domain/policies/000 section 12.8), and their combinations.

Pure. A family (sex, SEN, free school meals ...) parts the whole: every pupil stands in exactly one of its groups, those
of whom it is not known in `unknown`, so that the parts of each family add up to the whole. A group is written
"family:value"; a `Key` is a combination of groups, the empty one everybody. `querysets.sums` says the same in SQL.
"""

from collections.abc import Iterable, Mapping
from typing import Protocol

from registers.attendance import Group, Summary

Key = tuple[str, ...]
EVERYBODY: Key = ()
UNKNOWN = "unknown"

FLAGS = {
    "fsm": "Free school meals",
    "fsm_ever6": "Free school meals in the last six years",
    "pupil_premium": "Pupil premium",
    "looked_after": "Looked after",
    "previously_looked_after": "Previously looked after",
    "adopted": "Adopted",
    "service_child": "Service child",
    "eal": "English as an additional language",
    "young_carer": "Young carer",
    "arp": "Additionally resourced provision",
    "social_worker": "Has a social worker",
}
FAMILIES = {
    "ks": "Key stage",
    "year": "Year group",
    "class": "Class",
    "sex": "Sex",
    "sen": "Special educational needs",
    **FLAGS,
    "ethnicity": "Ethnicity",
}
_KEY_STAGES = {
    "EYFS": ("N1", "N2", "R"),
    "KS1": ("1", "2"),
    "KS2": ("3", "4", "5", "6"),
    "KS3": ("7", "8", "9"),
    "KS4": ("10", "11"),
    "KS5": ("12", "13", "14"),
}
KEY_STAGE = {year: stage for stage, years in _KEY_STAGES.items() for year in years}
YEARS = tuple(KEY_STAGE)
_LABELS = {
    "sex:F": "Girls",
    "sex:M": "Boys",
    "sen:N": "No special educational need",
    "sen:K": "SEN support",
    "sen:E": "Education, health and care plan",
    "ks:EYFS": "Early years",
    "year:N1": "Nursery 1",
    "year:N2": "Nursery 2",
    "year:R": "Reception",
    "class:": "In no class",
    **{f"{flag}:yes": label for flag, label in FLAGS.items()},
}
# Why a child is vulnerable is not for everybody who sees her figures (roles.md).
CONFIDENTIAL = frozenset({"looked_after", "previously_looked_after", "adopted", "young_carer", "social_worker"})
# With whom a group is compared when its gap is given: (family, value) to the other value of the family.
_OTHERS = {"sex:F": "sex:M", "sex:M": "sex:F", "sen:K": "sen:N", "sen:E": "sen:N"}
_VALUES = {"sex": ("F", "M"), "sen": ("N", "K", "E"), "ks": tuple(_KEY_STAGES), "year": YEARS}


class Facts(Protocol):
    """What the groups ask of a pupil; `registers.sums.PupilSum` is one. `class_id` None: in no class."""

    @property
    def year_group(self) -> str: ...
    @property
    def class_id(self) -> int | None: ...
    @property
    def sex(self) -> str: ...
    @property
    def sen_status(self) -> str: ...
    @property
    def ethnicity(self) -> str: ...
    @property
    def flags(self) -> frozenset[str]: ...
    @property
    def noes(self) -> frozenset[str]: ...
    @property
    def in_cohort(self) -> bool: ...
    @property
    def summary(self) -> Summary: ...


def groups_of(pupil: Facts) -> frozenset[str]:
    """The one group of each family that a pupil is in."""
    return frozenset(
        [
            f"ks:{KEY_STAGE.get(pupil.year_group, UNKNOWN)}",
            f"year:{pupil.year_group}",
            f"class:{pupil.class_id or ''}",
            f"sex:{pupil.sex}",
            f"sen:{pupil.sen_status or UNKNOWN}",
            f"ethnicity:{pupil.ethnicity or UNKNOWN}",
            *(f"{flag}:{'yes' if flag in pupil.flags else 'no' if flag in pupil.noes else UNKNOWN}" for flag in FLAGS),
        ]
    )


def family_of(group: str) -> str:
    """The family of "family:value"."""
    return group.partition(":")[0]


def label(key: Key, classes: Mapping[str, str] | None = None) -> str:
    """How people say a group or a combination; `classes` names classes by the text of their id."""
    return ", ".join(_label(group, classes or {}) for group in key) or "All pupils"


def _label(group: str, classes: Mapping[str, str]) -> str:
    family, _, value = group.partition(":")
    if said := _LABELS.get(group):
        return said
    if value == UNKNOWN:
        return f"{FAMILIES[family]}: not known"
    if value == "no":
        return "No social worker" if family == "social_worker" else f"Not {_lowered(FLAGS[family])}"
    if family == "year":
        return f"Year {value}"
    return classes.get(value, value) if family == "class" else value


def _lowered(text: str) -> str:
    return text if text.startswith("English") else text[0].lower() + text[1:]


def compared_with(group: str) -> Key:
    """Whose figure the gap of a group is measured against: those without the characteristic, else everybody."""
    family, _, value = group.partition(":")
    if family in FLAGS and value == "yes":
        return (f"{family}:no",)
    return (_OTHERS[group],) if group in _OTHERS else EVERYBODY


def in_order(key: Key) -> tuple[tuple[int, int, str], ...]:
    """Sorts keys as a reader looks for them: by family, then the usual order of its values, `unknown` last."""
    return tuple(_place(group) for group in key)


def _place(group: str) -> tuple[int, int, str]:
    family, _, value = group.partition(":")
    values = _VALUES.get(family, ("yes", "no"))
    place = values.index(value) if value in values else len(values) + (value == UNKNOWN)
    return list(FAMILIES).index(family), place, value


def faults(key: Iterable[str]) -> list[str]:
    """Why these are no groups; empty means they are."""
    return [f"{group} is no group" for group in key if family_of(group) not in FAMILIES or ":" not in group]


def collect(pupils: Iterable[Facts], keys: Iterable[Key], *, cohort_only: bool = False) -> dict[Key, Group]:
    """Each of the keys with its pupils added up; a key without a pupil is left out.

    `cohort_only` leaves out who is not of DfE's cohort, or had no possible session (law.md 4.3, 4.6).
    """
    members = [
        (groups_of(pupil), _numbers(pupil))
        for pupil in pupils
        if not cohort_only or (pupil.in_cohort and pupil.summary.possible)
    ]
    found = {}
    for key in keys:
        inside = [numbers for groups, numbers in members if groups.issuperset(key)]
        if inside:
            found[key] = _added(inside)
    return found


def whole(pupils: Iterable[Facts]) -> Group:
    """All of these pupils added up; nobody is a group too."""
    return _added([_numbers(pupil) for pupil in pupils])


def _numbers(pupil: Facts) -> tuple[int, ...]:
    """What a pupil adds to each group that she is in: worked out once, as there are twenty."""
    s = pupil.summary
    persistent, severe = (s.persistent, s.severe) if pupil.in_cohort and s.possible else (None, None)
    return (
        s.possible, s.attended, s.late, s.authorised, s.unauthorised, s.unmarked,
        persistent is not None, bool(persistent), bool(severe),
    )  # fmt: skip


def _added(numbers: list[tuple[int, ...]]) -> Group:
    if not numbers:
        return Group(0, Summary(), 0, 0, 0)
    *sums, counted, persistent, severe = map(sum, zip(*numbers, strict=True))
    return Group(len(numbers), Summary(*sums), counted, persistent, severe)


def table(pupils: Iterable[Facts], families: Iterable[str]) -> dict[Key, Group]:
    """Everybody, and every group of these families that has a pupil, in order: one pass over the pupils."""
    wanted, everybody = frozenset(families), []
    members: dict[str, list[tuple[int, ...]]] = {}
    for pupil in pupils:
        everybody.append(numbers := _numbers(pupil))
        for group in groups_of(pupil):
            members.setdefault(group, []).append(numbers)
    keys = sorted(((group,) for group in members if family_of(group) in wanted), key=in_order)
    return {EVERYBODY: _added(everybody)} | {key: _added(members[key[0]]) for key in keys}


def every_group(pupils: Iterable[Facts], *families: str) -> list[Key]:
    """Every combination of one group of each of the families that has a pupil, in order; no family: everybody."""
    found = set()
    for pupil in pupils:
        of_family = {family_of(group): group for group in groups_of(pupil)}
        found.add(tuple(of_family[family] for family in families))
    return sorted(found, key=in_order)
