"""The sentence of a clock opens its rule, and what is listed adds up to what it says."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from casework.clocks import Kind
from registers.codes import code_for
from registers.models import Mark, Pupil, Registration
from reports.definitions import OF_CLOCKS
from tests.casework.conftest import Attend, attend  # noqa: F401 - a fixture
from tests.casework.test_statutory import plan, running
from tests.conftest import TODAY, Cast
from tests.reports.test_explain_cells import read, rows_of
from tests.reports.test_explain_steps import facts

pytestmark = pytest.mark.usefixtures("clock")


def opened(cast: Cast, role: str, kind: Kind, pupil: Pupil | None) -> tuple[str, Any]:
    """The explanation that the sentence of a child's clock leads to, and its address."""
    [each] = [each for each in running(cast, kind) if each.pupil == pupil]
    client = cast.client(role)
    links = read(client, cast.url("casework/clocks/")).find_class("app-figure")
    [link] = [a for a in links if unquote(a.get("href")).endswith(f"?clock={each.key}")]
    assert link.text == each.clock.sentence
    page = read(client, link.get("href"))
    assert facts(page, 0)["It says"] == each.clock.sentence
    assert facts(page, 0)["How it follows"]
    return link.get("href"), page


def test_every_kind_is_explained() -> None:
    assert set(OF_CLOCKS) == set(Kind)


@pytest.mark.parametrize(
    ("kind", "letter", "days", "is_days"),
    [
        pytest.param(Kind.ATTENDANCE, "N", 8, True, id="eight days, not reached"),
        pytest.param(Kind.ATTENDANCE, "O", 16, True, id="sixteen days"),
        pytest.param(Kind.GROUND_I, "O", 17, True, id="no trace, not reached"),
        pytest.param(Kind.GROUND_I, "G", 23, True, id="no trace"),
        pytest.param(Kind.IRREGULAR, "G", 6, False, id="irregular"),
    ],
)
def test_the_days_or_sessions_add_up_to_the_sentence(
    cast: Cast,
    attend: Attend,  # noqa: F811
    kind: Kind,
    letter: str,
    days: int,
    is_days: bool,
) -> None:
    child = cast.pupils[0]
    attend(child, letter, days=days)
    if kind is Kind.IRREGULAR:
        Mark.objects.filter(pupil=child, day=TODAY, session=2).update(code=code_for("N", TODAY).number)
    href, page = opened(cast, "office", kind, child)
    rows = rows_of(cast.client("office"), f"{href}&file=counted.csv")
    [said] = re.findall(r"^\d+", facts(page, 0)["It says"])
    numbers = [int(row["Number"]) for row in rows]
    assert max(numbers) == int(said) == len({row["Day"] for row in rows}) if is_days else len(rows) == int(said)
    assert set(numbers) == set(range(1, int(said) + 1))
    assert {row["Code"][:1] for row in rows} == {letter}


def test_illness_with_what_is_expected(cast: Cast, attend: Attend) -> None:  # noqa: F811
    attend(cast.pupils[0], "I", days=14)
    plan(cast, cast.pupils[0], "reported", "I", TODAY + timedelta(2))
    href, page = opened(cast, "office", Kind.SICKNESS, cast.pupils[0])
    rows = rows_of(cast.client("office"), f"{href}&file=counted.csv")
    assert "16 school days, 2 school days of them expected" in facts(page, 0)["It says"]
    assert (len(rows), sum(row["Code"] == "Expected" for row in rows)) == (32, 4)


def test_an_exclusion_past_and_planned(cast: Cast, attend: Attend) -> None:  # noqa: F811
    attend(cast.pupils[0], "E", days=3)
    plan(cast, cast.pupils[0], "exclusion", "E", TODAY + timedelta(7))
    href, _ = opened(cast, "office", Kind.EXCLUSION, cast.pupils[0])
    rows = rows_of(cast.client("office"), f"{href}&file=counted.csv")
    [each] = running(cast, Kind.EXCLUSION)
    assert max(int(row["Number"]) for row in rows) == len(each.clock.counted) == 8
    assert sum(row["Session"] != "Day" for row in rows) == 6


def test_an_n_names_its_five_school_days(cast: Cast, attend: Attend) -> None:  # noqa: F811
    attend(cast.pupils[0], "N", days=9)
    _, page = opened(cast, "office", Kind.OLD_N, cast.pupils[0])
    assert facts(page, 0)["Sessions of that day coded N"] == "2"
    assert facts(page, 0)["How it follows"].count(",") == 4


def test_the_clocks_that_count_no_session_name_what_they_rest_on(cast: Cast) -> None:
    Registration.objects.filter(pupil=cast.pupils[0]).update(admission_date=TODAY - timedelta(4))
    Registration.objects.filter(pupil=cast.pupils[1]).update(leaving_date=TODAY, leaving_ground="a")
    plan(cast, cast.pupils[2], "part_time", "C2", TODAY + timedelta(30), review_on=TODAY + timedelta(14))
    for kind, nth in ((Kind.NEW_PUPIL, 0), (Kind.DELETION, 1), (Kind.PART_TIME, 2), (Kind.PART_TIME_TOLD, 2)):
        _, page = opened(cast, "office", kind, cast.pupils[nth])
        assert OF_CLOCKS[kind][2] in page.text_content()
    missing = running(cast, Kind.MISSING)[0]
    assert "the register of the class" in read(
        cast.client("office"), cast.url(f"figures/casework/clocks/explain/?clock={missing.key}")
    ).text_content()  # fmt: skip


def test_a_worker_is_read_of_by_those_alone_who_may(cast: Cast, attend: Attend) -> None:  # noqa: F811
    Pupil.objects.filter(pk=cast.pupils[0].pk).update(social_worker="Mr Silva", youth_offending="Ms Nguyen")
    attend(cast.pupils[0], "N", days=1)
    for kind in (Kind.SOCIAL, Kind.YOUTH):
        href, page = opened(cast, "safeguarding", kind, cast.pupils[0])
        assert facts(page, 0)["Sessions of that day coded N or O"] == "2"
        assert cast.client("office").get(href).status_code == 404
    assert cast.client("teacher").get(href).status_code == 403


def test_it_asks_as_much_for_a_long_run(cast: Cast, attend: Attend) -> None:  # noqa: F811
    client, asked = cast.client("office"), []
    for days in (10, 40):
        attend(cast.pupils[0], "O", days=days)
        href, _ = opened(cast, "office", Kind.ATTENDANCE, cast.pupils[0])
        with CaptureQueriesContext(connection) as queries:
            read(client, href)
        asked.append(len(queries))
    assert asked[0] == asked[1]
