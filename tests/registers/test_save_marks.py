"""Save marks while taking a register: each answer, each refusal, and nothing lost or entered twice."""

import json
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from attendance_mis.permissions import Role
from registers.codes import by_number, code_for
from registers.models import Amendment, ClassMembership, Entry, Mark, PlannedAbsence, Proposal, Register
from tests import factories
from tests.conftest import REGISTER_TIME, TODAY, Cast


@pytest.fixture(autouse=True)
def _clock(clock):
    """09:05, the register has been open for five minutes."""


class Page:
    """One person's open register page of the class 3A this morning."""

    def __init__(self, cast: Cast, role: str, day: date = TODAY, session: str = "AM", group=None) -> None:
        self.client = cast.client(role)
        self.url = cast.url(f"registers/{(group or cast.own_class).pk}/{day}/{session}/")

    def open(self):
        return self.client.get(self.url)

    def save(self, *marks, key=None, age=0, reason="", raw=None):
        body = raw or {
            "key": str(key or uuid4()),
            "age": age,
            "reason": reason,
            "marks": [
                {"pupil": pupil.pk, "code": code, "version": version, **dict(more)}
                for pupil, code, version, *more in ((*m[:3], *(x.items() for x in m[3:])) for m in marks)
                for more in [more[0] if more else ()]
            ],
        }
        answer = self.client.post(self.url + "save/", json.dumps(body), content_type="application/json")
        return answer.status_code, answer.json()

    def mark(self, pupil, code, version=0, *, key=None, age=0, reason="", **more):
        """Save one mark; its answer."""
        status, body = self.save((pupil, code, version, more), key=key, age=age, reason=reason)
        assert status == 200, body
        return body["answers"][0]


@pytest.fixture
def teacher(cast):
    page = Page(cast, Role.TEACHER)
    page.open()
    return page


@pytest.fixture
def office(cast, teacher):
    return Page(cast, Role.OFFICE)


def standing(pupil):
    mark = Mark.objects.filter(pupil=pupil, day=TODAY, session=1).first()
    return mark and by_number(mark.code).letter


def test_a_mark_is_taken_with_its_version(cast, teacher):
    pupil = cast.pupils[0]
    answer = teacher.mark(pupil, "L", minutes=7, note="the bus")
    mark = Mark.objects.get(pupil=pupil)
    assert answer == {"pupil": pupil.pk, "outcome": "taken", "version": mark.entry_id}
    assert (mark.code, mark.minutes_late, mark.note) == (code_for("L", TODAY).number, 7, "the bus")
    entry = Entry.objects.get(pk=mark.entry_id)
    assert (entry.source, entry.by_name, entry.by_position) == ("teacher", cast.people["teacher"].name, "Class teacher")
    assert not Amendment.objects.exists()


def test_all_present_is_one_save(cast, teacher):
    teacher.save(*((pupil, "/", 0) for pupil in cast.pupils))
    assert Entry.objects.count() == 1
    assert Mark.objects.count() == len(cast.pupils)


def test_until_the_register_is_sent_a_correction_asks_no_reason(cast, teacher):
    pupil = cast.pupils[0]
    version = teacher.mark(pupil, "/")["version"]
    assert teacher.mark(pupil, "N", version)["outcome"] == "taken"
    assert standing(pupil) == "N"
    assert not Amendment.objects.exists()


def test_a_mark_taken_back_is_blank(cast, teacher):
    pupil = cast.pupils[0]
    version = teacher.mark(pupil, "/")["version"]
    assert teacher.mark(pupil, "", version) == {"pupil": pupil.pk, "outcome": "taken", "version": 0}
    assert standing(pupil) is None


def test_the_same_save_twice_is_entered_once_and_answered_alike(cast, teacher):
    key = uuid4()
    marks = [(cast.pupils[0], "/", 0), (cast.pupils[1], "L", 0, {"minutes": 3})]
    first = teacher.save(*marks, key=key)
    assert teacher.save(*marks, key=key) == first
    assert Entry.objects.filter(key=key).count() == 1


def test_the_same_save_after_somebody_else_changed_the_mark_changes_nothing(cast, teacher, office):
    pupil, key = cast.pupils[0], uuid4()
    first = teacher.mark(pupil, "/", key=key)
    office.mark(pupil, "I", first["version"])
    assert teacher.mark(pupil, "/", key=key) == first
    assert standing(pupil) == "I"


def test_a_stale_mark_is_a_clash_with_name_time_and_mark_and_waits_for_a_decision(cast, teacher, office):
    pupil = cast.pupils[0]
    office.mark(pupil, "M", note="dentist")
    answer = teacher.mark(pupil, "/", 0)
    assert answer["outcome"] == "clash"
    assert answer["standing"]["code"] == "M"
    assert answer["standing"]["by"] == cast.people["office"].name
    assert "dentist" in answer["standing"]["said"]
    assert "09:05" in answer["standing"]["said"]
    assert standing(pupil) == "M"
    proposal = Proposal.objects.get()
    assert (proposal.pupil_id, proposal.made_by, proposal.decided_at) == (pupil.pk, cast.people["teacher"], None)


def test_what_both_entered_alike_is_no_clash(cast, teacher, office):
    version = office.mark(cast.pupils[0], "N")["version"]
    assert teacher.mark(cast.pupils[0], "N") == {"pupil": cast.pupils[0].pk, "outcome": "taken", "version": version}
    assert Entry.objects.count() == 1


def test_a_clash_is_settled_by_an_explicit_choice(cast, teacher, office):
    pupil = cast.pupils[0]
    office.mark(pupil, "M", note="dentist")
    version = teacher.mark(pupil, "/")["standing"]["version"]
    assert teacher.mark(pupil, "/", version)["outcome"] == "refused"  # over the office's mark only with a note
    assert teacher.mark(pupil, "/", version, note="She is here")["outcome"] == "taken"
    assert Proposal.objects.get().is_accepted


def test_a_clash_may_be_decided_for_the_mark_that_stands(cast, teacher, office):
    pupil = cast.pupils[0]
    office.mark(pupil, "M")
    teacher.mark(pupil, "/")
    assert teacher.client.post(teacher.url + "keep/", {"pupil": pupil.pk}).status_code == 200
    assert Proposal.objects.get().is_accepted is False
    assert standing(pupil) == "M"
    assert teacher.client.post(teacher.url + "keep/", {"pupil": pupil.pk}).status_code == 422


def test_nobody_else_decides_a_clash_but_the_office(cast, teacher, office):
    office.mark(cast.pupils[0], "M")
    teacher.mark(cast.pupils[0], "/")
    safeguarding = Page(cast, Role.SAFEGUARDING)
    answer = safeguarding.client.post(safeguarding.url + "keep/", {"pupil": cast.pupils[0].pk})
    assert answer.status_code == 422
    assert Proposal.objects.get().decided_at is None


def test_a_clash_of_one_pupil_does_not_hold_up_the_others(cast, teacher, office):
    first, second = cast.pupils[:2]
    office.mark(first, "I")
    _, body = teacher.save((first, "/", 0), (second, "/", 0))
    assert [each["outcome"] for each in body["answers"]] == ["clash", "taken"]
    assert standing(second) == "/"


@pytest.mark.parametrize(
    ("code", "more", "sentence"),
    [
        ("QQ", {}, "QQ is not an attendance code"),
        ("H", {}, "H is not in force"),
        ("I", {}, "I is set by the office"),
        ("C", {}, "C is set by the office"),
        ("#", {}, "# is set by the office"),
        ("N", {"minutes": 5}, "Minutes late belong to L and U"),
        ("L", {"minutes": 25}, "L is less than 25 minutes late"),
        ("N", {"note": "x" * 501}, "at most 500"),
    ],
)
def test_a_teacher_is_refused_in_a_sentence(cast, teacher, code, more, sentence):
    answer = teacher.mark(cast.pupils[0], code, **more)
    assert answer["outcome"] == "refused"
    assert sentence in answer["reasons"][0]
    assert standing(cast.pupils[0]) is None


@pytest.mark.parametrize(
    ("code", "more", "sentence"),
    [
        ("V", {}, "V needs the nature of the activity"),
        ("Y1", {}, "Y1 needs the cause"),
        ("X", {}, "X is only for a pupil outside compulsory school age"),
        ("C2", {}, "C2 is for the headteacher"),
        ("Z", {}, "Z is not a mark"),
    ],
)
def test_the_office_is_refused_in_a_sentence(cast, office, code, more, sentence):
    answer = office.mark(cast.pupils[0], code, **more)
    assert answer["outcome"] == "refused"
    assert sentence in answer["reasons"][0]


def test_a_pupil_of_another_class_is_refused_and_the_rest_is_taken(cast, teacher):
    _, body = teacher.save((cast.other_pupils[0], "/", 0), (cast.strange_pupils[0], "/", 0), (cast.pupils[0], "/", 0))
    assert [each["outcome"] for each in body["answers"]] == ["refused", "refused", "taken"]
    assert "not on the roll of this class" in body["answers"][0]["reasons"][0]
    assert Mark.objects.count() == 1


def test_a_pupil_who_left_yesterday_is_refused(cast, teacher):
    cast.pupils[0].registrations.update(leaving_date=TODAY - timedelta(1), leaving_ground="a")
    answer = teacher.mark(cast.pupils[0], "/")
    assert (answer["outcome"], "not on the roll" in answer["reasons"][0]) == ("refused", True)
    assert not Mark.objects.exists()


@pytest.mark.parametrize("number", ["x", "9" * 5000, "-1"])
def test_a_forged_number_is_no_error_of_the_server(cast, teacher, number):
    assert teacher.client.post(f"{teacher.url}keep/", {"pupil": number}).status_code == 400
    assert teacher.client.get(f"{teacher.url}changes/?since={number}").status_code == 400
    assert teacher.client.post(f"{teacher.url}send/", {"age": number, "blanks": "N"}).status_code == 200


def test_a_class_that_is_not_hers_is_forbidden_and_another_schools_is_no_page(cast, teacher):
    for group, status in ((cast.other_class, 403), (cast.strange_class, 404)):
        page = Page(cast, Role.TEACHER, group=group)
        body = json.dumps({"key": str(uuid4()), "marks": [{"pupil": cast.pupils[0].pk, "code": "/", "version": 0}]})
        assert page.client.post(page.url + "save/", body, content_type="application/json").status_code == status
    assert not Mark.objects.exists()


@pytest.mark.parametrize(
    ("day", "session", "sentence"),
    [
        (TODAY + timedelta(days=1), "AM", "opens on Wednesday 12 March at 09:00"),
        (TODAY, "PM", "opens on Tuesday 11 March at 13:00"),
        (date(2025, 3, 8), "AM", "The school is closed"),
    ],
)
def test_a_session_to_come_or_a_closed_day_takes_no_mark(cast, day, session, sentence):
    page = Page(cast, Role.TEACHER, day, session)
    status, body = page.save((cast.pupils[0], "/", 0))
    assert (status, sentence in body["reasons"][0]) == (422, True)
    assert not Mark.objects.exists()
    assert not Register.objects.exists()


@pytest.mark.parametrize(
    "raw",
    [
        [],
        {"marks": []},
        {"key": "nonsense", "marks": [{"pupil": 1, "code": "/", "version": 0}]},
        {"key": str(uuid4()), "marks": [{"pupil": "x", "code": "/", "version": 0}]},
        {"key": str(uuid4()), "marks": [{"pupil": 2**40, "code": "/", "version": 0}]},
        {"key": str(uuid4()), "marks": [{"pupil": 1, "code": "/", "version": -1}]},
        {"key": str(uuid4()), "marks": [{"pupil": 1, "code": "/", "version": 0}] * 2},
        {"key": str(uuid4()), "marks": [{"pupil": 1, "code": ["/"], "version": 0}]},
    ],
)
def test_what_is_no_save_is_refused_whole(teacher, raw):
    status, body = teacher.save(raw=raw)
    assert (status, list(body)) == (400, ["reasons"])


def test_ten_megabytes_of_note_are_refused_and_nothing_is_written(cast, teacher):
    status, body = teacher.save((cast.pupils[0], "N", 0, {"note": "x" * 10_000_000}))
    assert (status, "Shorten the note" in body["reasons"][0]) == (413, True)
    assert not Mark.objects.exists()


def plan(cast, pupil, letter="M", note="dentist at 09:30", **more):
    return PlannedAbsence.objects.create(
        school=cast.school, pupil=pupil, kind="appointment", start=TODAY, end=TODAY, note=note,
        code=code_for(letter, TODAY).number, noted_at=REGISTER_TIME, noted_by=cast.people["office"], **more,
    )  # fmt: skip


def test_opening_the_register_enters_what_was_planned(cast):
    plan(cast, cast.pupils[0])
    plan(cast, cast.pupils[1], only_session=2)
    page = Page(cast, Role.TEACHER)
    page.open()
    page.open()
    assert [standing(pupil) for pupil in cast.pupils[:2]] == ["M", None]
    entry = Entry.objects.get()
    assert (entry.source, entry.notes) == ("planned", ["dentist at 09:30"])


def test_a_plan_is_overwritten_only_with_a_note_that_says_why(cast):
    pupil = cast.pupils[0]
    plan(cast, pupil)
    page = Page(cast, Role.TEACHER)
    page.open()
    version = Mark.objects.get().entry_id
    refused = page.mark(pupil, "/", version)
    assert "Add a note that says why" in refused["reasons"][0]
    assert "instead of taking it away" in page.mark(pupil, "", version)["reasons"][0]
    assert page.mark(pupil, "/", version, note="Came in, appointment moved")["outcome"] == "taken"


def test_a_plan_noted_later_explains_no_mark_of_an_earlier_one(cast):
    plan(cast, cast.pupils[0])
    page = Page(cast, Role.TEACHER)
    page.open()
    plan(cast, cast.pupils[0], "V", "museum")
    assert "museum" not in page.open().content.decode()


# After the close


def test_a_blank_of_a_register_never_sent_is_filled_after_the_close(cast, teacher, clock):
    clock.move_to(REGISTER_TIME.replace(hour=10))
    assert teacher.mark(cast.pupils[0], "/")["outcome"] == "taken"


def test_who_takes_a_register_late_may_put_her_own_marks_right_until_it_is_sent(cast, teacher, office, clock):
    first, second = cast.pupils[:2]
    clock.move_to(REGISTER_TIME.replace(hour=10))
    version = teacher.mark(first, "/")["version"]
    assert teacher.mark(first, "L", version, minutes=12)["outcome"] == "taken"
    version = office.mark(second, "/")["version"]
    assert teacher.mark(second, "N", version, note="not here")["outcome"] == "proposed"


def test_what_was_planned_may_be_put_back(cast):
    pupil = cast.pupils[0]
    plan(cast, pupil)
    page = Page(cast, Role.TEACHER)
    page.open()
    version = page.mark(pupil, "/", Mark.objects.get().entry_id, note="Came in")["version"]
    assert page.mark(pupil, "M", version, note="dentist at 09:30")["outcome"] == "taken"


def test_a_teachers_change_after_the_close_goes_to_the_office(cast, teacher, clock):
    pupil = cast.pupils[0]
    version = teacher.mark(pupil, "/")["version"]
    clock.move_to(REGISTER_TIME.replace(hour=10))
    answer = teacher.mark(pupil, "N", version)
    assert (answer["outcome"], standing(pupil)) == ("proposed", "/")
    assert Proposal.objects.get().code == code_for("N", TODAY).number
    again = teacher.mark(pupil, "L", version)
    assert again["outcome"] == "proposed"
    assert Proposal.objects.filter(decided_at=None).count() == 1


def test_a_mark_made_before_the_close_and_delivered_after_it_counts_as_made_then(cast, teacher, clock):
    pupil = cast.pupils[0]
    version = teacher.mark(pupil, "/")["version"]
    clock.move_to(REGISTER_TIME.replace(hour=10))
    assert teacher.mark(pupil, "N", version, age=55 * 60_000)["outcome"] == "taken"
    entry = Entry.objects.order_by("pk").last()
    assert (entry.made_at, entry.at) == (REGISTER_TIME.replace(minute=10), REGISTER_TIME.replace(hour=10))


def test_a_mark_is_never_older_than_the_opening_of_its_register(cast, teacher):
    teacher.mark(cast.pupils[0], "/", age=3_600_000)
    assert Entry.objects.get().made_at == REGISTER_TIME


def test_an_age_beyond_a_day_is_not_believed(cast, teacher, clock):
    version = teacher.mark(cast.pupils[0], "/")["version"]
    clock.move_to(REGISTER_TIME + timedelta(days=1, hours=1))
    assert Page(cast, Role.TEACHER).mark(cast.pupils[0], "N", version, age=25 * 3_600_000)["outcome"] == "proposed"


def test_the_office_amends_with_a_reason(cast, teacher, office, clock):
    pupil = cast.pupils[0]
    version = teacher.mark(pupil, "/")["version"]
    clock.move_to(REGISTER_TIME.replace(hour=10))
    assert "give the reason" in office.mark(pupil, "I", version)["reasons"][0]
    key = uuid4()
    answer = office.mark(pupil, "I", version, reason="Mother rang: sent home ill", key=key)
    assert answer["outcome"] == "amended"
    amendment = Amendment.objects.get()
    assert (amendment.original, amendment.amended) == (code_for("/", TODAY).number, code_for("I", TODAY).number)
    assert (amendment.reason, amendment.by_position) == ("Mother rang: sent home ill", "Office staff")
    assert (
        office.mark(pupil, "I", version, reason="Mother rang: sent home ill", key=key)["version"] == answer["version"]
    )
    assert Amendment.objects.count() == 1


def test_after_the_close_a_mark_is_not_taken_away(cast, teacher, clock):
    version = teacher.mark(cast.pupils[0], "/")["version"]
    clock.move_to(REGISTER_TIME.replace(hour=10))
    assert "not taken away" in teacher.mark(cast.pupils[0], "", version)["reasons"][0]


def test_a_past_register_is_opened_by_its_first_save(cast):
    day = date(2025, 3, 10)
    page = Page(cast, Role.TEACHER, day)
    page.open()
    assert not Register.objects.exists()
    assert page.mark(cast.pupils[0], "/")["outcome"] == "taken"
    assert Register.objects.get().day == day


# Live


def test_the_open_page_hears_what_the_office_entered_with_who_when_and_why(cast, teacher, office):
    since = teacher.mark(cast.pupils[0], "/")["version"]
    entry = office.mark(cast.pupils[1], "I", note="cold")["version"]
    Page(cast, Role.OFFICE, group=cast.other_class).mark(cast.other_pupils[0], "I")
    heard = teacher.client.get(f"{teacher.url}changes/?since={since}").json()
    mark = next(each for each in heard["marks"] if each["pupil"] == cast.pupils[1].pk)
    assert (mark["code"], mark["version"], mark["others"]) == ("I", entry, cast.people["office"].name)
    assert mark["said"] == f"Illness: cold. {cast.people['office'].name}, 09:05."
    assert {each["pupil"] for each in heard["marks"]} == {pupil.pk for pupil in cast.pupils[:2]}
    assert heard["since"] == entry


def test_after_a_clock_went_back_the_open_page_hears_of_nothing_that_no_longer_stands(cast, teacher, office, clock):
    """An entry of 09:20 looks new at 09:05, when the clock of the server, or of the demonstration, was set back."""
    clock.move_to(REGISTER_TIME + timedelta(minutes=15))
    gone = teacher.mark(cast.pupils[0], "N")["version"]
    changed = teacher.mark(cast.pupils[1], "/")["version"]
    clock.move_to(REGISTER_TIME)
    teacher.mark(cast.pupils[0], "", gone)
    since = office.mark(cast.pupils[1], "I", changed)["version"]
    clock.move_to(REGISTER_TIME + timedelta(minutes=1))
    heard = teacher.client.get(f"{teacher.url}changes/?since={since}").json()
    assert heard["marks"] == []
    heard = teacher.client.get(f"{teacher.url}changes/?since=0").json()["marks"]
    assert {mark["pupil"]: mark["code"] for mark in heard} == {cast.pupils[0].pk: "", cast.pupils[1].pk: "I"}


def test_both_pages_hear_of_a_clash(cast, teacher, office):
    office.mark(cast.pupils[0], "M")
    teacher.mark(cast.pupils[0], "/")
    hers = f"{cast.people['teacher'].name} marked / (Present AM) at 09:05"
    for page, mine, said in ((teacher, True, "You marked / at 09:05"), (office, False, hers)):
        [waiting] = page.client.get(f"{page.url}changes/?since=0").json()["waiting"]
        assert (waiting["pupil"], waiting["code"], waiting["mine"]) == (cast.pupils[0].pk, "/", mine)
        assert waiting["said"] == said


@pytest.mark.parametrize("since", ["", "x", "-1", str(2**31)])
def test_a_poll_that_makes_no_sense_is_refused(teacher, since):
    assert teacher.client.get(f"{teacher.url}changes/?since={since}").status_code == 400


# Cost


@pytest.mark.parametrize("verb", ["save", "open", "changes"])
def test_the_number_of_queries_does_not_grow_with_the_class(cast, verb):
    page = Page(cast, Role.TEACHER)
    page.open()

    def cost():
        marks = [(m.pupil, "/", 0) for m in ClassMembership.objects.filter(class_group=cast.own_class)]
        with CaptureQueriesContext(
            connection,
        ) as queries:
            if verb == "save":
                page.save(*marks)
            elif verb == "open":
                page.open()
            else:
                page.client.get(f"{page.url}changes/?since=0")
        Mark.objects.all().delete()
        return len([q for q in queries if "django_session" not in q["sql"] and "SAVEPOINT" not in q["sql"]])

    few = cost()
    for pupil in factories.PupilFactory.create_batch(25, school=cast.school):
        factories.RegistrationFactory(pupil=pupil)
        factories.ClassMembershipFactory(pupil=pupil, class_group=cast.own_class)
    assert cost() == few <= 6
