"""A decision, a notice to improve and a penalty notice from the pages and actions, with every refusal that matters."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from pypdf import PdfReader

from attendance_mis.actions import Refused
from attendance_mis.models import AuditRow
from letters.models import Letter
from penalties.actions import after, decisions, improvements, notices, watch
from penalties.amounts import Kind, Scheme
from penalties.models import Decision, ImprovementNotice, NoticeSession, PenaltyNotice, Readings
from penalties.notices import Ground, Source, State
from penalties.readings import DEFAULTS, ImprovementUnit, to_document
from registers.models import Contact
from tests import factories
from tests.conftest import TODAY, Cast
from tests.factories import LONDON
from tests.penalties.conftest import Absent, amend

pytestmark = pytest.mark.usefixtures("clock")
YES = {
    "best_tool": True, "best_tool_why": "Support was tried.", "support": True, "support_why": "Breakfast club.",
    "equality": True, "equality_why": "No disability known.", "allowed_absence": True, "allowed_why": "She said so.",
    "la_checked": TODAY, "la_said": "None known.",
}  # fmt: skip
HOME = {"address_1": "2 Example Street", "town": "London", "postcode": "N1 2AA"}


@pytest.fixture
def mother(cast: Cast) -> Contact:
    contact: Contact = factories.ContactFactory(pupil=cast.pupils[0], **HOME)
    return contact


def url(cast: Cast, name: str, *args: object) -> str:
    return reverse(f"penalties:{name}", args=[cast.school.urn, *args])


def prepare(cast: Cast, contact: Contact, **values: Any) -> Decision:
    given = {"answers": YES, **values}
    return decisions.prepare(pupil=contact.pupil, contact=contact, by=cast.actor("manager"), **given)


def draft(cast: Cast, contact: Contact, **values: Any) -> PenaltyNotice:
    """A notice decided on, with its draft written."""
    decision = prepare(cast, contact, **values)
    made = decisions.decide(decision=decision, outcome="penalty", reason="The law is met.", by=cast.actor("head"))
    assert made
    notices.write_draft(
        notice=made, authority="Camden Council, 1 Town Hall", methods="Online", served="post", by=cast.actor("manager")
    )
    return PenaltyNotice.objects.select_related("pupil__school", "contact").get(pk=made.pk)


def issue(cast: Cast, contact: Contact, **values: Any) -> PenaltyNotice:
    head = cast.actor("head")
    return notices.issue(notice=draft(cast, contact, **values), signature=head.name, by=head)


def known(contact: Contact, issued_on: date, **values: Any) -> PenaltyNotice:
    given = {
        "source": Source.LOCAL_AUTHORITY.value, "origin": "E-mail", "scheme": Scheme.NATIONAL.value,
        "state": State.ISSUED.value, **values,
    }  # fmt: skip
    return PenaltyNotice(
        school_id=contact.school_id, pupil=contact.pupil, contact=contact, issued_on=issued_on, **given
    )


def record_known(cast: Cast, contact: Contact, issued_on: date, **values: Any) -> PenaltyNotice:
    return notices.record_known(notice=known(contact, issued_on, **values), by=cast.actor("manager"))


def refusal(call: Any) -> str:
    with pytest.raises(Refused) as refused, transaction.atomic():
        call()
    return str(refused.value)


def test_from_the_watch_to_the_signed_notice(cast: Cast, mother: Contact, absent: Absent) -> None:
    absent(mother.pupil, "O", 12)
    manager, head = cast.client("manager"), cast.client("head")
    values = {key: f"{value}" for key, value in YES.items()} | {"kind": "absence"}
    answer = manager.post(url(cast, "prepare_decision", mother.pupil_id, mother.pk), values)
    decision = Decision.objects.get()
    assert answer.url == decision.get_absolute_url()
    assert "12 sessions counted" in manager.get(answer.url).content.decode()
    assert "Nothing in the record speaks against it" in head.get(answer.url).content.decode()
    refused = head.post(answer.url, {"outcome": "penalty", "reason": ""})
    assert refused.status_code == 422
    to_notice = head.post(answer.url, {"outcome": "penalty", "reason": "Twelve sessions, and no change."}).url
    notice = PenaltyNotice.objects.get()
    assert to_notice == notice.get_absolute_url()
    assert "It cannot be issued yet" in head.get(to_notice).content.decode()
    written = {"authority": "Camden Council, 1 Town Hall", "methods": "Online", "served": "post"}
    manager.post(url(cast, "write_draft", notice.pk), written)
    page = head.get(to_notice).content.decode()
    # Issued Tuesday 11 March by post: received Thursday 13 March, which is day 1.
    assert "£80 up to and including 2 April 2025, then £160 up to and including 9 April 2025" in page
    wrong = head.post(url(cast, "issue_notice", notice.pk), {"signature": "Somebody Else"})
    assert (wrong.status_code, "It has not been signed" in wrong.content.decode()) == (422, True)
    assert head.post(url(cast, "issue_notice", notice.pk), {"signature": cast.people["head"].name}).status_code == 302
    notice.refresh_from_db()
    assert (notice.state, notice.place, notice.amount.full, notice.issued_on) == ("issued", 1, 160, TODAY)
    assert notice.issued_by == cast.people["head"]
    paper = "".join(
        page.extract_text() for page in PdfReader(BytesIO(head.get(url(cast, "notice_pdf", notice.pk)).content)).pages
    )
    for words in ("2 Example Street", "Camden Council", "the grounds on which it may be withdrawn"):
        assert words.lower() in " ".join(paper.split()).lower()
    assert len(notice.contents) == 12
    page = manager.get(url(cast, "see_penalties"))
    hub = page.content.decode()
    assert page.context["found"].undecided == []
    assert "Copy to send" in hub
    assert "£80</a>, until 2 April" in hub
    manager.post(url(cast, "record_copy", notice.pk), {"on": "2025-03-11"})
    assert "Copy to send" not in manager.get(url(cast, "see_penalties")).content.decode()
    assert "Penalty notice: issued" in manager.get(url(cast, "see_family", mother.pupil_id)).content.decode()


def test_what_was_noticed_counts_no_more(cast: Cast, mother: Contact, absent: Absent) -> None:
    absent(mother.pupil, "O", 10)
    issue(cast, mother)
    assert "There is no unauthorised session" in refusal(lambda: prepare(cast, mother))
    page = cast.client("manager").get(url(cast, "see_family", mother.pupil_id) + f"?parent={mother.pk}")
    assert "stands in an earlier notice" in page.content.decode()
    assert page.context["working"].counted == 0
    father = factories.ContactFactory(pupil=mother.pupil, priority=2, forename="Ali", relationship="father", **HOME)
    assert prepare(cast, father).counted == 10


def test_who_is_no_parent_gets_none(cast: Cast, mother: Contact, absent: Absent) -> None:
    absent(mother.pupil, "O", 10)
    Contact.objects.filter(pk=mother.pk).update(parental_responsibility=False, lives_with_pupil=False)
    mother.refresh_from_db()
    assert "(5.6)" in refusal(lambda: prepare(cast, mother))
    cast.school.type = "independent"
    cast.school.save()
    mother.refresh_from_db()
    assert "(5.17)" in refusal(lambda: prepare(cast, Contact.objects.select_related("pupil__school").get(pk=mother.pk)))


def test_the_record_speaks_before_the_head_decides(cast: Cast, mother: Contact, absent: Absent) -> None:
    absent(mother.pupil, "O", 8)
    decision = prepare(cast, mother, answers=YES | {"equality": None})
    said = refusal(lambda: decisions.decide(decision=decision, outcome="penalty", reason="x", by=cast.actor("head")))
    assert "Below it a reason must be recorded. (5.5)" in said
    assert "Equality Act" in said
    decisions.decide(decision=decision, outcome="support", reason="A new baby.", by=cast.actor("head"))
    assert AuditRow.objects.filter(verb="decide_penalty", summary__contains="A new baby.").exists()
    again = refusal(lambda: decisions.decide(decision=decision, outcome="nothing", reason="x", by=cast.actor("head")))
    assert "decided already" in again


def test_a_mark_changed_between_decision_and_signature(cast: Cast, mother: Contact, absent: Absent) -> None:
    slots = absent(mother.pupil, "O", 10, TODAY - timedelta(days=1))
    notice = draft(cast, mother)
    amend(cast, mother.pupil, slots[0], "I")
    head = cast.actor("head")
    assert "no longer unauthorised" in refusal(lambda: notices.issue(notice=notice, signature=head.name, by=head))
    notices.decline(notice=notice, why="The marks were wrong.", by=head)
    assert not NoticeSession.objects.filter(is_spent=True).exists()


def test_a_mark_changed_after_the_notice_is_flagged(cast: Cast, mother: Contact, absent: Absent) -> None:
    slots = absent(mother.pupil, "O", 10, TODAY - timedelta(days=1))
    notice = issue(cast, mother)
    assert watch.follow_changes(school=cast.school)
    amend(cast, mother.pupil, slots[0], "I")
    watch.follow_changes(school=cast.school)
    watch.look(school=cast.school, on=TODAY)
    notice.refresh_from_db()
    assert (notice.sessions_left, notice.changed_on) == (9, TODAY)
    assert AuditRow.objects.filter(verb="marks_of_penalty_changed").count() == 1
    client = cast.client("manager")
    assert "Look at once" in client.get(url(cast, "see_penalties")).content.decode()
    page = client.get(notice.get_absolute_url()).content.decode()
    assert "9 of its 10 sessions</a> are unauthorised now; the threshold of ten would not be met" in page
    assert "Ground for withdrawal: it should not have been issued" in page
    values = {
        "verb": "withdraw",
        "on": "2025-03-11",
        "ground": Ground.SHOULD_NOT_HAVE_BEEN_ISSUED.value,
        "said": "E-mail",
    }
    assert client.post(url(cast, "record_answer", notice.pk), values).status_code == 302
    notice.refresh_from_db()
    assert (notice.state, notice.place) == ("withdrawn", None)


def test_two_in_three_years_and_no_third(
    cast: Cast, mother: Contact, absent: Absent, clock: time_machine.Traveller
) -> None:
    record_known(cast, mother, date(2022, 3, 11), scheme=Scheme.LOCAL.value)  # the old rules do not count
    first = record_known(cast, mother, date(2024, 10, 1))
    absent(mother.pupil, "O", 10)
    second = issue(cast, mother)
    assert (second.amount.full, second.amount.reduced) == (160, None)
    clock.move_to(datetime(2025, 6, 10, 9, 5, tzinfo=LONDON))
    absent(mother.pupil, "O", 10, date(2025, 6, 10))
    decision = prepare(cast, mother)
    said = refusal(lambda: decisions.decide(decision=decision, outcome="penalty", reason="x", by=cast.actor("head")))
    assert "a third cannot be issued before 1 October 2027. Ask the local authority about prosecution" in said
    page = cast.client("manager").get(url(cast, "see_family", mother.pupil_id)).content.decode()
    assert "A third cannot be issued." in page
    assert "third in three years" in refusal(lambda: record_known(cast, mother, date(2025, 5, 1)))
    # Withdrawn ones do not count.
    after.answer(
        notice=first, verb="withdraw", on=date(2025, 6, 10), ground=Ground.WRONG_PERSON, said="", by=cast.actor("head")
    )  # fmt: skip
    decisions.decide(decision=decision, outcome="penalty", reason="x", by=cast.actor("head"))


def test_the_database_refuses_what_the_rules_would_not_let_through(cast: Cast, mother: Contact, absent: Absent) -> None:
    for n, day in enumerate((date(2024, 9, 10), date(2025, 1, 10))):
        row = known(mother, day, prepared_on=TODAY, place=1 + n, counts_until=day.replace(year=day.year + 3))
        row.save()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS no_third_in_three_years IMMEDIATE")
    with pytest.raises(IntegrityError, match="no_third_in_three_years"), transaction.atomic():
        known(mother, TODAY, prepared_on=TODAY, place=1, counts_until=date(2028, 3, 11)).save()
    with pytest.raises(IntegrityError, match="notice_counts_to_the_two"), transaction.atomic():
        known(mother, TODAY, prepared_on=TODAY).save()
    with pytest.raises(IntegrityError, match="notice_amount_is_in_the_table"), transaction.atomic():
        PenaltyNotice.objects.update(full_pounds=500)
    with pytest.raises(IntegrityError, match="notice_counts_three_years"), transaction.atomic():
        PenaltyNotice.objects.update(counts_until=TODAY)


def test_issued_on_29_february_counts_to_28_february(
    cast: Cast, mother: Contact, clock: time_machine.Traveller
) -> None:
    clock.move_to(datetime(2028, 3, 1, 9, 5, tzinfo=LONDON))
    made = record_known(cast, mother, date(2028, 2, 29))
    assert made.counts_until == date(2031, 3, 1)


PAID = [
    ("2025-04-02", 80, ""),
    ("2025-04-02", 160, "£80 was due"),
    ("2025-04-09", 160, ""),
    ("2025-04-10", 160, "The period ended"),
]


@pytest.mark.parametrize(("day", "pounds", "fault"), PAID)
def test_paid(
    cast: Cast, mother: Contact, absent: Absent, clock: time_machine.Traveller, day: str, pounds: int, fault: str
) -> None:
    absent(mother.pupil, "O", 10)
    notice = issue(cast, mother)
    clock.move_to(datetime(2025, 4, 28, 9, 5, tzinfo=LONDON))  # after the clocks went forward
    values = {"verb": "record_payment", "on": day, "pounds": pounds, "said": "List of April"}
    answer = cast.client("manager").post(url(cast, "record_answer", notice.pk), values)
    notice.refresh_from_db()
    assert (notice.state, fault in answer.content.decode()) == ("issued" if fault else "paid", True)


def test_unpaid_then_prosecuted_by_the_authoritys_word(
    cast: Cast, mother: Contact, absent: Absent, clock: time_machine.Traveller
) -> None:
    absent(mother.pupil, "O", 10)
    notice = issue(cast, mother)
    client = cast.client("manager")
    early = client.post(
        url(cast, "record_answer", notice.pk), {"verb": "record_unpaid", "on": "2025-03-11", "said": "x"}
    )
    assert "The period for payment runs to 9 April 2025" in early.content.decode()
    clock.move_to(datetime(2025, 4, 10, 9, 5, tzinfo=LONDON))
    client = cast.client("manager")
    assert "the period ended on 9 April" in client.get(url(cast, "see_penalties")).content.decode()
    for verb in ("record_unpaid", "prosecute", "record_not_guilty"):
        values = {"verb": verb, "on": "2025-04-10", "said": "Letter"}
        assert client.post(url(cast, "record_answer", notice.pk), values).status_code == 302
    notice.refresh_from_db()
    assert (notice.state, notice.place, notice.events.count()) == (State.ACQUITTED, None, 3)


def test_a_notice_to_improve_runs_and_is_checked(
    cast: Cast, mother: Contact, absent: Absent, clock: time_machine.Traveller
) -> None:
    factories.ContactFactory(pupil=mother.pupil, priority=2, forename="Omar", **HOME)
    absent(mother.pupil, "O", 10)
    decision = prepare(cast, mother)
    head = cast.client("head")
    to_form = head.post(decision.get_absolute_url(), {"outcome": "improvement", "reason": "A last chance."}).url
    values = {
        "starts": "2025-03-12", "weeks": 3, "at_most": 1, "record": "Ten sessions.", "support_so_far": "Club.",
        "support_offered": "A mentor.", "early_grounds": "A holiday.",
    }  # fmt: skip
    assert "not 2" in head.post(to_form, values | {"weeks": 2}).content.decode()
    page = head.get(head.post(to_form, values).url).content.decode()
    assert "Tuesday 1 April 2025" in page
    [letter] = Letter.objects.filter(occasion="notice_to_improve")
    assert (letter.contacts, [copy.contact_id for copy in letter.copies.all()]) == ([mother.pk], [mother.pk])
    notice = ImprovementNotice.objects.get()
    assert (notice.state, notice.until) == ("offered", date(2025, 4, 1))
    text = PdfReader(BytesIO(head.get(url(cast, "improvement_pdf", notice.pk)).content)).pages[0].extract_text()
    assert "at most 1 session" in " ".join(text.split())
    clock.move_to(datetime(2025, 3, 14, 9, 5, tzinfo=LONDON))
    head = cast.client("head")
    absent(mother.pupil, "O", 2, date(2025, 3, 13))
    absent(mother.pupil, "I", 1, date(2025, 3, 12))
    for _ in range(2):
        watch.look(school=cast.school, on=date(2025, 3, 14))
    notice.refresh_from_db()
    assert (notice.state, notice.unauthorised) == ("running", 2)
    assert AuditRow.objects.filter(verb="pass_improvement").count() == 1
    page = head.get(notice.get_absolute_url())
    assert "the target is passed" in page.content.decode()
    assert page.context["sessions"] == "Thursday 13 March 2025: AM (O), PM (O)", (
        "what it counts: not illness, and nothing before it"
    )
    assert f'href="{notice.get_absolute_url()}#sessions"' in head.get(url(cast, "see_penalties")).content.decode()
    again = prepare(cast, mother)
    said = refusal(lambda: decisions.decide(decision=again, outcome="penalty", reason="x", by=cast.actor("head")))
    assert "A notice to improve is still open" in said
    improvements.move(notice=notice, verb="miss", why="Absent twice.", by=cast.actor("head"))
    decisions.decide(decision=again, outcome="penalty", reason="It was not met.", by=cast.actor("head"))


def test_no_notice_to_improve_for_a_holiday(cast: Cast, mother: Contact, absent: Absent) -> None:
    absent(mother.pupil, "G", 10)
    decision = prepare(cast, mother, answers=YES | {"support": None})
    decisions.decide(decision=decision, outcome="improvement", reason="x", by=cast.actor("head"))
    said = refusal(
        lambda: improvements.offer(
            decision=decision, starts=TODAY, weeks=6, at_most=0, contents={}, by=cast.actor("head")
        )
    )
    assert "The absence is a holiday" in said
    assert "(Notice to Improve)" in said


def test_an_offence_under_the_old_rules(cast: Cast, mother: Contact, absent: Absent) -> None:
    absent(mother.pupil, "O", 10, date(2024, 7, 10))
    notice = issue(cast, mother, span=(date(2024, 7, 1), date(2024, 7, 10)))
    assert (notice.scheme, notice.amount.reduced, notice.amount.full, notice.place) == (Scheme.LOCAL, 60, 120, None)


def test_in_a_public_place_during_an_exclusion(cast: Cast, mother: Contact, absent: Absent) -> None:
    absent(mother.pupil, "E", 4)
    day = (TODAY - timedelta(days=1), TODAY - timedelta(days=1))
    values = {"kind": Kind.PUBLIC_PLACE, "span": day, "answers": YES | {"public_place": True}}
    notice = issue(cast, mother, **values)
    assert (notice.scheme, notice.amount.full, notice.sessions.count()) == (Scheme.PUBLIC_PLACE, 120, 2)


def test_a_withdrawn_one_may_be_followed_only_where_the_school_reads_so(
    cast: Cast, mother: Contact, absent: Absent
) -> None:
    absent(mother.pupil, "O", 10)
    notice = issue(cast, mother)
    Readings.objects.create(
        school=cast.school, in_force_from=TODAY, changed_on=TODAY,
        document=to_document(DEFAULTS) | {"reissue_after_withdrawal": True},
    )  # fmt: skip
    after.answer(
        notice=notice, verb="withdraw", on=TODAY, ground=Ground.MATERIAL_ERROR, said="Call", by=cast.actor("head")
    )
    assert issue(cast, mother).state == State.ISSUED


def test_queries_do_not_grow(cast: Cast, mother: Contact, absent: Absent, django_assert_max_num_queries) -> None:
    for pupil in cast.pupils:
        absent(pupil, "O", 10)
        issue(cast, mother if pupil == mother.pupil else factories.ContactFactory(pupil=pupil, **HOME))
    client = cast.client("manager")
    client.get(url(cast, "see_penalties"))
    for page in ("see_penalties", "see_answers", "see_watch"):
        with django_assert_max_num_queries(23):
            client.get(url(cast, page))


def test_a_year_in_numbers_names_nobody(cast: Cast, mother: Contact, absent: Absent) -> None:
    absent(mother.pupil, "O", 10)
    issue(cast, mother)
    client = cast.client("lead")
    page = client.get(url(cast, "see_summary")).content.decode()
    assert "fewer than 5" in page
    assert mother.pupil.surname not in page
    file = client.get(url(cast, "see_summary") + "?file=years.csv").content.decode()
    assert "Penalty notices issued,fewer than 5,0,0\r\n" in file
    assert "Penalty notices: paid,not shown,0,0\r\n" in file


def test_a_notice_across_the_end_of_a_school_year(
    cast: Cast, mother: Contact, absent: Absent, clock: time_machine.Traveller
) -> None:
    """Two sessions in July, eight in September: one window, and the rules of the last day (5.3, 5.14)."""
    clock.move_to(datetime(2024, 9, 10, 9, 5, tzinfo=LONDON))
    slots = absent(mother.pupil, "O", 10, date(2024, 9, 9))
    assert (slots[0][0].month, slots[-1][0]) == (7, date(2024, 9, 9))
    notice = issue(cast, mother, answers=YES | {"la_checked": date(2024, 9, 10)})
    assert (notice.scheme, notice.amount.reduced, notice.sessions.count()) == (Scheme.NATIONAL, 80, 10)
    assert notice.full_until == date(2024, 10, 9)
    page = cast.client("lead").get(url(cast, "see_summary"))
    total = page.context["tables"][2][0]
    assert (total.name, total.cells) == ("Penalty notices issued", [(2024, "fewer than 5"), (2023, "0"), (2022, "0")])


def test_how_the_weeks_of_a_notice_to_improve_are_counted_is_a_reading(cast: Cast) -> None:
    def until(unit: ImprovementUnit) -> date | None:
        settings = replace(DEFAULTS, improvement_unit=unit)
        return improvements.until_of(cast.school, date(2025, 2, 10), 3, settings)

    # The half-term holiday of February lies in it.
    assert until(ImprovementUnit.SCHOOL_WEEKS) == date(2025, 3, 9)
    assert until(ImprovementUnit.WEEKS) == date(2025, 3, 2)
    assert until(ImprovementUnit.SCHOOL_DAYS) == date(2025, 3, 7)
