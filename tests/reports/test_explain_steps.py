"""The reason of a step opens its conditions, and the sessions listed add up to what the reason says."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from casework.actions.evaluating import evaluate
from casework.measures import MEASURES
from casework.models import Standing
from registers.codes import code_for
from registers.models import Mark, PolicyVersion, Pupil
from reports.definitions import OF_MEASURES
from tests.casework.conftest import Attend, attend, work_by  # noqa: F401 - a fixture
from tests.conftest import TODAY, Cast
from tests.reports.test_explain_cells import read, rows_of

pytestmark = pytest.mark.usefixtures("clock")
# The last school days of a child, and what each measure says of them: (all N unless told).
LETTERS = {
    "illness_days_this_year": "I",
    "late_marks_this_half_term": "L",
    "unauthorised_sessions_in_window": "U",
    "unauthorised_share_of_absence_percent": "O",
}


def href(cast: Cast, standing: Standing) -> str:
    return cast.url(f"figures/casework/steps/{standing.pk}/explain/")


def facts(page: Any, nth: int) -> dict[str, str]:
    """The facts of a section: 0 is why, the conditions follow."""
    found = page.find_class("app-facts")[nth]
    return {dt.text_content(): dd.text_content() for dt, dd in zip(found.iter("dt"), found.iter("dd"), strict=True)}


def on_a_step_of(cast: Cast, measure: str) -> Standing:
    each = {"name": "Step", "at_most": 100} if MEASURES[measure].unit == "per cent" else {"name": "Step", "at_least": 1}
    PolicyVersion.objects.create(
        school=cast.school, changed_at="2024-09-01T00:00Z", changed_by="Import",
        document={"title": "x", "ladder": [{"name": "Ladder", "measure": measure, "step": [each]}]},
    )  # fmt: skip
    evaluate(school=cast.school, on=TODAY)
    return Standing.objects.standing().get(pupil=cast.pupils[0])


def test_every_measure_is_explained() -> None:
    assert list(OF_MEASURES) == list(MEASURES)


@pytest.mark.parametrize("measure", MEASURES)
def test_the_sessions_add_up_to_the_reason(cast: Cast, attend: Attend, measure: str) -> None:  # noqa: F811
    child = cast.pupils[0]
    attend(child, LETTERS.get(measure, "N"), days=6)
    last = Mark.objects.filter(pupil=child, day__lt=TODAY - timedelta(14), session=1).order_by("-day")[:3]
    for mark, letter in zip(last, "IDO", strict=True):
        Mark.objects.filter(pk=mark.pk).update(code=code_for(letter, mark.day).number)
    standing, client = on_a_step_of(cast, measure), cast.client("manager")
    page = read(client, href(cast, standing))
    why, of_it = facts(page, 0), facts(page, 1)
    assert why["The reason"].lower() == standing.reason.lower()
    assert of_it["That is"] == standing.reason.partition(";")[0]
    assert "The register now gives for that day" not in why
    assert "was changed since" not in page.text_content()
    rows = rows_of(client, f"{href(cast, standing)}?file=sessions-1.csv")
    assert f"The sessions behind it: {len(rows)}" in page.text_content()
    value = Decimal(standing.value)
    match MEASURES[measure].unit, MEASURES[measure].reach:
        case "per cent", _ if measure == "attendance_percent_this_year":
            assert round((standing.possible - len(rows)) * Decimal(100) / standing.possible, 2) == value
            assert of_it["Sessions attended"] == f"{standing.attended}"
        case "per cent", _:
            assert len(rows) == standing.absent
            assert round(sum(row["Counts"] == "Yes" for row in rows) * Decimal(100) / len(rows), 2) == value
        case "days", "run":
            assert len({row["Day"] for row in rows}) == value == 6
        case "days", _:
            assert Decimal(len(rows)) / 2 == value
        case _:
            assert len(rows) == value >= 12
    assert of_it["Days"].endswith(f"to {TODAY:%-d %B %Y}")
    left = facts(page, 2)
    assert left["Sessions not possible"] == ("0" if MEASURES[measure].reach in ("run", "half_term") else "1")
    assert left["Sessions without a mark"] == "0"


def test_a_session_without_a_mark_is_left_out_and_counted(cast: Cast, attend: Attend) -> None:  # noqa: F811
    child = cast.pupils[0]
    attend(child, "I", days=6)
    standing, client = on_a_step_of(cast, "days_absent_this_year"), cast.client("manager")
    Mark.objects.filter(pupil=child, code=code_for("I", TODAY).number).earliest("day", "session").delete()
    assert facts(read(client, href(cast, standing)), 2)["Sessions without a mark"] == "1"


def test_each_condition_of_several_has_its_own_sessions(cast: Cast, attend: Attend) -> None:  # noqa: F811
    work_by(cast, "day-by-day")
    attend(cast.pupils[0], "O", days=10)
    evaluate(school=cast.school, on=TODAY)
    standing = Standing.objects.standing().get(pupil=cast.pupils[0], ladder="Consult the attendance service")
    page = read(cast.client("manager"), href(cast, standing))
    said = [facts(page, nth)["That is"] for nth in (1, 2)]
    assert "; ".join(said) == standing.reason
    assert [facts(page, nth)["The condition"].endswith(": it holds") for nth in (1, 2)] == [True, True]


def test_a_register_changed_since_is_told(cast: Cast, attend: Attend) -> None:  # noqa: F811
    attend(cast.pupils[0], "N", days=6)
    standing = on_a_step_of(cast, "unexplained_days_in_a_row")
    Mark.objects.filter(pupil=cast.pupils[0], day=TODAY, session=2).update(code=code_for("\\", TODAY).number)
    page = read(cast.client("manager"), href(cast, standing))
    assert "was changed since the evaluation" in page.text_content()
    assert facts(page, 1)["That is"] == "0 days in a row unexplained"
    assert facts(page, 1)["The condition"].endswith(": it does not hold")
    kept = f"{standing.attended} attended and {standing.absent} missed"
    assert facts(page, 0)[f"Kept on {TODAY:%-d %B %Y}, this year"].startswith(kept)
    now = f"{standing.attended + 1} attended and {standing.absent - 1} missed"
    assert facts(page, 0)["The register now gives for that day"].startswith(now)


def test_a_step_that_holds_no_more_keeps_the_day_of_its_reason(cast: Cast, attend: Attend) -> None:  # noqa: F811
    attend(cast.pupils[0], "N", days=6)
    standing = on_a_step_of(cast, "unexplained_days_in_a_row")
    later = TODAY + timedelta(1)
    Mark.objects.create(
        school=cast.school, pupil=cast.pupils[0], day=later, session=1, code=code_for("/", later).number, entry_id=0
    )
    evaluate(school=cast.school, on=later)
    standing.refresh_from_db()
    assert standing.without_since == later
    page = read(cast.client("manager"), href(cast, standing))
    assert facts(page, 0)["Worked out for"] == f"{TODAY:%-d %B %Y}"
    assert facts(page, 1)["That is"] == standing.reason.partition(";")[0]
    assert f"For {later:%-d %B %Y} the register gives: 0 days in a row unexplained" in " ".join(
        page.text_content().split()
    )


def test_a_step_of_a_vulnerable_child(cast: Cast, attend: Attend) -> None:  # noqa: F811
    work_by(cast, "day-by-day")
    Pupil.objects.filter(pk=cast.pupils[0].pk).update(vulnerable=True)
    attend(cast.pupils[0], "N", days=1)
    evaluate(school=cast.school, on=TODAY)
    ahead = [each for each in Standing.objects.filter(pupil=cast.pupils[0]) if "is vulnerable" in each.reason]
    assert ahead
    page = read(cast.client("manager"), href(cast, ahead[0]))
    assert "By the measure alone the register now gives: " in page.text_content()
    assert facts(page, 1)["That is"] == ahead[0].reason.partition(";")[0]


def test_the_pages_lead_there_without_a_name_and_an_ended_step_is_no_page(
    cast: Cast,
    attend: Attend,  # noqa: F811
) -> None:
    attend(cast.pupils[0], "N", days=6)
    standing, client = on_a_step_of(cast, "unexplained_days_in_a_row"), cast.client("manager")
    for url in ("casework/", f"casework/pupils/{cast.pupils[0].pk}/"):
        links = [a.get("href") for a in read(client, cast.url(url)).find_class("app-figure")]
        assert href(cast, standing) in links, url
    Standing.objects.filter(pk=standing.pk).update(ended_on=TODAY, end="improved")
    assert client.get(href(cast, standing)).status_code == 404


def test_it_asks_as_much_for_a_long_list(cast: Cast, attend: Attend) -> None:  # noqa: F811
    client, asked = cast.client("manager"), []
    for days in (2, 60):
        attend(cast.pupils[0], "N", days=days)
        standing = Standing.objects.standing().first() or on_a_step_of(cast, "days_absent_this_year")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            read(client, href(cast, standing))
        asked.append(len(queries))
    assert asked[0] == asked[1]
