"""Two people save the same mark at the same moment, each in a transaction of her own: one is entered, one is told."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from uuid import uuid4

import pytest
from django.db import OperationalError, connection, transaction
from django.http import HttpResponse

from attendance_mis import seals
from attendance_mis.actions import Refused, add_person
from attendance_mis.models import ScheduledRun, User
from attendance_mis.permissions import Role
from attendance_mis.tenancy import acting_for
from registers import record
from registers.actions import desk
from registers.actions.calendar import set_calendar
from registers.actions.covering import assign_cover
from registers.actions.disposing import approve_disposal
from registers.actions.marking import Change, Entered, enter_marks
from registers.calendar_rules import Period, Session
from registers.codes import by_number, code_for
from registers.models import Amendment, Cover, Crossing, DisposalApproval, Entry, Mark, Proposal
from tests.conftest import REGISTER_TIME, TODAY, Cast
from tests.databases import until_somebody_waits

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clock")]


def save(cast: Cast, letter: str | None, version: int) -> Entered:
    number = code_for(letter, TODAY).number if letter else None
    return enter_marks(
        school_id=cast.school.pk,
        day=TODAY,
        session=Session.AM,
        changes=[Change(cast.pupils[0].pk, number, version)],
        by=cast.actor("teacher"),
        at=REGISTER_TIME,
        made_at=REGISTER_TIME,
        source=Entry.Source.TEACHER,
    )


@pytest.fixture
def meanwhile(transactional_db: None, cast: Cast) -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool
        pool.submit(lambda: connection.close()).result()  # the pool's own connection


def overlapping(cast: Cast, pool: ThreadPoolExecutor, first: str | None, second: str | None, version: int) -> Future:
    """The first save is held open until the second waits for it."""
    begun = Event()

    def later() -> Entered:
        with acting_for(cast.school):
            begun.set()
            return save(cast, second, version)

    with transaction.atomic():
        assert save(cast, first, version).pupil_ids
        waiting = pool.submit(later)
        begun.wait()
        until_somebody_waits()
    return waiting


@pytest.mark.parametrize(
    ("first", "second", "stands"),
    [("L", "I", "L"), (None, "I", None), ("I", None, "I")],
    ids=["two changes", "taken back and changed", "changed and taken back"],
)
def test_the_later_save_of_the_same_version_is_told(
    cast: Cast, meanwhile: ThreadPoolExecutor, first: str | None, second: str | None, stands: str | None
) -> None:
    version = save(cast, "/", 0).entry_id
    assert version
    second_save = overlapping(cast, meanwhile, first, second, version).result(30)
    assert second_save == Entered(None, frozenset())
    assert [by_number(mark.code).letter for mark in Mark.objects.all()] == ([stands] if stands else [])
    assert _record_is_whole(cast)


def test_two_first_marks_are_one(cast: Cast, meanwhile: ThreadPoolExecutor) -> None:
    second_save = overlapping(cast, meanwhile, "L", "I", 0).result(30)
    assert second_save == Entered(None, frozenset())
    assert by_number(Mark.objects.get().code).letter == "L"
    assert _record_is_whole(cast)


def test_a_save_killed_while_its_clash_is_recorded_wrote_nothing_and_is_taken_when_it_comes_again(
    cast: Cast, meanwhile: ThreadPoolExecutor
) -> None:
    """Two marks, one of them overtaken: the process is killed after it learnt so and before its wish is kept."""
    mine, overtaken = cast.pupils[:2]
    key, url = str(uuid4()), cast.url(f"registers/{cast.own_class.pk}/{TODAY}/AM/")
    teacher = cast.client(Role.TEACHER)
    teacher.get(url)
    marks = [{"pupil": pupil.pk, "code": "L", "version": 0} for pupil in (mine, overtaken)]

    def post() -> HttpResponse:
        return teacher.post(url + "save/", {"key": key, "marks": marks}, content_type="application/json")

    with connection.copy().cursor() as elsewhere:
        elsewhere.execute("BEGIN; LOCK TABLE registers_proposal IN SHARE MODE")  # where the wish would be kept
        with transaction.atomic():
            enter_marks(
                school_id=cast.school.pk, day=TODAY, session=Session.AM,
                changes=[Change(overtaken.pk, code_for("I", TODAY).number, 0)], by=cast.actor("office"),
                at=REGISTER_TIME, made_at=REGISTER_TIME, source=Entry.Source.OFFICE,
            )  # fmt: skip
            killed = meanwhile.submit(post)
            until_somebody_waits()
        until_somebody_waits(elsewhere)
        elsewhere.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE NOT granted "
            "AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
        )
        elsewhere.execute("ROLLBACK")
        elsewhere.connection.close()
    with pytest.raises(OperationalError):
        killed.result(30)
    assert not Mark.objects.filter(pupil=mine).exists()
    assert not Entry.objects.filter(key=key).exists()
    assert not Proposal.objects.exists()

    assert [each["outcome"] for each in post().json()["answers"]] == ["taken", "clash"]
    assert Proposal.objects.get().pupil == overtaken
    assert by_number(Mark.objects.get(pupil=overtaken).code).letter == "I"
    assert _record_is_whole(cast)


def _record_is_whole(cast: Cast) -> bool:
    assert not Amendment.objects.exists()
    seals.seal(cast.school)
    return record.verify(cast.school).is_whole


def test_a_calendar_change_waits_for_the_marks_it_would_strand(cast: Cast, meanwhile: ThreadPoolExecutor) -> None:
    begun = Event()

    def close_the_day() -> None:
        with acting_for(cast.school):
            begun.set()
            set_calendar(school=cast.school, by=cast.actor("head"), add=[Period(TODAY, TODAY, "closure")])

    with transaction.atomic():
        assert save(cast, "/", 0).pupil_ids
        waiting = meanwhile.submit(close_the_day)
        begun.wait()
        until_somebody_waits()
    with pytest.raises(Refused, match="1 mark"):
        waiting.result(30)


def test_two_desks_sign_the_same_child_out_and_the_second_is_told(cast: Cast, meanwhile: ThreadPoolExecutor) -> None:
    """The child is locked before anything is read, so there is never a second way out."""
    begun = Event()

    def out() -> None:
        desk.sign_out(
            school=cast.school, pupil=cast.pupils[0], at=REGISTER_TIME.time(), why="unwell", by=cast.actor("office")
        )

    def later() -> None:
        with acting_for(cast.school):
            begun.set()
            out()

    with transaction.atomic():
        out()
        waiting = meanwhile.submit(later)
        begun.wait()
        until_somebody_waits()
    with pytest.raises(Refused, match="signed out at 09:05 already"):
        waiting.result()
    assert Crossing.objects.count() == 1


def pressed_twice(cast: Cast, pool: ThreadPoolExecutor, act: Callable[[], object]) -> str:
    """The same is done by two people; the first holds it open until the second waits. What the second is told."""
    begun = Event()

    def later() -> str:
        with acting_for(cast.school):
            begun.set()
            try:
                act()
            except Refused as refused:
                return str(refused)
        return ""

    with transaction.atomic():
        act()
        waiting = pool.submit(later)
        begun.wait()
        until_somebody_waits()
    return waiting.result(60)


def test_two_put_down_the_same_cover(cast: Cast, meanwhile: ThreadPoolExecutor) -> None:
    person, by = cast.people[Role.OFFICE], cast.actor("manager")
    group = {"school": cast.school, "class_group": cast.own_class, "day": TODAY}
    told = pressed_twice(cast, meanwhile, lambda: assign_cover(user=person, by=by, **group))
    assert told.endswith("on that day already.")
    assert Cover.objects.count() == 1


def test_two_approve_the_same_deletion(cast: Cast, meanwhile: ThreadPoolExecutor) -> None:
    with acting_for(cast.school):
        old = REGISTER_TIME.replace(year=2018)
        ScheduledRun.objects.create(school=cast.school, task="a", day=old, started_at=old)
    what = {"school": cast.school, "category": "running", "shown": 1}
    told = pressed_twice(cast, meanwhile, lambda: approve_disposal(by=cast.actor("head"), **what))
    assert told == "This is approved already."
    assert DisposalApproval.objects.count() == 1


def test_two_add_the_same_person(cast: Cast, meanwhile: ThreadPoolExecutor) -> None:
    who = {"email": "new@school.example", "name": "Nia New", "role": Role.OFFICE, "position": "Clerk"}
    told = pressed_twice(cast, meanwhile, lambda: add_person(school=cast.school, by=cast.actor("technician"), **who))
    assert told == "Nia New is office staff at this school already."
    assert User.objects.filter(email=who["email"]).count() == 1
