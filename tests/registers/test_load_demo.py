"""The demonstration: loaded once for this file, on a Friday at half past nine in November."""

from collections import Counter
from datetime import date, datetime

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from attendance_mis import demo as demo_trust
from attendance_mis import seals
from attendance_mis.actors import Actor
from attendance_mis.models import AuditRow, School, Trust
from attendance_mis.permissions import Role
from attendance_mis.tenancy import acting_for
from bench import demo_rates
from casework.demo import tell_casework
from casework.models import Case, LeaveRequest, Plan, Proposal, Task
from letters.models import Copy, Letter, StoredPdf
from penalties.demo import tell_penalties
from penalties.models import Decision
from registers import codes, record
from registers.actions.exporting import export_school
from registers.actions.importing import import_pack
from registers.calendar_rules import Session, calendar_faults, school_days
from registers.demo import calendar, demo
from registers.demo.load import load_demo
from registers.demo.schools import ROPEWALK, SCHOOLS, WILLOW
from registers.models import (
    Amendment,
    ClassMembership,
    Contact,
    Mark,
    PlannedAbsence,
    Pupil,
    Register,
    Registration,
    Teaching,
)
from registers.siblings import siblings_of
from reports.frozen import frozen
from tests.factories import LONDON

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=LONDON)
TODAY = NOW.date()
# England's primary schools in 2025/26 (DfE, daily attendance data, year to date of 23 July 2026).
ENGLAND = {"absence": 5.28, "unauthorised": 1.55, "I": 2.79, "persistent": 13.77}
WITHIN = {"absence": 0.3, "unauthorised": 0.2, "I": 0.3, "persistent": 2.0}

# Every test: without the mark no test database is made, and the fixture would load into the one at hand.
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def loaded(empty_stage, django_db_blocker):
    with django_db_blocker.unblock(), time_machine.travel(NOW, tick=False), transaction.atomic():
        load_demo()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        schools = list(School.objects.order_by("urn"))
        with acting_for(*schools):
            yield schools
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def years(loaded):
    return {year: demo_rates.rates_of(year, [school.pk for school in loaded]) for year in (2023, 2024, 2025)}


@pytest.fixture(scope="module")
def last_year(years):
    return years[2025]


def on(day):
    return Pupil.objects.on_roll(day)


def test_two_schools_of_a_trust(loaded):
    willow, ropewalk = loaded
    assert Trust.objects.get().schools.count() == 2
    assert all(school.is_demo for school in loaded)
    assert on(TODAY).filter(school=willow).count() == 420
    assert on(TODAY).filter(school=ropewalk).count() == 210


def test_classes_of_thirty_and_one_of_thirty_four(loaded):
    spells = ClassMembership.objects.filter(start__lte=TODAY, end=None, pupil__in=on(TODAY))
    sizes = Counter(spells.values_list("class_group", flat=True))
    assert len(sizes) == 21
    assert sorted(sizes.values())[-2:] == [30, 34]
    assert min(sizes.values()) == 29
    assert Teaching.objects.filter(end=None).count() == 21


def test_no_family_is_larger_than_families_are(loaded):
    """A mobile or an e-mail tells siblings: two families must not share one."""
    for school in loaded:
        with acting_for(school):
            sizes = [len(others) + 1 for others in siblings_of(school).values()]
        assert sizes
        assert max(sizes) <= 8  # with those who have left


def test_last_year_s_class_is_another(loaded):
    child = (
        on(TODAY).filter(school=loaded[0], year_group="4", registrations__admission_date__lt=date(2024, 1, 1)).first()
    )
    spells = list(child.class_memberships.order_by("start").values_list("class_group__name", "year_group"))
    assert [year for _, year in spells] == ["1", "2", "3", ""]
    assert len({name for name, _ in spells}) == 4


def test_every_role_signs_in_at_each_school(loaded):
    for school in loaded:
        roles = set(school.memberships.filter(ended_at=None).values_list("role", flat=True))
        assert roles == set(Role.values) - {Role.TRUST_LEAD}
    assert Trust.objects.get().memberships.get().role == Role.TRUST_LEAD


def test_the_password_it_prints_signs_in(loaded, capsys):
    call_command("demo_logins")
    words = capsys.readouterr().out.split()
    password, address = words[words.index("password") + 1], "teacher@willow-reach.example"
    assert address in words
    teacher = loaded[0].memberships.get(user__email=address).user
    assert teacher.check_password(password)


@pytest.mark.parametrize("what", WITHIN)
def test_absence_looks_like_england_s(last_year, what):
    england = demo_rates.national()[what] if demo_rates.NATIONAL_FILE.exists() else ENGLAND[what]
    assert england == pytest.approx(ENGLAND[what], abs=0.01)
    assert rate(last_year, what) == pytest.approx(england, abs=WITHIN[what])


@pytest.mark.parametrize("what", WITHIN)
@pytest.mark.parametrize("year", [2023, 2024])
def test_earlier_years_do_roughly(years, year, what):
    assert rate(years[year], what) == pytest.approx(ENGLAND[what], abs=1.5 * WITHIN[what])


def rate(rates, what):
    return rates.by_letter[what] if len(what) == 1 else getattr(rates, what)


@pytest.mark.parametrize(
    ("letter", "england"),
    # per cent of possible sessions; N has become O in a year that is over
    list(
        {
            "M": 0.27,
            "C": 0.37,
            "C2": 0.17,
            "R": 0.07,
            "E": 0.04,
            "G": 0.53,
            "U": 0.17,
            "O": 0.84,
            "L": 1.12,
            "V": 0.73,
            "B": 0.19,
            "P": 0.08,
        }.items()
    ),
)
def test_the_mix_of_codes_is_england_s(last_year, letter, england):
    assert last_year.by_letter[letter] == pytest.approx(england, abs=max(0.03, england / 4))


def test_friday_afternoons_are_worse_than_wednesday_mornings(last_year):
    assert last_year.by_half_day[5, 2] > last_year.by_half_day[3, 1] + 0.4


def test_some_are_severely_absent(last_year):
    assert 0.1 < last_year.severe < 2


def test_winter_brings_illness(loaded):
    def ill(month):
        marks = Mark.objects.filter(day__year__in=(2024, 2025), day__month=month)
        return marks.coded(codes.ILLNESS).count() / marks.count()

    assert ill(12) > 1.4 * ill(6)


def test_every_mark_is_legal(loaded):
    query = (
        "SELECT DISTINCT m.code, m.day, m.session, m.day BETWEEN p.compulsory_from AND p.compulsory_until "
        "FROM registers_mark m JOIN registers_pupil p ON p.id = m.pupil_id"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        kinds = cursor.fetchall()
    for number, day, session, compulsory in kinds:
        code = codes.by_number(number)
        assert not codes.why_not_code(
            code, day=day, session=Session(session), compulsory_age=compulsory, by_hand=False
        ), (code, day)
    assert {codes.by_number(kind[0]).code_set for kind in kinds} == {2006, 2024}


def test_every_mark_has_its_session_and_pupil(loaded):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM registers_mark m LEFT JOIN registers_schoolday d "
            "ON d.school_id = m.school_id AND d.day = m.day AND CASE m.session WHEN 1 THEN d.am ELSE d.pm END "
            "LEFT JOIN registers_registration r ON r.pupil_id = m.pupil_id "
            "AND m.day BETWEEN r.admission_date AND coalesce(r.leaving_date, 'infinity') "
            "WHERE d.id IS NULL OR r.id IS NULL"
        )
        assert cursor.fetchone() == (0,)


def test_the_nature_of_an_activity_is_recorded(loaded):
    assert not Mark.objects.coded(codes.APPROVED_ACTIVITY - codes.numbers_of("J")).filter(note=None).exists()


def test_only_the_registers_of_this_hour_and_one_of_yesterday_are_missing(loaded):
    willow = loaded[0]
    taken = Register.objects.filter(school=willow)
    untaken = [
        (day, session)
        for day, session in [(date(2026, 11, 19), 1), (date(2026, 11, 19), 2), (TODAY, 1)]
        if taken.filter(day=day, session=session, sent_at__isnull=False).count() < 14
    ]
    assert untaken == [(date(2026, 11, 19), 2), (TODAY, 1)]
    assert taken.filter(day=TODAY, session=1).count() == 13
    assert not taken.filter(day=TODAY, session=2).exists()
    assert not Mark.objects.filter(day=TODAY, session=2).exists()
    visitors = willow.memberships.get(user__email="teacher@willow-reach.example").user
    own = Teaching.objects.get(user=visitors).class_group
    assert not taken.filter(day=TODAY, class_group=own).exists()
    assert taken.filter(is_late=True).exists()


def test_amendments_say_why_and_who(loaded):
    assert Amendment.objects.count() > 5000
    assert not Amendment.objects.filter(reason="").exists()
    assert not Amendment.objects.filter(by_position="").exists()
    assert not Amendment.objects.filter(at__gt=NOW).exists()


def test_some_are_without_a_reason_and_some_for_too_long(loaded):
    open_n = Mark.objects.without_reason()
    assert 20 < open_n.count() < 150
    assert open_n.filter(day__lt=date(2026, 11, 12)).exists()
    assert not open_n.filter(day__lt=date(2026, 10, 1)).exists()


def test_the_record_is_whole(loaded):
    assert record.verify(loaded[1]).is_whole


def test_the_stories_are_there(loaded):
    kinds = set(PlannedAbsence.objects.filter(end__gte=TODAY).values_list("kind", flat=True))
    assert {"activity", "part_time", "dual", "leave", "appointment", "reported", "exclusion"} <= kinds
    unauthorised = codes.PENALTY_COUNTED | codes.NO_REASON
    window = Mark.objects.filter(day__gte=date(2026, 9, 7)).coded(unauthorised)
    assert {9, 10} <= set(Counter(window.values_list("pupil_id", flat=True)).values())
    ill = Mark.objects.filter(day__gte=date(2026, 9, 1)).coded(codes.ILLNESS)
    assert 32 in Counter(ill.values_list("pupil_id", flat=True)).values()
    assert Pupil.objects.exclude(contacts__isnull=False).filter(pk__in=on(TODAY)).count() >= 1
    assert max(len(pupil.name) for pupil in on(TODAY)) > 40
    assert Contact.objects.exclude(mobile__regex=r"^(07700 900\d{3})?$").count() == 0


def test_its_pack_changes_nothing_here_and_makes_the_same_school_elsewhere(loaded, tmp_path):
    ropewalk = loaded[1]
    export_school(school=ropewalk, folder=tmp_path, by=Actor.system("test"))
    tallies = import_pack(tmp_path, by=Actor.system("test"), check=True).tallies
    assert [what for what, tally in tallies.items() if tally.new or tally.changed or tally.left] == []
    facts = (tmp_path / "school.toml").read_text()
    (tmp_path / "school.toml").write_text(facts.replace(ropewalk.urn, "990003"))
    with transaction.atomic():
        tallies = import_pack(tmp_path, by=Actor.system("test")).tallies
        copy = School.objects.get(urn="990003")
        for what, model in {"pupils": Pupil, "contacts": Contact, "marks": Mark, "amendments": Amendment}.items():
            assert tallies[what].new == model.objects.filter(school=ropewalk).count()
        with acting_for(copy):
            of_copy = Counter(Mark.objects.values_list("code", flat=True))
        assert of_copy == Counter(Mark.objects.filter(school=ropewalk).values_list("code", flat=True))
        transaction.set_rollback(True)


def test_children_come_and_go_on_a_ground(loaded):
    left = Registration.objects.filter(leaving_date__isnull=False)
    assert set(left.values_list("leaving_ground", flat=True)) >= {"a", "g", "f"}
    assert left.exclude(leaving_date__month=8).count() > 50


def test_it_is_refused_where_a_school_is(loaded):
    with pytest.raises(CommandError, match="There is a school in this database"):
        call_command("load_demo")


def test_in_production_nobody_knows_the_password(settings):
    settings.PRODUCTION = True
    assert demo_trust.password() == demo_trust.NEW != demo_trust.KNOWN


def test_the_same_day_makes_the_same():
    one, two = (demo.make_school(ROPEWALK, NOW) for _ in range(2))
    assert told(one) == told(two)


def told(school):
    return [
        (w.at, w.index, w.by.email, w.source, [child.upn for child in w.children], w.codes, w.reason)
        for w in school.taking.written
    ]


def test_the_people_of_it_have_worked_for_weeks(loaded):
    """Each thing at the moment of its day; what last week brought is left to the visitor."""
    school = loaded[1]
    with transaction.atomic():
        tell_casework(school.pk, f"{TODAY}")
        tell_penalties(school.pk, f"{TODAY}")
        assert timezone.now() == NOW, "the clock is put right again"
        with acting_for(school):
            assert {each.made_on for each in Proposal.objects.to_decide()} == {date(2026, 11, 19), TODAY}
            assert {(case.state, case.outcome) for case in Case.objects.all()} >= {("planned", "")}
            assert Plan.objects.filter(is_reviewed=True, was_held=True).exists()
            assert Task.objects.to_do().filter(due__lt=TODAY).exists()
            posted = StoredPdf.objects.filter(copy__status=Copy.Status.SENT).select_related("copy__letter")
            assert posted
            assert all(each.copy.letter.dated == each.made_at.date() < TODAY for each in posted)
            assert Letter.objects.proposed().count() == 3
            assert LeaveRequest.objects.get(state=LeaveRequest.State.ASKED).first > TODAY
            granted = LeaveRequest.objects.get(state=LeaveRequest.State.GRANTED, planned__isnull=False)
            planned = PlannedAbsence.objects.standing().get(kind="leave", start__gt=TODAY)
            assert (granted.planned, granted.span.first, granted.span.last) == (planned, planned.start, planned.end)
            assert granted.decided_by_position == "Headteacher"
            assert granted.decided_at.date() < TODAY
            _every_leave_was_granted()
            outcomes = Decision.objects.values_list("outcome", flat=True)
            assert {"", "improvement"} <= {*outcomes}
            opened = AuditRow.objects.filter(school=school, verb="open_case").earliest("at").at
            assert opened.astimezone(LONDON).hour == 16
            _what_cases_keep_adds_up(school)
            seals.seal(school)
            assert record.verify(school).is_whole
        transaction.set_rollback(True)


def _what_cases_keep_adds_up(school):
    """The register as it was recorded when a case was opened, or a plan reviewed, gives the number that was kept."""
    kept = [("open_case", c, c.baseline, date(2026, 8, 1), c.opened_on) for c in Case.objects.select_related("pupil")]
    reviewed = Plan.objects.filter(is_reviewed=True).select_related("case__pupil")
    kept += [("review_plan", plan.case, plan.after, plan.starts, plan.reviewed_on) for plan in reviewed]
    assert len({verb for verb, *_ in kept}) == 2
    for verb, case, number, first, last in kept:
        rows = AuditRow.objects.filter(school=school, verb=verb, subject_id=case.pk)
        [moment] = [row.at for row in rows if row.at.date() == last]
        found = frozen(number, case.pupil, first, last, moment)
        assert found.agrees, (verb, found.kept, found.then)


@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 8, 12, 12, 0, tzinfo=LONDON),  # the summer holiday
        datetime(2026, 9, 3, 8, 50, tzinfo=LONDON),  # the first register of a year
    ],
)
def test_it_can_be_told_on_any_day(now):
    school = demo.make_school(ROPEWALK, now)
    assert len(school.stories.told) > 14
    assert max(w.at for w in school.taking.written) <= now


@pytest.mark.parametrize("school", SCHOOLS, ids=lambda school: school.name)
@pytest.mark.parametrize("year", range(2023, 2041))
def test_a_calendar_for_any_year(school, year):
    periods = school.periods_of(year)
    assert list(calendar_faults(periods)) == []
    sessions = sum(len(day.sessions) for day in school_days(periods))
    polls = any(period.label == "Polling station" for period in periods)
    assert sessions == 380 - 2 * polls
    assert len([p for p in periods if p.kind == "inset"]) == 5 + school.training_afternoons


def test_term_dates_are_as_london_sets_them():
    half_terms = [(p.start, p.end) for p in calendar.calendar(2025) if p.is_half_term]
    assert half_terms == [
        (date(2025, 9, 1), date(2025, 10, 24)),
        (date(2025, 11, 3), date(2025, 12, 19)),
        (date(2026, 1, 5), date(2026, 2, 13)),
        (date(2026, 2, 23), date(2026, 3, 27)),
        (date(2026, 4, 13), date(2026, 5, 22)),
        (date(2026, 6, 1), date(2026, 7, 20)),
    ]
    assert WILLOW.days_of(2025)[0].day == date(2025, 9, 3)


def test_eid_by_the_tabular_calendar():
    assert calendar.eids(2025) == [date(2026, 3, 20), date(2026, 5, 27)]


def _every_leave_was_granted():
    """Each C of the registers stands in one leave that a parent asked for before it and the head granted."""
    spans = {}
    for request in LeaveRequest.objects.filter(state=LeaveRequest.State.GRANTED):
        assert request.applicants
        assert request.asked_on <= request.decided_at.astimezone(LONDON).date()
        assert request.decided_by_position == "Headteacher"
        spans.setdefault(request.pupil_id, []).append(request.span)
    leave = list(Mark.objects.filter(code=codes.code_for("C", TODAY).number).values_list("pupil", "day", "session"))
    assert leave
    for pupil, day, session in leave:
        assert sum(span.covers((day, session)) for span in spans.get(pupil, ())) == 1, (pupil, day, session)
