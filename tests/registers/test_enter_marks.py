"""The one statement through which every mark is written."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from attendance_mis import seals
from registers.actions.marking import Change, enter_marks
from registers.calendar_rules import Session
from registers.codes import code_for
from registers.models import Amendment, Entry, Mark
from tests.conftest import REGISTER_TIME, TODAY

PRESENT, LATE, ILL = (code_for(letter, TODAY).number for letter in "/LI")


def enter(cast, changes, **kwargs):
    return enter_marks(
        school_id=cast.school.pk,
        day=TODAY,
        session=Session.AM,
        changes=changes,
        by=cast.actor("teacher"),
        at=REGISTER_TIME,
        made_at=REGISTER_TIME,
        source=Entry.Source.TEACHER,
        **kwargs,
    )


def test_marks_and_their_entry_are_written_together(cast):
    first, second = cast.pupils[:2]
    entered = enter(cast, [Change(first.pk, PRESENT, 0), Change(second.pk, LATE, 0, minutes_late=7, note="bus")])
    marks = {m.pupil_id: m for m in Mark.objects.all()}
    assert marks[first.pk].code == PRESENT
    assert (marks[second.pk].minutes_late, marks[second.pk].note) == (7, "bus")
    entry = Entry.objects.get()
    assert {m.entry_id for m in marks.values()} == {entry.pk} == {entered.entry_id}
    assert (entry.pupils, entry.codes, entry.minutes) == ([first.pk, second.pk], [PRESENT, LATE], [None, 7])


def test_a_stale_version_is_left_alone_and_told(cast):
    pupil = cast.pupils[0]
    version = enter(cast, [Change(pupil.pk, PRESENT, 0)]).entry_id
    enter(cast, [Change(pupil.pk, ILL, version)])
    stale = enter(cast, [Change(pupil.pk, LATE, version), Change(cast.pupils[1].pk, PRESENT, 0)])
    assert stale.pupil_ids == {cast.pupils[1].pk}
    assert Mark.objects.get(pupil=pupil).code == ILL


@pytest.mark.parametrize("version", [0, 999_999])
def test_a_version_that_never_was_writes_nothing(cast, version):
    pupil = cast.pupils[0]
    if version == 0:
        enter(cast, [Change(pupil.pk, PRESENT, 0)])
    before = Entry.objects.count()
    assert enter(cast, [Change(pupil.pk, ILL, version)]).entry_id is None
    assert Entry.objects.count() == before


def test_taking_a_mark_back_leaves_a_blank_and_an_entry(cast):
    pupil = cast.pupils[0]
    version = enter(cast, [Change(pupil.pk, PRESENT, 0)]).entry_id
    enter(cast, [Change(pupil.pk, None, version)])
    assert not Mark.objects.exists()
    assert Entry.objects.order_by("pk").last().codes == [None]


def test_an_amendment_keeps_original_amended_reason_name_and_position(cast):
    """law.md 3.4."""
    pupil = cast.pupils[0]
    version = enter(cast, [Change(pupil.pk, PRESENT, 0)]).entry_id
    enter(cast, [Change(pupil.pk, ILL, version)], amend_because="Mother rang: sent home")
    amendment = Amendment.objects.get()
    assert (amendment.original, amendment.amended, amendment.reason) == (PRESENT, ILL, "Mother rang: sent home")
    assert (amendment.by_name, amendment.by_position) == (cast.actor("teacher").name, "Class teacher")


def test_a_key_is_taken_once(cast):
    key = uuid4()
    enter(cast, [Change(cast.pupils[0].pk, PRESENT, 0)], key=key)
    with pytest.raises(IntegrityError), transaction.atomic():
        enter(cast, [Change(cast.pupils[1].pk, PRESENT, 0)], key=key)


def test_a_pupil_of_another_school_is_refused_by_the_database(cast):
    with pytest.raises(IntegrityError, match="not of the school"):
        enter(cast, [Change(cast.strange_pupils[0].pk, PRESENT, 0)])


def test_sealed_logs_show_what_was_altered(cast):
    enter(cast, [Change(cast.pupils[0].pk, PRESENT, 0)])
    assert seals.seal(cast.school) == 1
    assert list(seals.faults(cast.school)) == []
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE registers_entry SET codes = ARRAY[%s]", [ILL])
    [fault] = seals.faults(cast.school)
    assert "altered" in fault.sentence
