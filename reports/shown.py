"""Which rows and counts somebody who reads no name may see: one answer for the governors' page and their reports.

Pure. Page and reports print the same rows, so that no two of them show by their difference what each hides. A group
that was small on one day of a year is hidden from then on: the year less the days before is what came since.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from reports import groups
from reports.groups import Facts
from reports.suppression import Count, Families, Pupils, Row, hidden, hidden_for_good

YES_NO = ("yes", "no")

# Not classes: a class of thirty is known to its teacher child by child.
FAMILIES = tuple(family for family in groups.FAMILIES if family not in ("class", "ks"))
# Groups that are named whether or not a pupil is in them, so that "hidden" does not say that there is one.
ALWAYS_NAMED = ("sex:F", "sex:M", "sen:N", "sen:K", "sen:E", *(f"{flag}:{v}" for flag in groups.FLAGS for v in YES_NO))


def families_of(pupils: Mapping[int, Facts]) -> Families:
    """The pupils of each group of each family, by id.

    Of whom it is not known, nothing is printed, nor that nobody has a characteristic, nor a special educational need:
    such a group stands in its family without a pupil, and is hidden as a small one is.
    """
    found: dict[str, dict[str, set[int]]] = {family: {} for family in FAMILIES}
    for pupil_id, facts in pupils.items():
        for group in groups.groups_of(facts):
            family = groups.family_of(group)
            if family in found and not group.endswith(f":{groups.UNKNOWN}"):
                found[family].setdefault(group, set()).add(pupil_id)
    return families_among(found, frozenset(pupils))


def families_among(families: Mapping[str, Mapping[str, Collection[int]]], pupils: Pupils) -> Families:
    """The same of some pupils alone."""
    found = {
        family: {name: ids for name, of in rows.items() if (ids := pupils.intersection(of))}
        for family, rows in families.items()
    }
    if found["sen"]:
        found["sen"] |= {group: frozenset() for group in ("sen:N", "sen:K", "sen:E") if group not in found["sen"]}
    return {family: rows for family, rows in found.items() if family not in groups.FLAGS or f"{family}:yes" in rows}


def counted(pupils: Mapping[int, Facts]) -> dict[int, Facts]:
    """Who had a possible session: nobody else is in a figure for governors."""
    return {pupil_id: facts for pupil_id, facts in pupils.items() if facts.summary.possible}


def hidden_in_year(families: Families, rolls: Iterable[Pupils], threshold: int) -> frozenset[Row]:
    """The rows hidden in every figure of a year up to a day, by who was there on one day of it after another.

    It is worked out anew from the rolls, which do not change when the days go on: so a page that keeps nothing hides
    today what it hid yesterday.
    """
    return hidden_for_good(((there, families_among(families, there)) for there in rolls if there), threshold)


def absentees(pupils: Mapping[int, Facts]) -> tuple[Pupils, Pupils, Pupils]:
    """DfE's cohort, who of it is persistently absent, and who severely."""
    cohort = frozenset(each for each, facts in pupils.items() if facts.in_cohort and facts.summary.possible)
    persistent = frozenset(each for each in cohort if pupils[each].summary.persistent)
    return cohort, persistent, frozenset(each for each in cohort if pupils[each].summary.severe)


@dataclass(frozen=True, slots=True)
class Hidden:
    """What a table of some days hides: rows, and of the others the number of persistently, and severely, absent."""

    rows: frozenset[Row]
    persistent: frozenset[Row]
    severe: frozenset[Row]


def hidden_in_range(
    pupils: Mapping[int, Facts],
    families: Families,
    for_good: frozenset[Row],
    threshold: int,
    already: frozenset[Row] = frozenset(),
) -> Hidden:
    """What a table of days hides, by what is hidden in their year up to the last of them.

    It depends on nothing that comes later. What `already` hid is hidden besides, once the counts are chosen.
    """
    everybody = frozenset(pupils)
    cohort, persistent, severe = absentees(pupils)
    dark = hidden(everybody, families, threshold, already=for_good)
    return Hidden(
        rows=dark if already <= dark else hidden(everybody, families, threshold, already=dark | already),
        persistent=hidden(everybody, families, threshold, Count(persistent, (cohort,)), already=dark),
        severe=hidden(everybody, families, threshold, Count(severe, (cohort, persistent)), already=dark),
    )
