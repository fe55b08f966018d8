"""Planned absences: the rules, the preview, and that two plans never stand for one session."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from attendance_mis import audit
from attendance_mis.actions import Refused
from attendance_mis.models import AuditRow
from registers.actions import replanning
from registers.actions.planning import cancel_absence, plan_absence, preview_absence
from registers.calendar_rules import Session
from registers.codes import by_number, code_for
from registers.models import Amendment, Mark, PlannedAbsence, Registration
from registers.planning import Plan, advice, outside, sessions_of, why_not_for_pupil, why_not_plan
from tests import factories
from tests.conftest import TODAY

AM, PM = Session
MONDAY = date(2025, 3, 10)
HELD = [(MONDAY + timedelta(n), session) for n in (1, 2, 3, 4, 7, 8, 9, 10, 11) for session in Session]
TRIP = Plan("activity", "V", TODAY, TODAY, note="Science Museum")
PART_TIME = Plan(
    "part_time",
    "C2",
    TODAY,
    TODAY + timedelta(30),
    only_session=PM,
    note="Agreed with mother",
    review_on=TODAY + timedelta(14),
)


def reasons(plan, slots=None, *, head=True):
    return why_not_plan(plan, sessions_of(plan, HELD) if slots is None else slots, today=TODAY, may_decide_leave=head)


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        pytest.param(replace(TRIP, end=TODAY - timedelta(1)), "end is before", id="order"),
        pytest.param(replace(TRIP, start_session=PM, end_session=AM), "end is before", id="order of sessions"),
        pytest.param(replace(TRIP, letter="I"), "not a code of this kind", id="kind"),
        pytest.param(replace(TRIP, start=MONDAY, end=MONDAY), "time is over", id="past"),
        pytest.param(replace(TRIP, end=TODAY + timedelta(400)), "a year at most", id="too long"),
        pytest.param(replace(TRIP, note=" "), "nature of the activity", id="law.md 1.16"),
        pytest.param(Plan("closure", "Y3", TODAY, TODAY), "the cause", id="law.md 1.20"),
        pytest.param(Plan("religious", "R", TODAY, TODAY + timedelta(1)), "single day", id="law.md 1.18"),
        pytest.param(replace(PART_TIME, note=""), "what was agreed", id="law.md 1.11"),
        pytest.param(replace(PART_TIME, review_on=None), "reviewed", id="law.md 3.29"),
        pytest.param(replace(PART_TIME, review_on=TODAY + timedelta(31)), "between", id="review in time"),
        pytest.param(Plan("leave", "C1", date(2024, 8, 1), TODAY), "not in force", id="law.md 2.5"),
    ],
)
def test_a_plan_that_cannot_stand(plan, words):
    assert words in " ".join(reasons(plan, HELD))


def test_no_session_falls_in_a_plan_of_a_weekend():
    saturday = MONDAY + timedelta(5)
    assert "No session" in reasons(replace(TRIP, start=saturday, end=saturday + timedelta(1)))[0]


@pytest.mark.parametrize("plan", [TRIP, PART_TIME, Plan("dual", "D", TODAY, TODAY, weekdays=0b00010)])
def test_a_plan_that_can_stand(plan):
    assert reasons(plan) == []


def test_leave_is_for_the_head():
    assert "headteacher" in reasons(Plan("leave", "C", TODAY, TODAY), head=False)[0]
    assert "headteacher" in reasons(PART_TIME, head=False)[0]
    assert reasons(Plan("leave", "S", TODAY, TODAY), head=False) == []


COMPULSORY = (date(2020, 1, 1), date(2030, 1, 1))
ON_ROLL = [(date(2023, 9, 1), None)]


@pytest.mark.parametrize(
    ("plan", "compulsory", "spells", "words"),
    [
        (Plan("part_time", "X", TODAY, TODAY), COMPULSORY, ON_ROLL, "compulsory school age"),
        (PART_TIME, (TODAY + timedelta(2), date(2030, 1, 1)), ON_ROLL, "compulsory school age"),
        (TRIP, COMPULSORY, [(date(2023, 9, 1), MONDAY)], "not on roll on 11 March 2025"),
        (TRIP, COMPULSORY, ON_ROLL, ""),
        (Plan("part_time", "X", TODAY, TODAY), (TODAY + timedelta(2), date(2030, 1, 1)), ON_ROLL, ""),
    ],
)
def test_whom_a_plan_fits(plan, compulsory, spells, words):
    found = why_not_for_pupil(plan, sessions_of(plan, HELD), compulsory=compulsory, spells=spells)
    assert words in " ".join(found)
    assert bool(found) == bool(words)


def test_the_sixth_day_of_an_exclusion_is_named():
    plan = Plan("exclusion", "E", TODAY, TODAY + timedelta(20))
    assert "18 March 2025" in advice(plan, sessions_of(plan, HELD))[0]
    short = replace(plan, end=TODAY + timedelta(3))
    assert advice(short, sessions_of(short, HELD)) == []


# Planning


def plan(cast, what=TRIP, pupils=None, **kwargs):
    return plan_absence(
        school=cast.school, pupils=pupils or cast.pupils[:2], plan=what, by=cast.actor("office"), **kwargs
    )


pytest_clock = pytest.mark.usefixtures("clock")


@pytest_clock
def test_a_plan_for_several_pupils_pre_fills_their_sessions(cast):
    plan(cast)
    planned = PlannedAbsence.objects.planned_for(TODAY, AM)
    assert {(each.pupil, each.code, each.note) for each in planned} == {
        (pupil, code_for("V", TODAY).number, "Science Museum") for pupil in cast.pupils[:2]
    }
    assert AuditRow.objects.filter(verb="plan_absence").count() == 2


@pytest_clock
def test_a_plan_that_is_wholly_covered_is_replaced(cast):
    [appointment] = plan(cast, Plan("appointment", "M", TODAY, TODAY, end_session=AM), cast.pupils[:1])
    plan(cast)
    appointment.refresh_from_db()
    assert appointment.cancelled_at
    assert PlannedAbsence.objects.planned_for(TODAY, AM, [cast.pupils[0].pk]).get().code == code_for("V", TODAY).number


@pytest_clock
def test_a_plan_that_overlaps_another_is_refused_or_the_pupil_left_out(cast):
    plan(cast, PART_TIME, cast.pupils[:1], may_decide_leave=True)
    with pytest.raises(Refused, match="has another plan in this time"):
        plan(cast)
    assert PlannedAbsence.objects.count() == 1
    assert [each.pupil for each in plan(cast, leave_out=True)] == [cast.pupils[1]]


@pytest_clock
def test_plans_that_share_days_and_no_session_stand_together(cast):
    plan(cast, PART_TIME, cast.pupils[:1], may_decide_leave=True)
    plan(cast, replace(TRIP, end_session=AM), cast.pupils[:1])
    assert PlannedAbsence.objects.planned_for(TODAY, AM).get().kind == "activity"
    assert PlannedAbsence.objects.planned_for(TODAY, PM).get().kind == "part_time"


@pytest_clock
def test_a_plan_of_nobody_or_of_another_schools_child_is_refused(cast):
    with pytest.raises(Refused, match="at least one pupil"):
        plan(cast, pupils=cast.strange_pupils)


@pytest_clock
def test_marks_that_stand_are_told_and_kept(cast):
    Mark.objects.create(
        school=cast.school, pupil=cast.pupils[0], day=TODAY, session=AM, code=code_for("/", TODAY).number, entry_id=1
    )
    preview = preview_absence(school=cast.school, pupils=cast.pupils[:2], plan=TRIP, may_decide_leave=False)
    assert sorted(each.marked for each in preview.pupils) == [0, 1]


@pytest_clock
def test_a_plan_is_cancelled_before_it_begins_and_ended_after(cast, clock):
    [coming] = plan(cast, replace(TRIP, start=TODAY, end=TODAY + timedelta(3)), cast.pupils[:1])
    [other] = plan(cast, replace(TRIP, start=TODAY + timedelta(1), end=TODAY + timedelta(1)), cast.pupils[1:2])
    clock.shift(timedelta(1))
    for planned in (coming, other):
        cancel_absence(planned=planned, by=cast.actor("office"), reason="Coach broke down")
        planned.refresh_from_db()
    assert (coming.end, coming.cancelled_at) == (TODAY, None)
    assert other.cancelled_at
    with pytest.raises(Refused, match="over already"):
        cancel_absence(planned=other, by=cast.actor("office"))


@pytest_clock
def test_a_trip_is_cancelled_for_everybody(cast):
    [first, *_] = plan(cast, pupils=cast.pupils)
    [other] = plan(cast, replace(TRIP, note="Zoo"), cast.other_pupils[:1])
    assert cancel_absence(planned=first, by=cast.actor("office"), for_all=True) == len(cast.pupils)
    assert list(PlannedAbsence.objects.standing()) == [other]


@pytest_clock
def test_nothing_is_planned_when_the_audit_fails(cast, monkeypatch):
    monkeypatch.setattr(audit, "record", lambda *args, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        plan(cast)
    assert not PlannedAbsence.objects.exists()


# Marks that stand, changes, closures


def stand(cast, pupil, letter="/", session=AM):
    number = code_for(letter, TODAY).number
    Mark.objects.create(school=cast.school, pupil=pupil, day=TODAY, session=session, code=number, entry_id=1)


def letters(cast):
    marks = Mark.objects.filter(day=TODAY).order_by("pupil__pk", "session")
    return [by_number(mark.code).letter for mark in marks]


@pytest_clock
def test_marks_that_stand_become_the_plans_when_asked_for(cast, clock):
    clock.shift(timedelta(hours=1))
    stand(cast, cast.pupils[0], "N")
    seen = preview_absence(school=cast.school, pupils=cast.pupils[:2], plan=TRIP, may_decide_leave=False).seen
    with pytest.raises(Refused, match="Give the reason"):
        plan(cast, amend=seen)
    assert not PlannedAbsence.objects.exists()
    plan(cast, amend=seen, reason="On the trip; the list came late.")
    assert letters(cast) == ["V"]
    amendment = Amendment.objects.get()
    assert (amendment.reason, amendment.amended_note) == ("On the trip; the list came late.", "Science Museum")


@pytest_clock
def test_a_mark_changed_since_it_was_shown_is_not_overwritten(cast):
    stand(cast, cast.pupils[0], "N")
    with pytest.raises(Refused, match="changed meanwhile"):
        plan(cast, amend="of another time", reason="x")
    assert letters(cast) == ["N"]


def change(cast, planned, what, pupils, **kwargs):
    group = replanning.group_of(planned)
    found = replanning.preview_change(school=cast.school, group=group, pupils=pupils, plan=what, may_decide_leave=False)
    replanning.change_absence(
        school=cast.school, planned=planned, for_all=True, pupils=pupils, plan=what, by=cast.actor("office"),
        amend=found.seen, **kwargs,
    )  # fmt: skip
    return found


@pytest_clock
def test_a_trip_is_changed_after_the_register_was_taken(cast, clock):
    stays, leaves, joins = cast.pupils[:3]
    [first, _] = plan(cast, pupils=[stays, leaves])
    clock.shift(timedelta(hours=1))
    for pupil in (stays, leaves):
        stand(cast, pupil, "V")
    stand(cast, joins, "/")
    zoo = replace(TRIP, note="London Zoo")
    found = change(cast, first, zoo, [stays, joins], instead="/", reason="The list was wrong.")
    assert ([each.pupil for each in found.left], found.renamed, found.preview.marked) == ([leaves], 1, 1)
    assert letters(cast) == ["V", "/", "V"]
    assert {mark.note for mark in Mark.objects.filter(code=code_for("V", TODAY).number)} == {"London Zoo"}
    assert Amendment.objects.count() == 3
    planned = PlannedAbsence.objects.planned_for(TODAY, AM)
    assert {(each.pupil, each.note) for each in planned} == {(stays, "London Zoo"), (joins, "London Zoo")}


@pytest_clock
def test_a_trip_of_yesterday_is_put_right(cast, clock):
    [first, _] = plan(cast)
    clock.shift(timedelta(days=1))
    change(cast, first, replace(TRIP, end_session=AM), cast.pupils[:2])
    assert not PlannedAbsence.objects.planned_for(TODAY, PM).exists()
    assert PlannedAbsence.objects.planned_for(TODAY, AM).count() == 2


@pytest_clock
def test_a_closure_comes_between_and_leave_goes_on_around_it(cast):
    [leave] = plan(cast, Plan("leave", "S", TODAY, TODAY + timedelta(6)), cast.pupils[:1])
    tomorrow = TODAY + timedelta(1)
    closed = Plan("closure", "Y4", tomorrow, tomorrow, end_session=AM, note="Burst pipe")
    shown = preview_absence(school=cast.school, pupils=cast.pupils[:2], plan=closed, may_decide_leave=False)
    assert [len(each.splits) for each in sorted(shown.pupils, key=lambda each: each.pupil.pk)] == [1, 0]
    plan(cast, closed)
    kinds = [
        PlannedAbsence.objects.planned_for(day, session, [leave.pupil_id]).get().kind
        for day, session in ((TODAY, PM), (tomorrow, AM), (tomorrow, PM), (TODAY + timedelta(6), PM))
    ]
    assert kinds == ["leave", "closure", "leave", "leave"]


@pytest.mark.parametrize(
    ("start", "end", "parts"),
    [
        (0, 0, [(1, 4)]),
        (4, 4, [(0, 3)]),
        (2, 3, [(0, 1), (4, 4)]),
        (-1, 5, []),
    ],
)
def test_what_is_left_of_a_plan_around_another(start, end, parts):
    def days(first, last):
        return replace(TRIP, start=MONDAY + timedelta(first), end=MONDAY + timedelta(last))

    assert outside(days(0, 4), days(start, end)) == [days(*part) for part in parts]


@pytest_clock
def test_a_plan_on_a_closed_day_says_what_closes_the_school(cast):
    day = date(2025, 5, 5)
    with pytest.raises(Refused, match="The school is closed: Bank holiday, 5 May 2025"):
        plan(cast, replace(TRIP, start=day, end=day))
    shown = preview_absence(
        school=cast.school, pupils=cast.pupils, plan=replace(TRIP, start=day, end=date(2025, 5, 6)),
        may_decide_leave=False,
    )  # fmt: skip
    assert shown.closures == ("Bank holiday, 5 May 2025",)


plans = st.builds(
    replace,
    st.just(TRIP),
    start=st.dates(TODAY, TODAY + timedelta(6)),
    end=st.dates(TODAY, TODAY + timedelta(10)),
    start_session=st.sampled_from(Session),
    end_session=st.sampled_from(Session),
    weekdays=st.integers(0, 31),
    only_session=st.sampled_from([None, AM, PM]),
).filter(lambda each: each.start <= each.end)


@settings(max_examples=40)
@given(plan=plans)
def test_the_query_and_the_rule_cover_the_same_sessions(cast, plan):
    PlannedAbsence.objects.all().delete()
    row = PlannedAbsence(
        school=cast.school, pupil=cast.pupils[0], kind=plan.kind, start=plan.start, start_session=plan.start_session,
        end=plan.end, end_session=plan.end_session, weekdays=plan.weekdays, only_session=plan.only_session,
        code=plan.code().number, note=plan.note, noted_at="2025-03-11T09:00Z",
    )  # fmt: skip
    row.save()
    assert row.plan == plan
    for slot in HELD:
        assert PlannedAbsence.objects.planned_for(*slot).exists() == plan.covers(slot), slot


# Pages


def url(cast, name, *args):
    return reverse(f"registers:{name}", args=[cast.school.urn, *args])


def data(cast, **kwargs):
    return {
        "what": "activity:V",
        "pupils": [pupil.pk for pupil in cast.pupils[:2]],
        "start": "2025-03-11",
        "start_session": 1,
        "end_session": 2,
        "note": "Science Museum",
    } | kwargs


@pytest_clock
def test_what_a_plan_would_do_is_shown_then_saved(cast):
    client, address = cast.client("office"), url(cast, "plan_absence") + f"?class={cast.own_class.pk}"
    shown = client.post(address, data(cast))
    assert [len(shown.context["preview"].can), shown.status_code] == [2, 200]
    assert not PlannedAbsence.objects.exists()
    assert client.post(address, data(cast, save="1")).status_code == 302
    assert PlannedAbsence.objects.count() == 2
    page = client.get(url(cast, "see_planned"))
    assert (len(page.context["table"].rows), "2 pupils" in page.text) == (1, True)
    assert cast.pupils[0].surname in page.text


@pytest_clock
def test_everybody_of_a_class_goes_on_a_trip(cast):
    address = url(cast, "plan_absence") + f"?class={cast.own_class.pk}"
    cast.client("office").post(address, data(cast, pupils=[], everybody="on", save="1"))
    assert PlannedAbsence.objects.count() == len(cast.pupils)


@pytest_clock
@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"pupils": []}, "Choose at least one pupil"),
        ({"note": ""}, "needs the nature"),
        ({"what": "leave:C"}, "headteacher"),
        ({"what": "leave:H"}, "Select a valid choice"),
        ({"start": "2025-03-15"}, "No session"),
    ],
)
def test_a_refused_plan_keeps_what_was_typed(cast, wrong, words):
    address = url(cast, "plan_absence") + f"?class={cast.own_class.pk}"
    answer = cast.client("office").post(address, data(cast, **wrong))
    assert answer.status_code == 422
    assert words in answer.text
    assert not PlannedAbsence.objects.exists()


@pytest_clock
def test_a_child_of_another_school_is_refused(cast):
    answer = cast.client("office").post(url(cast, "plan_absence"), data(cast, pupils=[cast.strange_pupils[0].pk]))
    assert answer.status_code == 422


@pytest_clock
def test_a_plan_is_cancelled_by_page(cast):
    [planned] = plan(cast, pupils=cast.pupils[:1])
    answer = cast.client("office").post(url(cast, "cancel_absence", planned.pk), {"reason": "No coach"})
    assert answer.url == cast.pupils[0].get_absolute_url()
    assert AuditRow.objects.get(verb="cancel_absence").data["reason"] == "No coach"


@pytest_clock
def test_a_trip_is_cancelled_for_everybody_by_page(cast):
    [first, _] = plan(cast)
    address = url(cast, "cancel_absence", first.pk)
    assert "The same plan of 1 other pupil too" in cast.client("office").get(address).text
    cast.client("office").post(address, {"for_all": "on"})
    assert not PlannedAbsence.objects.standing().exists()


@pytest_clock
def test_the_preview_asks_the_same_for_more_pupils(cast):
    client, address = cast.client("office"), url(cast, "plan_absence") + f"?class={cast.own_class.pk}"
    counts = []
    for size in (1, 5):
        with CaptureQueriesContext(connection) as found:
            client.post(address, data(cast, pupils=[pupil.pk for pupil in cast.pupils[:size]]))
        counts.append(len(found))
    assert counts[0] == counts[1]


@pytest_clock
def test_a_trip_is_changed_by_page(cast, clock):
    [first, _] = plan(cast)
    clock.shift(timedelta(hours=1))
    stand(cast, cast.pupils[1], "V")
    client, address = cast.client("office"), url(cast, "change_absence", first.pk)
    assert "1 other pupil has the same plan" in client.get(address).text
    wanted = data(cast, pupils=[cast.pupils[0].pk, cast.pupils[2].pk], note="Zoo")
    shown = client.post(address + "?all", wanted)
    assert "Marks that the plan entered and no longer covers" in shown.text
    marks = {"amend": "on", "seen": shown.context["change"].seen, "instead": "N"}
    refused = client.post(address + "?all", wanted | marks | {"save": "1"})
    assert (refused.status_code, "Give the reason" in refused.text) == (422, True)
    assert client.post(address + "?all", wanted | marks | {"save": "1", "reason": "Ill today."}).status_code == 302
    assert letters(cast) == ["N"]


@pytest_clock
def test_a_closure_is_planned_for_the_whole_school(cast):
    address = url(cast, "plan_absence") + "?class=all"
    closed = data(cast, what="closure:Y4", pupils=[], everybody="on", note="Burst pipe", save="1")
    assert cast.client("office").post(address, closed).status_code == 302
    assert PlannedAbsence.objects.count() == len(cast.pupils) + len(cast.other_pupils)


@pytest_clock
def test_with_nobody_to_choose_the_page_says_what_to_do(cast):
    client, address = cast.client("office"), url(cast, "plan_absence")
    empty = factories.ClassGroupFactory(school=cast.school, name="Empty")
    assert "Nobody is in this class today." in client.get(address + f"?class={empty.pk}").text
    for page in (address, address + "?class=all", address + f"?class={cast.own_class.pk}"):
        assert "Nobody is" not in client.get(page).text
    Registration.objects.update(leaving_date=TODAY - timedelta(days=1), leaving_ground="g")
    page = client.get(address).text
    assert "Nobody is on roll today." in page
    assert url(cast, "see_classes") in page.split("</h1>")[1]
    assert "Choose a class" not in page
