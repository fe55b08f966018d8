"""Ranges by name, and the same range of the year before."""

from datetime import date

import pytest

from reports.ranges import a_year_before, custom, ranges
from tests.factories import PERIODS

TODAY = date(2025, 3, 11)
KNOWN = ranges(PERIODS, TODAY)


@pytest.mark.parametrize(
    ("key", "label", "first", "last", "before"),
    [
        ("year", "This year so far (2024/25)", "2024-08-01", "2025-03-11", ("2023-08-01", "2024-03-12")),
        ("week", "This week", "2025-03-10", "2025-03-11", ("2024-03-11", "2024-03-12")),
        ("last-week", "Last week", "2025-03-03", "2025-03-09", ("2024-03-04", "2024-03-10")),
        ("2024-HT4", "HT4 2024/25", "2025-02-24", "2025-03-11", ("2024-02-19", "2024-03-12")),
        ("2024-HT3", "HT3 2024/25", "2025-01-06", "2025-02-14", ("2024-01-03", "2024-02-09")),
        ("2024-Autumn-term", "Autumn term 2024/25", "2024-09-04", "2024-12-20", ("2023-09-05", "2023-12-21")),
        ("2023-year", "The year 2023/24", "2023-08-01", "2024-07-31", ("2022-08-02", "2023-08-02")),
    ],
)
def test_ranges_by_key(key, label, first, last, before):
    found = KNOWN[key]
    earlier = a_year_before(found, KNOWN)
    assert (found.label, str(found.first), str(found.last)) == (label, first, last)
    assert (str(earlier.first), str(earlier.last)) == before


def test_a_school_year_is_said_from_its_first_term():
    """It is counted from August, as Year and age are; people begin in September."""
    this, last = KNOWN["year"], KNOWN["2023-year"]
    assert this.days == "4 September 2024 to 11 March 2025"
    assert last.days == "5 September 2023 to 31 July 2024"
    assert a_year_before(this, KNOWN).days == "5 September 2023 to 12 March 2024"
    assert a_year_before(last, KNOWN).days == "2 August 2022 to 2 August 2023"
    assert ranges(PERIODS, date(2024, 8, 20))["year"].days == "1 August 2024 to 20 August 2024", "before the first term"


def test_any_two_days():
    found = custom(date(2025, 1, 6), date(2025, 1, 6))
    assert found.days == "6 January 2025"
    assert a_year_before(found, KNOWN).first == date(2024, 1, 8)
