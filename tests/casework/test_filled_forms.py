"""Forms filled in with a family: kept once, corrected beside, signed on paper; the checklist reads the record."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pypdf import PdfReader

from attendance_mis.actions import Refused
from attendance_mis.models import AuditRow
from casework.actions import cases, filling, meetings, plans, referrals, supervision
from casework.actions.plans import WantedTarget
from casework.form_definitions import current
from casework.form_record import begins_with, checklist_record, head_of
from casework.legal_checklist import CHECKLIST
from casework.models import Agency, Case, ContactRecord, FilledForm, FormSignature
from letters.actions.approving import approve_letters
from letters.models import Letter
from tests import factories
from tests.casework.conftest import Attend
from tests.conftest import REGISTER_TIME, TODAY, Cast

pytestmark = pytest.mark.usefixtures("clock")
CONTRACT = {
    "with": "Ms Ahmed", "aim": "No more than 2 sessions missed.", "starts": "2025-03-11", "ends": "2025-06-11",
    "parents": "Two alarms\nRing by 08:45", "school": "Breakfast club", "review": "2025-04-08",
    "contact": "The office, 020 7946 0000",
}  # fmt: skip


def url(cast: Cast, name: str, *args: object) -> str:
    return reverse(f"casework:{name}", args=[cast.school.urn, *args])


def words_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(pdf)).pages)


def fill(cast: Cast, form: str = "contract", **values: str) -> FilledForm:
    answers = {"parents": ["Two alarms"], "school": ["Breakfast club"]} if form == "contract" else {}
    given = {k: v for k, v in CONTRACT.items() if k not in answers} if form == "contract" else {}
    return filling.fill_form(
        school=cast.school, form=current(form), pupil=cast.pupils[0], answers={**given, **answers, **values},
        key=uuid4(), by=cast.actor("manager"),
    )  # fmt: skip


@pytest.fixture
def mother(cast: Cast):
    return factories.ContactFactory(
        pupil=cast.pupils[0], forename="Sara", surname="Ahmed", relationship="Mother", parental_responsibility=True,
        receives_letters=True, address_1="1 Mill Lane", town="London", postcode="N1 2AB",
    )  # fmt: skip


def test_fill_in_a_contract_and_print_it(cast: Cast, mother) -> None:
    client, child = cast.client("manager"), cast.pupils[0]
    key = str(uuid4())
    answer = client.post(url(cast, "fill_form", child.pk, "contract"), CONTRACT | {"key": key})
    filled = FilledForm.objects.get()
    assert (answer.status_code, answer.url) == (302, filled.get_absolute_url())
    client.post(url(cast, "fill_form", child.pk, "contract"), CONTRACT | {"key": key})
    assert FilledForm.objects.count() == 1, "a click sent twice is one form"
    assert filled.answers["parents"] == ["Two alarms", "Ring by 08:45"]
    assert ["Parent", f"{mother.name} (Mother)"] in filled.facts
    assert AuditRow.objects.get(verb="fill_form").summary == "Filled in: attendance contract."
    pdf = client.get(url(cast, "form_pdf", filled.pk))
    said = words_of(pdf.content)
    assert all(each in said for each in ("Two alarms", "8 April 2025", "Signatures", "For the school", f"{child}"))
    assert "/StructTreeRoot" in PdfReader(BytesIO(pdf.content)).trailer["/Root"]
    assert f"{child.legal_surname}" not in pdf["Content-Disposition"]
    assert "Attendance contract" in client.get(url(cast, "see_forms", child.pk)).content.decode()


def test_a_form_refused_keeps_what_was_typed(cast: Cast) -> None:
    values = CONTRACT | {"key": str(uuid4()), "aim": "", "ends": "2025-03-01"}
    answer = cast.client("manager").post(url(cast, "fill_form", cast.pupils[0].pk, "contract"), values)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "It ends on must be after this: it begins on." in page
    assert "Ring by 08:45" in page
    assert not FilledForm.objects.exists()


def test_no_such_form(cast: Cast) -> None:
    client = cast.client("manager")
    for form in ("support_grid", "contact_record", "nothing"):
        assert client.get(url(cast, "fill_form", cast.pupils[0].pk, form)).status_code == 404


def test_the_action_asks_too(cast: Cast) -> None:
    with pytest.raises(Refused, match="It ends on"):
        fill(cast, ends="2025-03-01")
    with pytest.raises(Refused, match="What it is to reach: fill this in"):
        fill(cast, aim="")


def test_a_correction_stands_beside_the_form(cast: Cast) -> None:
    filled, client = fill(cast), cast.client("manager")
    page = client.get(url(cast, "correct_form", filled.pk)).content.decode()
    assert "Breakfast club" in page
    values = CONTRACT | {"key": str(uuid4()), "school": "A mentor"}
    assert client.post(url(cast, "correct_form", filled.pk), values).status_code == 422
    client.post(url(cast, "correct_form", filled.pk), values | {"why": "The club is full."})
    corrected = FilledForm.objects.get(corrects=filled)
    assert corrected.answers["school"] == ["A mentor"]
    assert list(FilledForm.objects.standing()) == [corrected]
    old, new = (client.get(each.get_absolute_url()).content.decode() for each in (filled, corrected))
    assert "Corrected later; it stands as it was written." in old
    assert "Breakfast club" in old
    assert "The club is full." in new
    late = client.post(url(cast, "correct_form", filled.pk), values | {"why": "Mine.", "key": str(uuid4())})
    assert late.status_code == 422
    assert "Somebody has corrected this form meanwhile" in late.content.decode()


@pytest.mark.parametrize("model", [FilledForm, FormSignature])
def test_the_database_lets_nobody_change_one(cast: Cast, model: type) -> None:
    filled = fill(cast)
    filling.sign_form(filled=filled, line="Parent", name="Sara Ahmed", on=TODAY, by=cast.actor("manager"))
    with pytest.raises(DatabaseError, match="only grows"), transaction.atomic():
        model.objects.update(made_by=None)


def test_signatures(cast: Cast) -> None:
    filled, client = fill(cast), cast.client("manager")
    where = url(cast, "sign_form", filled.pk)
    client.post(where, {"line": "Parent", "name": "Sara Ahmed", "on": "2025-03-11"})
    assert "Sara Ahmed" in client.get(filled.get_absolute_url()).content.decode()
    assert "signed on paper" in words_of(client.get(url(cast, "form_pdf", filled.pk)).content)
    for change, said in (
        ({"on": "2025-03-12"}, "This day has not come yet."),
        ({"on": "2025-03-10"}, "nobody can have signed it before"),
    ):
        answer = client.post(where, {"line": "Parent", "name": "Sara Ahmed", "on": "2025-03-11", **change})
        assert answer.status_code == 422
        assert said in answer.content.decode()
    with pytest.raises(Refused, match="no such line"):
        filling.sign_form(filled=filled, line="King", name="x", on=TODAY, by=cast.actor("manager"))
    assert FormSignature.objects.count() == 1


def test_an_empty_form_to_fill_in_by_hand(cast: Cast) -> None:
    said = words_of(cast.client("manager").get(url(cast, "empty_form_pdf", cast.pupils[0].pk, "early_help")).content)
    assert "Who was there" in said
    assert f"{cast.pupils[0]}" in said


def test_a_form_begins_with_what_is_known(cast: Cast, attend: Attend, mother) -> None:
    child, by = cast.pupils[0], cast.actor("manager")
    attend(child, "I", days=10)
    case = a_case(cast)
    cases.add_barrier(case=case, side="parents", what="Night shifts", today=TODAY, by=by)
    a_plan(case, cast)
    assessment = begins_with(current("assessment"), child, TODAY)
    assert "In the way (the parents'): Night shifts" in assessment["so_far"]
    assert assessment["parents"] == ["Two alarms"]
    assert begins_with(current("contract"), child, TODAY)["with"] == mother.name
    assert "94 per cent" in begins_with(current("support_plan"), child, TODAY)["aim"][0]
    assert begins_with(current("early_help"), child, TODAY) == {"on": "2025-03-11"}
    assert any("missed 10 days" in value for _, value in head_of(child, TODAY))


def a_case(cast: Cast) -> Case:
    return cases.open_case(
        pupil=cast.pupils[0], lead_id=cast.people["manager"].pk, concern="Often ill.", voice="I am tired.",
        today=TODAY, by=cast.actor("manager"),
    )  # fmt: skip


def a_plan(case: Case, cast: Cast):
    case.refresh_from_db()
    return plans.make_plan(
        case=case, version=case.version, starts=TODAY, review_on=TODAY + timedelta(weeks=4), support="A mentor",
        targets=[WantedTarget("year_percent", Decimal(94), date(2025, 4, 4))],
        actions=[("parents", "Two alarms")], by=cast.actor("manager"),
    )  # fmt: skip


# The legal checklist


def test_the_checklist_fills_itself_from_the_record(cast: Cast, attend: Attend, mother, clock) -> None:
    child, by = cast.pupils[0], cast.actor("manager")
    assert checklist_record(child) == {}
    attend(child, "O", days=5)
    case = a_case(cast)
    plan = a_plan(case, cast)
    welfare = Agency.objects.create(school=cast.school, name="Elm attendance service", service="welfare")
    nurse = Agency.objects.create(school=cast.school, name="Elm health", service="medical")
    for agency in (welfare, nurse):
        referrals.refer(pupil=child, agency=agency, sent_on=TODAY, concern="x", what="y", consent="given", because="",
                        due=TODAY, by=by)  # fmt: skip
    meeting = meetings.plan_meeting(case=case, kind="panel", at=REGISTER_TIME + timedelta(hours=2), place="Room 4",
                                    others="", invited=[mother], by=by)  # fmt: skip
    clock.move_to(datetime(2025, 4, 4, 16, tzinfo=factories.LONDON))
    later = date(2025, 4, 4)
    attend(child, "O", days=5, until=later)
    meetings.record_meeting(meeting=meeting, outcome="missed", came=[], present="", minutes="", agreed=[],
                            next_on=None, by=by)  # fmt: skip
    case.refresh_from_db()
    plans.review_plan(plan=plan, version=case.version, on=later, was_held=False, present="", summary="x", done=[],
                      helped=[], today=later, by=by)  # fmt: skip
    case.refresh_from_db()
    supervision.supervise(case=case, on=later, present="", decision="Go on.", by=by)
    found = checklist_record(child)
    assert {key: each.on for key, each in found.items()} == {
        "reviewed": later, "voice": TODAY, "invited": TODAY, "support": TODAY, "health": TODAY, "agencies": None,
        "needs": TODAY, "minutes": None, "review": later, "asked": TODAY,
    }  # fmt: skip
    assert found["minutes"].said.startswith("The letter about this meeting has not been sent")
    assert "10 sessions unauthorised" in found["reviewed"].said
    waiting = Letter.objects.proposed().filter(pupil=child).values_list("pk", flat=True)
    approve_letters(school=cast.school, letters=list(waiting), roles=["head"], by=cast.actor("head"))
    assert checklist_record(child)["minutes"].on == later


def test_it_refuses_to_call_itself_complete_and_loses_nothing(cast: Cast) -> None:
    client, child = cast.client("manager"), cast.pupils[0]
    where = url(cast, "fill_form", child.pk, "legal_checklist")
    page = client.get(where).content.decode()
    assert page.count("The record does not say.") == len(CHECKLIST)
    some = {"voice": "yes", "voice_on": "2025-03-03", "voice_note": "Talked in the library.", "warned": "no"}
    answer = client.post(where, some | {"key": str(uuid4()), "is_complete": "on"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "A formal written warning said that legal action may follow: it was not done." in page
    assert "Talked in the library." in page
    assert not FilledForm.objects.exists()
    ahead = client.post(where, some | {"voice_on": "2025-03-12", "key": str(uuid4())})
    assert "This day has not come yet." in ahead.content.decode()
    client.post(where, some | {"key": str(uuid4())})
    filled = FilledForm.objects.get()
    assert not filled.is_complete
    assert "12 lines missing" in client.get(filled.get_absolute_url()).content.decode()
    assert "Not complete" in words_of(client.get(url(cast, "form_pdf", filled.pk)).content)
    whole = dict.fromkeys(CHECKLIST, "yes") | {f"{key}_on": "2025-03-03" for key in CHECKLIST}
    client.post(where, whole | {"key": str(uuid4()), "is_complete": "on"})
    assert FilledForm.objects.filter(is_complete=True).count() == 1


def test_the_checklist_asks_the_same_number_of_queries_for_more(cast: Cast, mother) -> None:
    case, by = a_case(cast), cast.actor("manager")
    a_plan(case, cast)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            checklist_record(cast.pupils[0])
        return len(captured)

    def plan(hours: int) -> None:
        meetings.plan_meeting(case=case, kind="panel", at=REGISTER_TIME + timedelta(hours=hours), place="Room 4",
                              others="", invited=[mother], by=by)  # fmt: skip

    plan(1)
    few = queries()
    for hours in range(2, 8):
        plan(hours)
    assert queries() == few


# The support grid, the contact record


def test_the_support_grid_of_the_school(cast: Cast) -> None:
    client = cast.client("lead")
    assert "The school has not written it down yet." in client.get(url(cast, "see_support_grid")).content.decode()
    page = client.get(url(cast, "fill_support_grid")).content.decode()
    assert "Take the register, speak with parents early" in page
    client.post(url(cast, "fill_support_grid"), {"key": str(uuid4()), "do_1": "Praise.", "plan_4": "Meet."})
    filled = FilledForm.objects.get()
    assert (filled.pupil, filled.answers) == (None, {"do_1": "Praise.", "plan_4": "Meet."})
    assert client.get(url(cast, "see_support_grid"), follow=True).content.decode().count("Praise.") == 1
    assert client.get(url(cast, "fill_support_grid")).url == url(cast, "correct_form", filled.pk)
    assert "Tier 4" in words_of(client.get(url(cast, "form_pdf", filled.pk)).content)


def test_a_contact_as_its_form(cast: Cast) -> None:
    record = ContactRecord.objects.create(
        school=cast.school, pupil=cast.pupils[0], kind="home_visit", at=REGISTER_TIME, day=TODAY, who="Ms Ahmed",
        said="She works nights.", agreed=[{"what": "Ring", "who": "Mother", "by": "2025-03-14"}], review_on=TODAY,
        made_at=REGISTER_TIME, by_name="Ms Office", by_position="Office",
    )  # fmt: skip
    said = words_of(cast.client("office").get(url(cast, "contact_pdf", record.pk)).content)
    for each in ("Home visit", "Ms Ahmed", "She works nights.", "Ring (Mother, by 14 March 2025)", "Ms Office"):
        assert each in said
