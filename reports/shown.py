"""Which rows and counts somebody who reads no name may see: one answer for the governors' page and their reports.

Pure. Page and reports print the same rows, so that no two of them show by their difference what each hides. A group
that is small in one half-term of a year is hidden in all of it: the year less the other half-terms is the one.
"""

from collections.abc import Iterable, Mapping

from reports import groups
from reports.groups import Facts
from reports.suppression import Count, Families, Pupils, Row, hidden, hidden_in_all

YES_NO = ("yes", "no")

# Not classes: a class of thirty is known to its teacher child by child.
FAMILIES = tuple(family for family in groups.FAMILIES if family not in ("class", "ks"))
# Groups that are named whether or not a pupil is in them, so that "hidden" does not say that there is one.
ALWAYS_NAMED = ("sex:F", "sex:M", "sen:N", "sen:K", "sen:E", *(f"{flag}:{v}" for flag in groups.FLAGS for v in YES_NO))


def families_of(pupils: Mapping[int, Facts]) -> dict[str, dict[str, Pupils]]:
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
    if found["sen"]:
        found["sen"] |= {group: set() for group in ("sen:N", "sen:K", "sen:E") if group not in found["sen"]}
    return {
        family: {name: frozenset(ids) for name, ids in rows.items()}
        for family, rows in found.items()
        if family not in groups.FLAGS or f"{family}:yes" in rows
    }


def counted(pupils: Mapping[int, Facts]) -> dict[int, Facts]:
    """Who had a possible session: nobody else is in a figure for governors."""
    return {pupil_id: facts for pupil_id, facts in pupils.items() if facts.summary.possible}


def hidden_in_year(
    facts: Mapping[int, Facts], half_terms: Iterable[Pupils], threshold: int, already: Iterable[Row] = ()
) -> frozenset[Row]:
    """The rows hidden in every figure of a year, whose pupils in each of its half-terms are given."""
    parts = [frozenset(part & facts.keys()) for part in half_terms]
    tables = [(part, families_of({each: facts[each] for each in part})) for part in dict.fromkeys(parts) if part]
    return hidden_in_all(tables, threshold, already)


def absentees(pupils: Mapping[int, Facts]) -> tuple[Pupils, Pupils, Pupils]:
    """DfE's cohort, who of it is persistently absent, and who severely."""
    cohort = frozenset(each for each, facts in pupils.items() if facts.in_cohort and facts.summary.possible)
    persistent = frozenset(each for each in cohort if pupils[each].summary.persistent)
    return cohort, persistent, frozenset(each for each in cohort if pupils[each].summary.severe)


def hidden_counts(
    pupils: Mapping[int, Facts], families: Families, dark: frozenset[Row], threshold: int
) -> tuple[frozenset[Row], frozenset[Row]]:
    """The rows whose number of persistently absent pupils is hidden, and those whose number of severely absent is."""
    everybody = frozenset(pupils)
    cohort, persistent, severe = absentees(pupils)
    return (
        hidden(everybody, families, threshold, Count(persistent, (cohort,)), already=dark),
        hidden(everybody, families, threshold, Count(severe, (cohort, persistent)), already=dark),
    )
