"""The rows of attendance_summary (interchange.md), for the command and for partners alike."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attendance_mis.api.fields import COUNT, FLAG, PERCENT, TEXT, Field
from registers.attendance import Group, Summary
from registers.sums import GROUPINGS, PupilSum

_COUNTS = (
    Field("possible", COUNT, "Sessions that could be attended."),
    Field("attended", COUNT, "Sessions attended, late ones among them."),
    Field("late", COUNT, "Sessions attended late (L)."),
    Field("authorised", COUNT, "Sessions of authorised absence."),
    Field("unauthorised", COUNT, "Sessions of unauthorised absence."),
    Field("unmarked", COUNT, "Sessions on roll without a mark; not among the possible."),
    Field("attendance_percent", PERCENT, "One decimal; null when no session was possible.", nullable=True),
)
PUPIL_FIELDS = (
    Field("upn", TEXT, "Unique pupil number."),
    *_COUNTS,
    Field(
        "persistent", FLAG, "Whether 10 per cent or more was missed; null without a possible session.", nullable=True
    ),
    Field("severe", FLAG, "Whether 50 per cent or more was missed; null without a possible session.", nullable=True),
)
_COHORT = "Of pupils aged 5 to 15, not boarders, with a possible session"
GROUP_FIELDS = (
    Field("group", TEXT, "Year group, class, or group such as “sex:F” and “fsm”."),
    Field("pupils", COUNT, "Pupils with a school session on roll in the range."),
    *_COUNTS,
    Field("persistent_pupils", COUNT, f"{_COHORT}: persistently absent."),
    Field("persistent_percent", PERCENT, f"{_COHORT}: persistently absent, in per cent.", nullable=True),
    Field("severe_pupils", COUNT, f"{_COHORT}: severely absent."),
    Field("severe_percent", PERCENT, f"{_COHORT}: severely absent, in per cent.", nullable=True),
)
Row = Mapping[str, Any]


def pupil_rows(pupils: Iterable[PupilSum]) -> Iterator[Row]:
    """A row a pupil, in their order."""
    for pupil in pupils:
        summary = pupil.summary
        values = (pupil.upn, *_counts(summary), summary.persistent, summary.severe)
        yield _named(PUPIL_FIELDS, values)


def group_rows(pupils: list[PupilSum], groupings: Iterable[str]) -> Iterator[Row]:
    """A row a group, one grouping after the other."""
    for grouping in groupings:
        for name, group in GROUPINGS[grouping](pupils):
            values = (name, group.pupils, *_counts(group.total), *_shares(group))
            yield _named(GROUP_FIELDS, values)


def _named(fields: tuple[Field, ...], values: tuple[object, ...]) -> Row:
    return dict(zip((field.name for field in fields), values, strict=True))


def _counts(summary: Summary) -> tuple[object, ...]:
    return (
        summary.possible,
        summary.attended,
        summary.late,
        summary.authorised,
        summary.unauthorised,
        summary.unmarked,
        summary.percent,
    )


def _shares(group: Group) -> tuple[object, ...]:
    return group.persistent, group.persistent_percent, group.severe, group.severe_percent
