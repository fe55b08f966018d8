"""The manager's home: overdue first, filters in the address, decisions many at once, files, constant queries."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from attendance_mis.actions import Refused
from attendance_mis.models import AuditRow
from attendance_mis.spreadsheets import as_csv
from casework import dashboard
from casework.actions import deciding
from casework.actions.evaluating import evaluate
from casework.actions.leave import Application, ask_leave
from casework.leave_rules import Span
from casework.models import Proposal, Standing, Task
from letters.models import Letter
from registers.models import Contact
from registers.siblings import siblings_of
from tests import factories
from tests.casework.conftest import Attend, work_by
from tests.conftest import TODAY, Cast

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def on_ladders(cast: Cast, attend: Attend) -> Cast:
    """Three pupils: five days unexplained, ten days ill, and one at peace."""
    work_by(cast, "days-missed")
    attend(cast.pupils[0], "N", days=5)
    attend(cast.pupils[1], "I", days=10)
    attend(cast.pupils[2])
    evaluate(school=cast.school, on=TODAY)
    return cast


def url(cast: Cast, name: str, *args: object) -> str:
    return reverse(f"casework:{name}", args=[cast.school.urn, *args])


def test_who_is_on_a_ladder(on_ladders: Cast) -> None:
    page = on_ladders.client("manager").get(url(on_ladders, "see_escalations")).content.decode()
    assert url(on_ladders, "see_case", on_ladders.pupils[0].pk) in page
    assert "Child missing education referral" in page
    assert url(on_ladders, "see_case", on_ladders.pupils[2].pk) not in page
    assert "Worked out for Tuesday 11 March 2025" in page


def test_the_manager_finds_it_first(on_ladders: Cast) -> None:
    assert on_ladders.client("manager").get(on_ladders.url()).url == url(on_ladders, "see_escalations")


def test_the_head_sees_what_waits_for_her_alone(on_ladders: Cast) -> None:
    def shown(role: str) -> str:
        return on_ladders.client(role).get(url(on_ladders, "see_escalations")).content.decode()

    assert "leave request</a>" not in shown("head"), "nothing waits, and nothing is said"
    asked = Application(TODAY, Span(TODAY, TODAY), ("Ms Example",), (), "exceptional", "A funeral.")
    office = on_ladders.actor("office")
    ask_leave(school=on_ladders.school, pupils=on_ladders.pupils[:1], application=asked, by=office)
    assert "1 leave request</a>" in shown("head")
    assert "leave request</a>" not in shown("manager")


def test_overdue_first(on_ladders: Cast) -> None:
    first, second, _ = on_ladders.pupils[:3]
    by = on_ladders.actor("manager")
    deciding.add_task(
        school=on_ladders.school, pupil_id=second.pk, title="Call", owner="office staff",
        due=TODAY - timedelta(days=1), by=by,
    )  # fmt: skip
    rows = dashboard.pupils_on_ladders(on_ladders.school, TODAY)
    assert [row.pupil for row in rows] == [second, first]
    assert [row.is_overdue for row in rows] == [True, False]
    assert rows[0].next_task.title == "Call"
    assert rows[0].last.verb == "add_task"


def test_figures_and_change(on_ladders: Cast) -> None:
    row = next(r for r in dashboard.pupils_on_ladders(on_ladders.school, TODAY) if r.pupil == on_ladders.pupils[0])
    assert (row.days_missed, row.change_in_days) == (5, 5)
    assert row.percent < 100
    assert row.change_in_percent < 0


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, {0, 1}),
        ({"ladder": "Unexplained"}, {0}),
        ({"step": "Stage 2 letter"}, {1}),
        ({"year": "3"}, {0, 1}),
        ({"class_name": "3A"}, {0, 1}),
        ({"group": "sen"}, {1}),
        ({"group": "fsm"}, set()),
        ({"owner": "attendance lead"}, {0}),
        ({"siblings": True}, {0}),
        ({"show": "overdue"}, set()),
        ({"show": "to_decide"}, {0, 1}),
        ({"show": "new"}, {0, 1}),
        ({"show": "improving"}, set()),
    ],
)
def test_filters(on_ladders: Cast, filters: dict, found: set[int]) -> None:
    pupils = on_ladders.pupils
    pupils[1].sen_status = "K"
    pupils[1].save()
    for pupil in (pupils[0], pupils[3]):
        factories.ContactFactory(pupil=pupil, email="One.Parent@home.example", mobile="")
    rows = dashboard.narrowed(dashboard.pupils_on_ladders(on_ladders.school, TODAY), filters)
    assert {row.pupil.pk for row in rows} == {pupils[n].pk for n in found}


def test_filters_stand_in_the_address(on_ladders: Cast) -> None:
    page = on_ladders.client("manager").get(url(on_ladders, "see_escalations") + "?ladder=Unexplained")
    assert url(on_ladders, "see_case", on_ladders.pupils[0].pk) in page.content.decode()
    assert url(on_ladders, "see_case", on_ladders.pupils[1].pk) not in page.content.decode()
    nobody = on_ladders.client("manager").get(url(on_ladders, "see_escalations") + "?show=overdue")
    assert "No pupil fits these filters." in nobody.content.decode()


def test_siblings_share_a_parent_not_a_neighbour(cast: Cast) -> None:
    one, two, three = cast.pupils[:3]
    Contact.objects.all().delete()
    factories.ContactFactory(pupil=one, email="", mobile="07700 900 123")
    factories.ContactFactory(pupil=two, email="", mobile="07700900123")
    factories.ContactFactory(pupil=three, email="", mobile="07700900123", parental_responsibility=False)
    assert siblings_of(cast.school) == {one.pk: {two.pk}, two.pk: {one.pk}}


def test_decide_many_is_shown_before_it_is_done(on_ladders: Cast) -> None:
    client, where = on_ladders.client("manager"), url(on_ladders, "decide_proposals")
    pupils = [pupil.pk for pupil in on_ladders.pupils[:2]]
    waiting = Proposal.objects.to_decide().count()
    shown = client.post(where, {"pupil": pupils}).content.decode()
    assert f"Decide {waiting} proposals" in shown
    assert Proposal.objects.to_decide().count() == waiting
    proposals = list(Proposal.objects.values_list("pk", flat=True))
    answer = client.post(where, {"proposal": proposals, "decision": "accept", "reason": ""})
    assert answer.url == url(on_ladders, "see_escalations")
    assert not Proposal.objects.to_decide().exists()
    assert Task.objects.count() + Letter.objects.count() == waiting
    assert AuditRow.objects.filter(verb="accept_proposal").count() == waiting


def test_to_decline_needs_a_reason(on_ladders: Cast) -> None:
    client, where = on_ladders.client("manager"), url(on_ladders, "decide_proposals")
    letter = Proposal.objects.filter(kind="letter").first()
    refused = client.post(where, {"proposal": [letter.pk], "decision": "decline", "reason": " "})
    assert refused.status_code == 422
    assert "Say why it is not the right thing now" in refused.content.decode()
    client.post(where, {"proposal": [letter.pk], "decision": "decline", "reason": "We meet tomorrow."})
    letter.refresh_from_db()
    assert (letter.state, letter.reason, letter.decided_by) == (
        "declined", "We meet tomorrow.", on_ladders.people["manager"],
    )  # fmt: skip
    page = client.get(url(on_ladders, "see_case", letter.pupil_id)).content.decode()
    assert "We meet tomorrow." in page


def test_nothing_chosen(on_ladders: Cast) -> None:
    answer = on_ladders.client("manager").post(url(on_ladders, "decide_proposals"), follow=True)
    assert "Nothing to decide" in answer.content.decode()


def test_two_people_decide_at_once(on_ladders: Cast) -> None:
    proposal = Proposal.objects.first()
    again = Proposal.objects.get(pk=proposal.pk)
    deciding.accept(proposal=proposal, by=on_ladders.actor("manager"))
    with pytest.raises(Refused, match="Somebody has decided this already"):
        deciding.decline(proposal=again, reason="No.", by=on_ladders.actor("lead"))
    assert Task.objects.count() == 1


def test_a_lapsed_proposal_cannot_be_decided(on_ladders: Cast) -> None:
    proposal = Proposal.objects.first()
    Proposal.objects.update(state="lapsed")
    with pytest.raises(Refused, match="the step does not hold now"):
        deciding.accept(proposal=proposal, by=on_ladders.actor("manager"))


def test_nothing_is_decided_when_the_trail_cannot_be_written(on_ladders: Cast, monkeypatch) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("attendance_mis.audit.record", fail)
    with pytest.raises(ZeroDivisionError):
        deciding.accept(proposal=Proposal.objects.first(), by=on_ladders.actor("manager"))
    assert not Task.objects.exists()
    assert not Proposal.objects.exclude(state="open").exists()


def test_note_and_finish_a_task(on_ladders: Cast) -> None:
    child, client = on_ladders.pupils[0], on_ladders.client("manager")
    values = {"title": "Ask the class teacher", "owner": "class teacher", "due": "2025-03-14"}
    client.post(url(on_ladders, "add_task", child.pk), values)
    task = Task.objects.get()
    page = client.get(url(on_ladders, "see_case", child.pk)).content.decode()
    assert "Ask the class teacher" in page
    assert client.post(url(on_ladders, "finish_task", task.pk), {"outcome": ""}).status_code == 422
    client.post(url(on_ladders, "finish_task", task.pk), {"outcome": "She asks every morning now."})
    task.refresh_from_db()
    assert task.done_by == on_ladders.people["manager"]
    page = client.get(url(on_ladders, "see_case", child.pk)).content.decode()
    assert "Ask the class teacher: She asks every morning now." in page
    again = client.post(url(on_ladders, "finish_task", task.pk), {"outcome": "Twice."})
    assert "Somebody has done this already." in again.content.decode()


def test_work_it_out_now(on_ladders: Cast) -> None:
    Standing.objects.all().update(ended_on=TODAY, end="policy")
    answer = on_ladders.client("manager").post(url(on_ladders, "evaluate_now"), follow=True)
    assert "Worked out for 11 March 2025" in answer.content.decode()
    assert Standing.objects.standing().exists()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_export(on_ladders: Cast, kind: str) -> None:
    client = on_ladders.client("manager")
    answer = client.get(url(on_ladders, "export_escalations", kind) + "?ladder=Unexplained")
    assert f"-2025-03-11.{kind}" in answer["Content-Disposition"]
    if kind == "csv":
        lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    else:
        lines = list(load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True))
    assert lines[0][:3] == (["upn", "surname", "forename"] if kind == "csv" else ("upn", "surname", "forename"))
    assert lines[1][0] == on_ladders.pupils[0].upn
    assert {line[0] for line in lines[1:]} == {on_ladders.pupils[0].upn}
    assert AuditRow.objects.filter(verb="export_escalations").count() == 1
    assert client.get(url(on_ladders, "export_escalations", "pdf")).status_code == 404


def test_a_name_that_looks_like_a_formula() -> None:
    assert b"'=1+1" in as_csv(["a"], [["=1+1"]])


def test_good_news(on_ladders: Cast, attend: Attend) -> None:
    child = on_ladders.pupils[1]
    attend(child)
    for later in (1, 8):
        evaluate(school=on_ladders.school, on=TODAY + timedelta(days=later))
    page = on_ladders.client("manager").get(url(on_ladders, "see_escalations")).content.decode()
    assert "Good news" in page
    assert "no longer at Stage 2 letter" in page


def test_the_same_number_of_queries_for_more_pupils(on_ladders: Cast, attend: Attend) -> None:
    client = on_ladders.client("manager")

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(url(on_ladders, "see_escalations"))
        return len(captured)

    client.get(url(on_ladders, "see_escalations"))
    few = queries()
    _, more = factories.make_class(on_ladders.school, "5C", 12)
    for child in more:
        attend(child, "N", days=5)
    evaluate(school=on_ladders.school, on=TODAY)
    assert queries() == few
