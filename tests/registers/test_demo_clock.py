"""The demonstration's clock: only a demonstration has one, and what it takes away it puts back."""

from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse

from attendance_mis import audit, clock, seals
from attendance_mis.actions import Refused
from attendance_mis.models import AuditRow, School
from attendance_mis.tenancy import acting_for
from registers import record
from registers.actions.demo_clock import is_over, reset_demo_clock, set_demo_clock
from registers.actions.marking import Change, enter_marks
from registers.codes import code_for
from registers.models import Entry, Mark, Proposal, Register
from tests.factories import LONDON

FRIDAY, SUNDAY = date(2025, 3, 14), datetime(2025, 3, 16, 19, 30, tzinfo=LONDON)
PRESENT, ILL, NO_REASON = (code_for(letter, FRIDAY).number for letter in "/IN")


@pytest.fixture
def demo(cast):
    """The school of the cast as a demonstration on a Sunday, its Friday morning taken at nine."""
    School.objects.filter(pk=cast.school.pk).update(is_demo=True)
    cast.school.refresh_from_db()
    pupils = cast.pupils
    enter(cast, {pupils[0]: ILL}, datetime(2025, 3, 14, 8, 31, tzinfo=LONDON), Entry.Source.PLANNED)
    at = datetime(2025, 3, 14, 9, 2, tzinfo=LONDON)
    enter(cast, dict.fromkeys(pupils[1:], PRESENT), at, Entry.Source.TEACHER)
    Register.objects.create(
        school=cast.school, class_group=cast.own_class, day=FRIDAY, session=1,
        opened_at=at, sent_at=at + timedelta(minutes=1), sent_by=cast.people["teacher"],
    )  # fmt: skip
    with time_machine.travel(SUNDAY, tick=False):
        yield cast


def enter(cast, marks, at, source):
    versions = dict(Mark.objects.filter(day=FRIDAY, session=1).values_list("pupil_id", "entry_id"))
    enter_marks(
        school_id=cast.school.pk, day=FRIDAY, session=1, by=cast.actor("teacher"), at=at, made_at=at, source=source,
        changes=[Change(pupil.pk, code, versions.get(pupil.pk, 0)) for pupil, code in marks.items()],
    )  # fmt: skip


def marks():
    return dict(Mark.objects.filter(day=FRIDAY, session=1).values_list("pupil_id", "code"))


def set_clock(cast):
    set_demo_clock(school=cast.school, by=cast.actor("office"))
    cast.school.refresh_from_db()


def reset_clock(cast):
    reset_demo_clock(school=cast.school, by=cast.actor("office"))
    cast.school.refresh_from_db()


def test_it_is_ten_to_nine_of_the_last_school_day(demo):
    set_clock(demo)
    assert clock.now(demo.school) == datetime(2025, 3, 14, 8, 50, tzinfo=LONDON)
    assert clock.today(demo.school) == FRIDAY


def test_what_an_earlier_visitor_wanted_no_longer_waits(demo):
    made = datetime(2025, 3, 14, 8, 55, tzinfo=LONDON)
    Proposal.objects.create(
        school=demo.school, pupil=demo.pupils[0], day=FRIDAY, session=1, code=PRESENT, key=uuid4(),
        made_at=made, received_at=made, made_by=demo.people["teacher"],
    )  # fmt: skip
    set_clock(demo)
    proposal = Proposal.objects.get()
    assert (proposal.is_accepted, proposal.decided_by) == (False, demo.people["office"])


def test_the_day_itself_counts_from_ten_to_nine_on(demo):
    with time_machine.travel(datetime(2025, 3, 14, 8, 50, tzinfo=LONDON), tick=False):
        set_clock(demo)
        assert demo.school.clock_offset == timedelta(0)
    with time_machine.travel(datetime(2025, 3, 14, 8, 49, tzinfo=LONDON), tick=False):
        set_clock(demo)
        assert clock.today(demo.school) == date(2025, 3, 13)


def test_the_morning_is_to_be_taken_again(demo):
    set_clock(demo)
    assert marks() == {demo.pupils[0].pk: ILL}  # the office knew of it before
    assert not Register.objects.filter(day=FRIDAY).exists()
    assert AuditRow.objects.filter(verb="set_demo_clock").count() == 1


def test_a_register_opened_before_and_sent_after_is_open_again(demo):
    before = datetime(2025, 3, 14, 8, 49, tzinfo=LONDON)
    Register.objects.filter(day=FRIDAY).update(opened_at=before)
    set_clock(demo)
    assert not Register.objects.filter(day=FRIDAY).exists()
    reset_clock(demo)
    assert Register.objects.get(day=FRIDAY).opened_at == before


def test_the_true_time_puts_everything_back(demo):
    before = marks(), Register.objects.values().get(day=FRIDAY)
    set_clock(demo)
    reset_clock(demo)
    after = Register.objects.values().get(day=FRIDAY)
    assert (marks(), {**after, "id": 0}) == (before[0], {**before[1], "id": 0})
    assert clock.now(demo.school) == SUNDAY


def test_setting_it_again_begins_the_day_again(demo):
    before = marks()
    set_clock(demo)
    enter(demo, {demo.pupils[1]: NO_REASON}, datetime(2025, 3, 14, 8, 52, tzinfo=LONDON), Entry.Source.TEACHER)
    set_clock(demo)
    assert marks() == {demo.pupils[0].pk: ILL}
    reset_clock(demo)
    assert marks() == {**before, demo.pupils[1].pk: NO_REASON}


def test_what_a_visitor_entered_stays(demo):
    set_clock(demo)
    enter(demo, {demo.pupils[1]: NO_REASON}, datetime(2025, 3, 14, 8, 52, tzinfo=LONDON), Entry.Source.TEACHER)
    at = datetime(2025, 3, 14, 8, 51, tzinfo=LONDON)
    Register.objects.create(
        school=demo.school, class_group=demo.own_class, day=FRIDAY, session=1, opened_at=at,
        sent_at=at + timedelta(minutes=2), sent_by=demo.people["head"],
    )  # fmt: skip
    reset_clock(demo)
    assert marks()[demo.pupils[1].pk] == NO_REASON
    assert marks()[demo.pupils[2].pk] == PRESENT
    assert Register.objects.get(day=FRIDAY).sent_by == demo.people["head"]


def test_a_second_return_to_the_true_time_changes_nothing(demo):
    set_clock(demo)
    reset_clock(demo)
    count = Entry.objects.count()
    reset_clock(demo)
    assert Entry.objects.count() == count


@pytest.mark.parametrize("then", [(), (reset_clock,), (reset_clock, set_clock), (set_clock, reset_clock)])
def test_the_record_stays_whole(demo, then):
    set_clock(demo)
    enter(demo, {demo.pupils[1]: PRESENT}, datetime(2025, 3, 14, 8, 55, tzinfo=LONDON), Entry.Source.TEACHER)
    Register.objects.create(
        school=demo.school, class_group=demo.own_class, day=FRIDAY, session=1,
        opened_at=datetime(2025, 3, 14, 8, 52, tzinfo=LONDON), sent_at=datetime(2025, 3, 14, 8, 56, tzinfo=LONDON),
        sent_by=demo.people["teacher"],
    )  # fmt: skip
    for step in then:
        step(demo)
    seals.seal(demo.school)  # as the worker does each minute
    assert [fault for check in record.verify(demo.school).checks for fault in check.faults] == []


def test_the_other_demonstration_of_the_trust_goes_along_and_no_real_school(demo):
    set_clock(demo)
    demo.other_school.refresh_from_db()
    assert demo.other_school.clock_offset is None
    School.objects.filter(pk=demo.other_school.pk).update(is_demo=True)
    set_clock(demo)
    demo.other_school.refresh_from_db()
    assert demo.other_school.clock_offset == demo.school.clock_offset


def test_a_real_school_is_refused(cast):
    with pytest.raises(Refused, match="Only a demonstration"):
        set_demo_clock(school=cast.school, by=cast.actor("head"))
    for name in ("set_demo_clock", "reset_demo_clock"):
        response = cast.client("head").post(reverse(f"registers:{name}", args=[cast.school.urn]))
        assert response.status_code == 404
    cast.school.refresh_from_db()
    assert cast.school.clock_offset is None


def test_no_banner_at_a_real_school(cast, clock):
    assert "app-demo" not in cast.client("teacher").get(cast.url("registers/"), follow=True).content.decode()


def test_a_visitor_sets_the_clock_by_the_banner(demo):
    client = demo.client("teacher")
    page = client.get(demo.url("registers/calendar/")).content.decode()
    assert "Set the clock to 08:50 on Friday 14 March" in page
    action = reverse("registers:set_demo_clock", args=[demo.school.urn])
    assert f'action="{action}"' in page
    page = client.post(action, follow=True).content.decode()
    assert "The clock was set: it is 08:50 on Friday 14 March" in page
    page = client.post(reverse("registers:reset_demo_clock", args=[demo.school.urn]), follow=True).content.decode()
    assert "Set the clock to 08:50" in page


def test_it_offers_nothing_while_a_register_is_open(demo):
    with time_machine.travel(datetime(2025, 3, 14, 9, 5, tzinfo=LONDON), tick=False):
        page = demo.client("office").get(demo.url("registers/calendar/")).content.decode()
    assert "Everything here is invented." in page
    assert "Set the clock" not in page


def test_the_time_of_one_school_is_not_the_scope_of_another(demo):
    set_clock(demo)
    with acting_for(demo.other_school):
        assert not AuditRow.objects.filter(verb="set_demo_clock").exists()


def test_the_banner_is_on_the_pages_of_no_school_too(demo):
    for role in ("teacher", "trust_lead"):
        assert "Everything here is invented." in demo.client(role).get("/account/").content.decode()


def test_a_demonstration_of_last_week_lives_on_its_last_day(demo):
    with time_machine.travel(datetime(2025, 3, 14, 15, 0, tzinfo=LONDON), tick=False):
        audit.record("load_demo", demo.school, school_id=demo.school.pk, by=demo.actor("office"), summary="Loaded.")
    sunday, tuesday = SUNDAY, datetime(2025, 3, 18, 9, 5, tzinfo=LONDON)
    assert not is_over(demo.school, sunday), "nothing is missing of a weekend"
    with time_machine.travel(tuesday, tick=False):
        page = demo.client("office").get(demo.url("registers/"))
        assert "It ends on Friday 14 March: no register was taken since." in page.text
        assert "Set the clock to 08:50 on Friday 14 March" in page.text
        set_clock(demo)
        assert clock.now(demo.school) == datetime(2025, 3, 14, 8, 50, tzinfo=LONDON)
        assert "It ends on" not in demo.client("office").get(demo.url("registers/")).text
