"""The list of children without a reason, one click a call, what follows, and texts to all at once."""

import re
from datetime import time, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from attendance_mis.models import AuditRow
from attendance_mis.permissions import Role
from casework import tasks
from casework.actions import contacts, texting
from casework.models import AbsenceReport, ContactRecord, FirstDaySettings, Task
from casework.unexplained import families_missing
from letters.actions import messages as sending
from letters.models import Message, Reply
from registers import no_reason
from registers.codes import code_for
from registers.models import Mark, Register
from tests.casework.conftest import Attend, work_by
from tests.conftest import REGISTER_TIME, TODAY, Cast
from tests.factories import ContactFactory, make_class
from tests.letters.notify_server import NotifyServer

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def notify(cast: Cast, settings):
    with NotifyServer() as server:
        settings.NOTIFY_URL, settings.NOTIFY = server.url, {cast.school.urn: server.account()}
        yield server


def url(cast: Cast, name: str, *args: object) -> str:
    return reverse(f"casework:{name}", args=[cast.school.urn, *args])


def missing(cast, *pupils, letter="N", session=1):
    for pupil in pupils:
        Mark.objects.create(
            school=cast.school, pupil=pupil, day=TODAY, session=session, code=code_for(letter, TODAY).number, entry_id=0
        )


def sent(cast, group=None, minutes=0):
    at = REGISTER_TIME + timedelta(minutes=minutes)
    Register.objects.create(
        school=cast.school, class_group=group or cast.own_class, day=TODAY, session=1, opened_at=at, sent_at=at
    )


def page(cast, role=Role.OFFICE):
    return cast.client(role).get(url(cast, "first_day_contact")).content.decode()


def test_who_needs_it_first_and_brothers_and_sisters_in_one(cast, clock):
    plain, watched, brother = cast.pupils[0], cast.pupils[1], cast.other_pupils[0]
    watched.social_worker = "Jo Silva"
    watched.save()
    for child, priority in ((plain, 1), (brother, 2)):
        ContactFactory(pupil=child, priority=priority, mobile="07700 900 999")
    missing(cast, plain, watched, brother)
    sent(cast)
    clock.shift(timedelta(minutes=30))
    found = families_missing(cast.school)
    assert [{child.pupil for child in family.children} for family in found] == [{watched}, {plain, brother}]
    assert [family.minutes for family in found] == [30, 30]
    assert [len(family.people) for family in found] == [0, 1], "one mother, two rows"
    text = page(cast)
    assert "There is no contact on record for this child" in text
    for child in (plain, watched, brother):
        assert text.count(f'id="family-{child.pk}"') == 1, "the board's Call leads to each, in a family too"
    assert "Social worker" not in text, "why is for those who may know"
    assert "Social worker" in page(cast, Role.HEAD)


def test_the_number_of_queries_does_not_grow(cast):
    client = cast.client(Role.OFFICE)
    missing(cast, cast.pupils[0])
    ContactFactory(pupil=cast.pupils[0])
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(url(cast, "first_day_contact"))
    _, more = make_class(cast.school, "5C", 27)
    for n, pupil in enumerate(more):
        ContactFactory(pupil=pupil, mobile=f"07700 9001{n:02}", email=f"p{n}@home.example")
    missing(cast, *more)
    with CaptureQueriesContext(connection) as many:
        client.get(url(cast, "first_day_contact"))
    assert len(many) == len(few)


def test_one_click(cast):
    child = cast.pupils[0]
    mother = ContactFactory(pupil=child)
    father = ContactFactory(pupil=child, priority=2, forename="Omar", mobile="07700 900777", email="")
    missing(cast, child)
    client, key = cast.client(Role.OFFICE), uuid4()
    for _ in range(2):  # a double click
        answer = client.post(url(cast, "log_try", child.pk), {"contact": mother.pk, "outcome": "no_answer", "key": key})
        assert answer.status_code == 302
    assert ContactRecord.objects.count() == AuditRow.objects.filter(verb="record_contact").count() == 1
    [family] = families_missing(cast.school)
    assert [each.is_next for each in family.people] == [False, True]
    answer = client.post(url(cast, "log_try", child.pk), {"contact": father.pk, "outcome": "answered"})
    assert url(cast, "report_absence_of", child.pk) in answer.url
    form = client.get(answer.url).content.decode()
    assert re.search(rf'name="contact"[^>]*value="{father.pk}"[^>]*checked', form)


def test_a_call_about_two_children_stands_at_both(cast):
    children = [cast.pupils[0], cast.other_pupils[0]]
    rows = [ContactFactory(pupil=child) for child in children]
    missing(cast, *children)
    cast.client(Role.OFFICE).post(
        url(cast, "log_try", children[0].pk), {"contact": rows[0].pk, "outcome": "left_message"}
    )
    records = ContactRecord.objects.order_by("pupil_id")
    assert [record.contact_id for record in records] == [row.pk for row in rows]
    assert len({record.together for record in records}) == 1
    [family] = families_missing(cast.school)
    assert len(family.records) == 1


def test_a_call_with_no_contact_says_what_is_missing(cast):
    missing(cast, cast.pupils[0])
    client = cast.client(Role.OFFICE)
    address = url(cast, "log_try", cast.pupils[0].pk)
    answer = client.post(address, {"outcome": "answered"}, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert "Say who was reached or tried" in answer.content.decode()
    client.post(address, {"outcome": "no_answer", "who": "A neighbour"})
    assert ContactRecord.objects.get().contact is None


def test_a_contact_of_another_child_is_not_found(cast):
    stranger = ContactFactory(pupil=cast.other_pupils[1])
    missing(cast, cast.pupils[0])
    answer = cast.client(Role.OFFICE).post(
        url(cast, "log_try", cast.pupils[0].pk), {"contact": stranger.pk, "outcome": "answered"}
    )
    assert answer.status_code == 404


def changes(client, cast, shown):
    return client.get(url(cast, "first_day_changes"), {"shown": shown}, headers={"HX-Request": "true"}).content.decode()


def test_two_people_at_the_same_child_see_each_other(cast):
    child = cast.pupils[0]
    mother = ContactFactory(pupil=child)
    missing(cast, child)
    first, second = cast.client(Role.OFFICE), cast.client(Role.MANAGER)
    first.post(url(cast, "log_try", child.pk), {"contact": mother.pk, "outcome": "no_answer"})
    found = changes(second, cast, f"{child.pk}:0")
    assert "No answer" in found
    assert f'id="family-{child.pk}"' in found
    second.post(url(cast, "log_try", child.pk), {"contact": mother.pk, "outcome": "left_message"})
    assert ContactRecord.objects.count() == 2, "both calls were made, and both stand"


def test_the_list_says_that_it_has_changed(cast):
    missing(cast, cast.pupils[0])
    client, shown = cast.client(Role.OFFICE), f"{cast.pupils[0].pk}:0"
    assert "The list has changed" not in changes(client, cast, shown)
    missing(cast, cast.pupils[1])
    assert "The list has changed" in changes(client, cast, shown)


@pytest.mark.parametrize(("days", "vulnerable", "step"), [(1, False, "Day 1"), (1, True, "Day 2"), (5, False, "Day 5")])
def test_the_days_follow_the_schools_own_ladder(cast, attend: Attend, days, vulnerable, step):
    work_by(cast, "day-by-day")
    child = cast.pupils[0]
    child.vulnerable = vulnerable
    child.save()
    attend(child, "N", days=days)
    [family] = families_missing(cast.school)
    assert (family.days, family.step.name) == (days, step)


def test_nobody_answers_and_somebody_decides(cast):
    work_by(cast, "day-by-day")
    child = cast.pupils[0]
    mother = ContactFactory(pupil=child)
    missing(cast, child)
    client = cast.client(Role.OFFICE)
    client.post(url(cast, "log_try", child.pk), {"contact": mother.pk, "outcome": "no_answer"})
    assert "Nobody could be reached" in page(cast)
    refused = client.post(
        url(cast, "decide_step", child.pk), {"step": "home_visit", "why": ""}, headers={"HX-Request": "true"}
    )
    assert refused.status_code == 422
    client.post(url(cast, "decide_step", child.pk), {"step": "home_visit", "why": "Not seen since Friday"})
    assert "Visit the home</b>, decided by" in page(cast)
    task = Task.objects.get(pupil=child)
    assert (task.title, task.due) == ("Visit the home", TODAY)


def test_a_reason_takes_the_child_off_the_list_and_the_old_n_know_the_contact(cast, clock):
    child = cast.pupils[0]
    missing(cast, child)
    client = cast.client(Role.OFFICE)
    data = {"pupils": child.pk, "source": "call", "who": "Aunt", "words": "a cold", "code": "I", "decided": "on",
            "start": TODAY, "end": TODAY, "session": 1}  # fmt: skip
    assert client.post(url(cast, "report_absence"), data).status_code == 302
    assert families_missing(cast.school) == []
    other = cast.pupils[1]
    missing(cast, other)
    contacts.log_try(
        school=cast.school, pupils=[other], contacts=[], who="Father", outcome="no_answer",
        by=cast.actor(Role.OFFICE),
    )  # fmt: skip
    old, _ = no_reason.overdue(cast.school, TODAY + timedelta(days=10))
    assert [(each.pupil_id, each.contact) for each in old] == [(other.pk, "Called Father: no answer.")]


def test_texts_to_all_at_once_and_what_became_of_them(cast, clock, notify):
    one, two, reached = cast.pupils[:3]
    for n, child in enumerate(cast.pupils[:3]):
        ContactFactory(pupil=child, mobile=f"07700 90010{n}", email=f"p{n}@home.example")
    missing(cast, one, two, reached)
    sent(cast)
    contacts.log_try(
        school=cast.school, pupils=[reached], contacts=list(reached.contacts.all()), outcome="answered",
        by=cast.actor(Role.OFFICE),
    )  # fmt: skip
    client = cast.client(Role.OFFICE)
    preview = client.get(url(cast, "text_unexplained")).content.decode()
    assert "07700 900100" in preview
    assert "Somebody has answered today." in preview
    for _ in range(2):  # sent twice, delivered once
        client.post(url(cast, "text_unexplained"), {"family": [one.pk, two.pk, reached.pk]})
    assert Message.objects.count() == 2
    sending.send_due(school=cast.school)
    notify.becomes("permanent-failure")
    notify.text_back("447700900100", "She has a cold", "2025-03-11T09:06:00Z")
    clock.shift(timedelta(minutes=2))
    sending.ask_what_became(school=cast.school)
    text = page(cast)
    assert "She has a cold" in text
    reply = Reply.objects.get()
    form = client.get(f"{url(cast, 'report_absence_of', one.pk)}?reply={reply.pk}").content.decode()
    assert ">\nShe has a cold</textarea>" in form
    assert "does not exist" in text
    board = client.get(url(cast, "today")).text
    assert "They wrote back: “She has a cold”" in board
    assert f"?reply={reply.pk}" in board
    assert "text: not delivered" in board


def test_one_person_is_written_to_once_and_the_other_when_it_fails(cast, clock, notify):
    child, sister = cast.pupils[0], cast.other_pupils[0]
    mother = ContactFactory(pupil=child, email="")
    ContactFactory(pupil=sister, email="")
    father = ContactFactory(pupil=child, priority=2, forename="Omar", mobile="", email="omar@home.example")
    stranger = ContactFactory(pupil=cast.pupils[3], mobile="07700 900777", email="")
    missing(cast, child, sister)
    client = cast.client(Role.OFFICE)
    assert "Send a text" not in page(cast), "the register is still being taken"
    sent(cast), sent(cast, cast.other_class)
    text = page(cast)
    assert ("Send a text" in text, "Send an e-mail" in text) == (True, True)
    address = url(cast, "text_contact", child.pk)
    for wrong in (stranger.pk, "", "9" * 5000, "²", "9" * 19):
        assert client.post(address, {"contact": wrong}).status_code == 404
    for _ in range(2):
        client.post(address, {"contact": mother.pk})
    message = Message.objects.get()
    assert (message.way, message.address, message.contact) == ("text", mother.mobile, mother)
    assert {record.pupil for record in ContactRecord.objects.all()} == {child, sister}, "one text about both"
    again = client.post(address, {"contact": mother.pk}, headers={"HX-Request": "true"})
    assert (again.status_code, "A message went to" in again.text) == (422, True)
    sending.send_due(school=cast.school)
    notify.becomes("permanent-failure")
    clock.shift(timedelta(minutes=2))
    sending.ask_what_became(school=cast.school)
    client.post(address, {"contact": father.pk})
    assert [each.address for each in Message.objects.order_by("pk")] == [mother.mobile, "omar@home.example"]


def test_a_reason_to_decide_is_counted_when_nobody_else_is_missing(cast):
    cast.client(Role.OFFICE).post(url(cast, "report_absence"), {**report_data(cast.pupils[0], code="M"), "decided": ""})
    Mark.objects.all().delete()
    assert "<b>1</b> reported reason to decide" in page(cast)


def test_without_a_way_to_send_the_page_says_so(cast):
    ContactFactory(pupil=cast.pupils[0])
    missing(cast, cast.pupils[0])
    sent(cast)
    assert "can not send texts yet" in cast.client(Role.OFFICE).get(url(cast, "text_unexplained")).content.decode()


@pytest.mark.parametrize(
    ("at", "minutes", "wanted"),
    [(None, 60, False), (time(9, 30), 24, False), (time(9, 30), 25, True), (time(9, 30), 84, True),
     (time(9, 30), 85, False)],
)  # fmt: skip
def test_whether_it_is_time(at, minutes, wanted):
    assert texting.is_time(at, REGISTER_TIME + timedelta(minutes=minutes)) is wanted


def test_the_clock_texts_once_a_day_and_only_when_it_is_told_to(cast, clock, notify):
    ContactFactory(pupil=cast.pupils[0])
    missing(cast, cast.pupils[0])
    sent(cast)
    clock.shift(timedelta(minutes=30))
    tasks.text_unexplained(cast.school.pk)
    assert not Message.objects.exists(), "off unless the school says otherwise"
    cast.client(Role.LEAD).post(url(cast, "first_day_settings"), {"text_at": "09:30"})
    assert FirstDaySettings.objects.get().text_at == time(9, 30)
    for _ in range(2):
        tasks.text_unexplained(cast.school.pk)
    assert Message.objects.get().made_by is None
    assert ContactRecord.objects.get().by_name == "System"


def test_a_worker_that_died_among_the_texts_is_followed_by_one_that_sends_the_rest(cast, clock, notify):
    for n, child in enumerate(cast.pupils[:3]):
        ContactFactory(pupil=child, mobile=f"07700 90010{n}", email=f"p{n}@home.example")
    missing(cast, *cast.pupils[:3])
    sent(cast)
    clock.shift(timedelta(minutes=30))
    FirstDaySettings.objects.create(school=cast.school, text_at=time(9, 30))
    drafts = texting.drafts(cast.school)
    assert texting.send(school=cast.school, drafts=drafts[:1], by=cast.actor(Role.OFFICE)) == 1  # then it was killed
    assert texting.text_by_the_clock(cast.school) == 2
    assert texting.text_by_the_clock(cast.school) == 0
    assert sorted(Message.objects.values_list("address", flat=True)) == ["07700 900100", "07700 900101", "07700 900102"]


def test_a_text_of_the_morning_expires_with_the_day(cast, clock, notify):
    ContactFactory(pupil=cast.pupils[0])
    missing(cast, cast.pupils[0])
    sent(cast)
    texting.send(school=cast.school, drafts=texting.drafts(cast.school), by=cast.actor(Role.OFFICE))
    assert Message.objects.get().expires_at == REGISTER_TIME.replace(hour=15, minute=30)


REPORT = {"source": "call", "who": "Aunt", "words": "a cold", "code": "I", "decided": "on", "session": 1}


def report_data(*pupils, **given):
    return {**REPORT, "pupils": [pupil.pk for pupil in pupils], "start": TODAY, "end": TODAY, **given}


def test_a_child_is_found_by_name_class_sibling_and_number(cast):
    child, sister = cast.pupils[0], cast.other_pupils[0]
    ContactFactory(pupil=child, mobile="07700 900321")
    ContactFactory(pupil=sister, mobile="07700 900321")
    client = cast.client(Role.OFFICE)

    def found(words):
        return client.post(url(cast, "find_children_to_report"), {"q": words}).content.decode()

    assert str(child.pk) in found("07700 900321")
    assert f'value="{child.pk}"' in found(child.surname[:4])
    assert all(f'value="{pupil.pk}"' in found("3A") for pupil in cast.pupils)
    assert f'value="{sister.pk}"' in found(child.forename + " " + child.surname)
    assert "No child fits" in found("Zzyzx")


def test_a_teacher_finds_her_own_children_and_no_number(cast):
    ContactFactory(pupil=cast.pupils[0], mobile="07700 900321")
    client = cast.client(Role.TEACHER)
    find = url(cast, "find_children_to_report")
    assert "No child fits" in client.post(find, {"q": "07700 900321"}).content.decode()
    assert "No child fits" in client.post(find, {"q": "4B"}).content.decode()
    assert f'value="{cast.pupils[0].pk}"' in client.post(find, {"q": "3A"}).content.decode()
    client.post(url(cast, "report_absence"), report_data(cast.other_pupils[0], source="teacher"))
    assert not AbsenceReport.objects.exists()


def test_one_child_who_fits_is_chosen_and_her_people_are_asked_about_nobody_elses(cast):
    child, sister, other = cast.pupils[0], cast.other_pupils[0], cast.pupils[1]
    for each in (child, sister):
        ContactFactory(pupil=each, mobile="07700 900321", forename="Ines")
    ContactFactory(pupil=other, mobile="07700 900555", forename="Zara", email="zara@home.example")
    client = cast.client(Role.OFFICE)

    def found(words, *chosen):
        return client.post(url(cast, "find_children_to_report"), {"q": words, "pupils": chosen}).context["form"]

    one = found(child.upn)
    assert one.initial["pupils"] == [child.pk]
    assert [pk for pk, _ in one.fields["pupils"].choices] == [child.pk, sister.pk]
    assert "Ines" in str(one["contact"])
    several = found("3A")
    assert "contact" not in several.fields, "nobody is chosen: whose mother is it?"
    in_order = [pk for pk, _ in several.fields["pupils"].choices]
    ticked = found("3A", in_order[2])
    assert [pk for pk, _ in ticked.fields["pupils"].choices][: len(in_order)] == in_order


def test_without_script_find_keeps_what_was_typed(cast):
    data = report_data(find="1", q="3A", words="a cold")
    answer = cast.client(Role.OFFICE).post(url(cast, "report_absence"), data)
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "a cold" in text
    assert f'value="{cast.pupils[0].pk}"' in text


def test_the_form_asks_before_it_overwrites(cast):
    child = cast.pupils[0]
    missing(cast, child, letter="/")
    client = cast.client(Role.OFFICE)
    answer = client.post(url(cast, "report_absence"), report_data(child))
    assert answer.status_code == 422
    assert "Is it the right child?" in answer.content.decode()
    assert client.post(url(cast, "report_absence"), report_data(child, sure="on")).status_code == 302
    report = AbsenceReport.objects.get()
    client.post(url(cast, "undo_absence", report.pk), {"because": "Her brother"})
    assert Mark.objects.get(pupil=child).code == code_for("/", TODAY).number


def test_one_answerphone_message_after_another(cast):
    office = cast.client(Role.OFFICE)
    answer = office.post(
        url(cast, "report_absence"), {**report_data(cast.pupils[0], source="answerphone"), "another": "1"}
    )
    assert answer.url == f"{url(cast, 'report_absence')}?source=answerphone"
    form = office.get(answer.url).text
    assert "can be undone under Absence reports" in form
    assert '<option value="answerphone" selected' in form
    assert not office.get(f"{url(cast, 'report_absence')}?source=rumour").context["form"]["source"].errors


def test_a_form_without_a_child_leads_to_where_one_is_chosen(cast):
    text = cast.client(Role.OFFICE).post(url(cast, "report_absence"), report_data()).text
    assert 'href="#id_pupils_0"' in text
    assert 'id="id_pupils_0"' in text


@pytest.mark.parametrize("wrong", ["9" * 5000, "9" * 19, "²", "-1", "\x00"])
def test_what_no_form_would_send_is_refused(cast, wrong):
    client = cast.client(Role.OFFICE)
    for name, field in (("report_absence", "pupils"), ("report_absence", "record"), ("text_unexplained", "family")):
        assert client.post(url(cast, name), {**report_data(), field: wrong}).status_code == 422
    assert client.get(url(cast, "report_absence"), {"reply": wrong, "record": wrong}).status_code == 200


def test_a_family_whose_report_was_undone_has_not_been_reached(cast):
    child = cast.pupils[0]
    ContactFactory(pupil=child)
    missing(cast, child)
    client = cast.client(Role.OFFICE)
    client.post(url(cast, "report_absence"), report_data(child))
    client.post(url(cast, "undo_absence", AbsenceReport.objects.get().pk), {"because": "Her brother"})
    [family] = families_missing(cast.school)
    assert not family.is_reached
    assert family.people[0].is_next


def test_decide_and_follow_the_evidence(cast):
    child = cast.pupils[0]
    client = cast.client(Role.OFFICE)
    client.post(url(cast, "report_absence"), {**report_data(child, ask_for_evidence="on"), "decided": ""})
    report = AbsenceReport.objects.get()
    assert report.decided is None
    assert "Medical evidence awaited" in client.get(url(cast, "see_absence_reports")).content.decode()
    client.post(url(cast, "decide_absence", report.pk), {"code": "M"})
    client.post(url(cast, "note_medical_evidence", report.pk), {"evidence": "received", "note": "A card"})
    report.refresh_from_db()
    assert (report.decided, report.evidence) == (code_for("M", TODAY).number, "received")
    assert "to decide" not in client.get(url(cast, "see_absence_reports")).content.decode().lower().split("<main")[1]
