"""The bank holidays of England, beside the published ones."""

from datetime import date

import pytest

from registers.bank_holidays import bank_holidays, bank_holidays_of, easter_sunday


@pytest.mark.parametrize(
    ("year", "days"),
    [
        (2020, "01-01 04-10 04-13 05-08 05-25 08-31 12-25 12-28"),
        (2021, "01-01 04-02 04-05 05-03 05-31 08-30 12-27 12-28"),
        (2022, "01-03 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-26 12-27"),
        (2023, "01-02 04-07 04-10 05-01 05-08 05-29 08-28 12-25 12-26"),
        (2024, "01-01 03-29 04-01 05-06 05-27 08-26 12-25 12-26"),
        (2026, "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28"),
        (2028, "01-03 04-14 04-17 05-01 05-29 08-28 12-25 12-26"),
    ],
)
def test_a_year_as_published(year, days):
    assert " ".join(f"{day:%m-%d}" for day in bank_holidays(year)) == days


def test_christmas_on_a_sunday_is_made_up_after_boxing_day():
    assert bank_holidays(2022)[date(2022, 12, 26)] == "Boxing Day"
    assert bank_holidays(2022)[date(2022, 12, 27)] == "Christmas Day"


@pytest.mark.parametrize(
    "easter", [date(2000, 4, 23), date(2008, 3, 23), date(2011, 4, 24), date(2024, 3, 31), date(2038, 4, 25)]
)
def test_easter(easter):
    assert easter_sunday(easter.year) == easter


def test_an_academic_year_has_the_holidays_from_august_to_july():
    assert [str(period.start) for period in bank_holidays_of(2026)] == [
        "2026-08-31",
        "2026-12-25",
        "2026-12-28",
        "2027-01-01",
        "2027-03-26",
        "2027-03-29",
        "2027-05-03",
        "2027-05-31",
    ]
