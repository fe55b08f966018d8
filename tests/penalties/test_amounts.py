"""Amounts, days of payment and the three years (law.md 5.9 to 5.15, 5.20)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penalties.amounts import (
    AMOUNTS,
    Amount,
    Kind,
    Scheme,
    Served,
    amount_of,
    day_one,
    period_of,
    scheme_of,
    sum_due,
    three_years_after,
)
from penalties.notices import amount_text
from penalties.readings import DEFAULTS, PeriodStarts, Straddling
from registers.working_days import bank_holidays, is_working_day, working_day_after

BEFORE, FROM = date(2024, 8, 18), date(2024, 8, 19)


@pytest.mark.parametrize(
    ("scheme", "earlier", "amount"),
    [
        pytest.param(Scheme.NATIONAL, 0, Amount(160, 80), id="5.9 first"),
        pytest.param(Scheme.NATIONAL, 1, Amount(160), id="5.9 second, flat"),
        pytest.param(Scheme.NATIONAL, 2, None, id="5.9 no third"),
        pytest.param(Scheme.NATIONAL, 7, None, id="5.9 nor an eighth"),
        pytest.param(Scheme.LOCAL, 0, Amount(120, 60), id="5.14"),
        pytest.param(Scheme.LOCAL, 2, Amount(120, 60), id="5.14 third"),
        pytest.param(Scheme.LOCAL_BEFORE_2012, 0, Amount(100, 50), id="5.14 before September 2012"),
        pytest.param(Scheme.PUBLIC_PLACE, 0, Amount(120, 60), id="5.15"),
    ],
)
def test_amounts(scheme: Scheme, earlier: int, amount: Amount | None) -> None:
    assert amount_of(scheme, earlier) == amount


@pytest.mark.parametrize(
    ("kind", "first", "last", "straddling", "scheme"),
    [
        (Kind.ABSENCE, FROM, FROM, Straddling.LAST_DAY, Scheme.NATIONAL),
        (Kind.ABSENCE, BEFORE, BEFORE, Straddling.LAST_DAY, Scheme.LOCAL),
        (Kind.ABSENCE, BEFORE, FROM, Straddling.LAST_DAY, Scheme.NATIONAL),
        (Kind.ABSENCE, BEFORE, FROM, Straddling.FIRST_DAY, Scheme.LOCAL),
        (Kind.ABSENCE, date(2012, 9, 1), date(2012, 9, 1), Straddling.LAST_DAY, Scheme.LOCAL),
        (Kind.ABSENCE, date(2012, 8, 31), date(2012, 8, 31), Straddling.LAST_DAY, Scheme.LOCAL_BEFORE_2012),
        (Kind.PUBLIC_PLACE, FROM, FROM, Straddling.LAST_DAY, Scheme.PUBLIC_PLACE),
    ],
)
def test_which_rules_fix_the_amount(
    kind: Kind, first: date, last: date, straddling: Straddling, scheme: Scheme
) -> None:
    assert scheme_of(kind, first, last, replace(DEFAULTS, straddling=straddling)) == scheme


@pytest.mark.parametrize(
    ("issued", "served", "starts", "expected"),
    [
        pytest.param(date(2025, 3, 3), Served.POST, PeriodStarts.ISSUE, date(2025, 3, 3), id="5.10 from issue"),
        pytest.param(date(2025, 3, 3), Served.POST, PeriodStarts.DEEMED_RECEIPT, date(2025, 3, 5), id="5.20 Monday"),
        pytest.param(date(2025, 3, 6), Served.POST, PeriodStarts.DEEMED_RECEIPT, date(2025, 3, 10), id="5.20 Thursday"),
        pytest.param(date(2025, 3, 7), Served.POST, PeriodStarts.DEEMED_RECEIPT, date(2025, 3, 11), id="5.20 Friday"),
        pytest.param(date(2025, 3, 8), Served.POST, PeriodStarts.DEEMED_RECEIPT, date(2025, 3, 11), id="5.20 Saturday"),
        pytest.param(date(2025, 4, 17), Served.POST, PeriodStarts.DEEMED_RECEIPT, date(2025, 4, 23), id="5.20 Easter"),
        pytest.param(date(2024, 12, 24), Served.POST, PeriodStarts.DEEMED_RECEIPT, date(2024, 12, 30), id="5.20 Xmas"),
        pytest.param(date(2025, 3, 7), Served.HAND, PeriodStarts.DEEMED_RECEIPT, date(2025, 3, 7), id="5.20 by hand"),
    ],
)
def test_day_one(issued: date, served: Served, starts: PeriodStarts, expected: date) -> None:
    assert day_one(issued, served, replace(DEFAULTS, period_starts=starts)) == expected


@pytest.mark.parametrize(("days", "expected"), [(0, date(2025, 3, 3)), (1, date(2025, 3, 4)), (2, date(2025, 3, 5))])
def test_deemed_service_is_a_setting(days: int, expected: date) -> None:
    assert day_one(date(2025, 3, 3), Served.POST, replace(DEFAULTS, deemed_service_days=days)) == expected


@pytest.mark.parametrize(
    ("on", "first", "second"),
    [
        (date(2025, 3, 5), 80, 160),
        (date(2025, 3, 25), 80, 160),
        (date(2025, 3, 26), 160, 160),
        (date(2025, 4, 1), 160, 160),
        (date(2025, 4, 2), None, None),
    ],
)
def test_what_is_due_on_a_day(on: date, first: int | None, second: int | None) -> None:
    """Day 1 is 5 March, day 21 the 25th, day 28 1 April: over the change of the clocks nothing shifts."""
    day = date(2025, 3, 5)
    assert sum_due(Amount(160, 80), period_of(Amount(160, 80), day), on) == first
    assert sum_due(Amount(160), period_of(Amount(160), day), on) == second


def test_the_days_of_payment_are_printed() -> None:
    first, second = Amount(160, 80), Amount(160)
    assert str(first) == "£80 within 21 days, £160 within 28 days"
    assert str(second) == "£160 within 28 days"
    assert amount_text(first, period_of(first, date(2025, 3, 5))) == (
        "£80 up to and including 25 March 2025, then £160 up to and including 1 April 2025"
    )
    assert amount_text(second, period_of(second, date(2025, 3, 5))) == "£160 up to and including 1 April 2025"


@pytest.mark.parametrize(
    ("issued", "free"),
    [
        (date(2024, 9, 10), date(2027, 9, 10)),
        (date(2028, 2, 29), date(2031, 3, 1)),
        (date(2025, 2, 28), date(2028, 2, 28)),
        (date(2025, 3, 1), date(2028, 3, 1)),
    ],
)
def test_three_years(issued: date, free: date) -> None:
    assert three_years_after(issued) == free


@given(st.dates(date(2006, 1, 1), date(2060, 1, 1)), st.sampled_from([a for row in AMOUNTS.values() for a in row]))
def test_nothing_but_the_amounts_of_the_table_is_ever_due(day: date, amount: Amount) -> None:
    period = period_of(amount, day)
    due = [sum_due(amount, period, day + timedelta(days=n)) for n in range(30)]
    assert set(due) <= {amount.reduced, amount.full, None}
    assert due[27] == amount.full
    assert due[28] is None
    assert (due[20], due[21]) == (amount.reduced or amount.full, amount.full)


# Working days


def test_bank_holidays_of_england() -> None:
    assert date(2025, 4, 18) in bank_holidays(2025)
    assert date(2022, 9, 19) in bank_holidays(2022)  # a one-off
    assert date(2026, 12, 28) in bank_holidays(2026)  # a substitute
    assert date(2025, 1, 2) not in bank_holidays(2025)  # Scotland's


def test_working_days_step_over_weekends_and_bank_holidays() -> None:
    assert not is_working_day(date(2025, 4, 21))
    assert working_day_after(date(2025, 4, 17), 1) == date(2025, 4, 22)
    assert working_day_after(date(2025, 4, 20), 0) == date(2025, 4, 20)
