"""Deleting what need not be kept: whole sealed blocks with a certificate, and children who left with all of theirs."""

from datetime import date, datetime, timedelta
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.utils import IntegrityError

from attendance_mis import seals
from attendance_mis.actions import Refused
from attendance_mis.actions.interfaces import note_use
from attendance_mis.models import (
    AuditRow,
    Block,
    Disposal,
    Membership,
    ScheduledRun,
    Token,
    TokenUse,
    User,
)
from casework.models import AuthorityReturn, ClockDone, WeeklyMeeting
from registers import disposals, record, tasks
from registers.actions import certificates
from registers.actions.disposing import (
    approve_disposal,
    delete_due,
    propose_disposals,
    set_rule,
    withdraw_approval,
)
from registers.models import Amendment, Cover, Entry, Mark, Pupil, RetentionRule
from reports.models import GovernorReport
from tests.conftest import TODAY
from tests.factories import LONDON, ContactFactory, MembershipFactory, TokenFactory, UserFactory
from tests.house.test_access import case_of, letter_of, penalty_rows, return_of
from tests.registers.conftest import send

pytestmark = pytest.mark.usefixtures("clock")

OLD, OLDER = date(2018, 9, 10), date(2017, 9, 11)


def approved(cast, category="registers"):
    shown = disposals.due(cast.school, category).total
    return approve_disposal(school=cast.school, category=category, shown=shown, by=cast.actor("head"))


def go(cast, category="registers"):
    approved(cast, category)
    return delete_due(school=cast.school, category=category, by=cast.actor("technician"))


def faults(cast):
    return [fault for check in record.verify(cast.school).checks for fault in check.faults]


@pytest.fixture
def old(cast, mark):
    """Two old days, each sealed by itself, and today."""
    for day in (OLDER, OLD, TODAY):
        mark(*cast.pupils, day=day)
        seals.seal(cast.school)
    assert faults(cast) == []


def test_old_blocks_go_whole_and_the_record_is_still_proved(cast, old):
    before = record.verify(cast.school).check_value
    certificate = go(cast)
    assert certificate.removed["entries of the attendance register"] == 2
    assert certificate.removed["marks"] == 2 * len(cast.pupils)
    assert certificate.left["entries of the attendance register"] == 1
    assert [each["hash"] for each in certificate.blocks] == list(
        Block.objects.filter(log="registers_entry").order_by("number").values_list("hash", flat=True)[:2]
    )
    assert (
        set(Entry.objects.values_list("day", flat=True)) == set(Mark.objects.values_list("day", flat=True)) == {TODAY}
    )
    assert faults(cast) == []
    assert record.verify(cast.school).check_value == before, "the value that a head keeps outside stays good"
    seals.seal(cast.school)
    assert faults(cast) == [], "the certificate itself is sealed"
    assert AuditRow.objects.get(verb="delete_due").data["marks"] == 2 * len(cast.pupils)
    assert disposals.due(cast.school, "registers").total == 0


def test_a_block_that_also_holds_what_is_kept_stays(cast, mark):
    mark(*cast.pupils, day=OLD)
    mark(*cast.pupils, day=TODAY)
    seals.seal(cast.school)
    assert disposals.due(cast.school, "registers").total == 0


def test_what_is_not_sealed_stays(cast, mark):
    mark(*cast.pupils, day=OLD)
    assert disposals.due(cast.school, "registers").total == 0


def test_an_entry_that_a_younger_amendment_changed_waits_for_it(cast, mark, clock):
    """The original entry must stay readable as long as its amendment (SI 2024/208)."""
    first, day = date(2025, 3, 7), date(2025, 3, 10)
    for each in (first, day):
        mark(*cast.pupils, day=each)
        send(cast, cast.own_class, day=each)
        seals.seal(cast.school)
    version = Mark.objects.get(pupil=cast.pupils[0], day=day).entry_id
    page = cast.url(f"registers/pupils/{cast.pupils[0].pk}/{day}/AM/amend/")
    cast.client("office").post(page, {"code": "I", "version": version, "reason": "He was ill."})
    seals.seal(cast.school)
    assert Amendment.objects.count() == 1
    clock.move_to(datetime(2031, 3, 11, 9, 5, tzinfo=LONDON))  # the entry of the 10th is due, its amendment is not
    due = disposals.due(cast.school, "registers")
    assert (due.counts["entries of the attendance register"], due.held) == (1, 1)
    go(cast)
    assert faults(cast) == []
    assert Entry.objects.filter(day=day).count() == 2


def test_an_entry_that_a_younger_certificate_rests_on_waits_for_it(cast, mark):
    mark(*cast.pupils, day=OLDER)
    seals.seal(cast.school)
    mark(*cast.pupils, day=OLD)
    seals.seal(cast.school)
    certificates.issue_certificate(pupil=cast.pupils[0], first=OLD, last=OLD, by=cast.actor("office"))
    seals.seal(cast.school)
    go(cast)
    assert set(Entry.objects.values_list("day", flat=True)) == {OLD}
    assert faults(cast) == []


def test_the_database_lets_nothing_go_without_a_certificate(cast, old):
    """Not by a certificate of another transaction either, and never a block or a certificate."""
    certificate = go(cast)
    statements = ["DELETE FROM registers_entry", "UPDATE registers_entry SET by_name = ''", "TRUNCATE registers_entry"]
    with connection.cursor() as cursor:
        for statement in [*statements, "DELETE FROM attendance_mis_block", "DELETE FROM attendance_mis_disposal"]:
            with pytest.raises(IntegrityError, match="only grows"), transaction.atomic():
                cursor.execute(statement)
        # What a later transaction sees: this certificate's number is not its own.
        cursor.execute("SELECT set_config('attendance.disposal', %s, true)", [str(certificate.pk + 1)])
        with pytest.raises(IntegrityError, match="only grows"), transaction.atomic():
            cursor.execute("DELETE FROM registers_entry")


def test_what_is_taken_out_without_saying_so_is_named(cast, old):
    """Somebody who owns the database: deletes with a certificate, then more, or puts rows back."""
    certificate = go(cast)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('attendance.disposal', %s, true)", [str(certificate.pk)])
        cursor.execute("DELETE FROM registers_entry")
    assert any("held 1 rows when sealed and holds 0 now" in fault for fault in faults(cast))


def test_nothing_is_deleted_without_an_approval(cast, old):
    with pytest.raises(Refused, match="Nobody has approved"):
        delete_due(school=cast.school, category="registers", by=cast.actor("technician"))
    approved(cast)
    withdraw_approval(school=cast.school, category="registers", by=cast.actor("safeguarding"))
    with pytest.raises(Refused, match="Nobody has approved"):
        delete_due(school=cast.school, category="registers", by=cast.actor("technician"))
    assert Entry.objects.count() == 3


def test_an_approval_is_good_for_thirty_days_and_once(cast, old, clock):
    approved(cast)
    with pytest.raises(Refused, match="approved already"):
        approved(cast)
    clock.shift(timedelta(days=31))
    with pytest.raises(Refused, match="Nobody has approved"):
        delete_due(school=cast.school, category="registers", by=cast.actor("technician"))
    go(cast)
    with pytest.raises(Refused, match="Nobody has approved"):
        delete_due(school=cast.school, category="registers", by=cast.actor("technician"))


def test_what_changed_since_the_page_was_opened_is_not_approved(cast, old):
    with pytest.raises(Refused, match="has changed"):
        approve_disposal(school=cast.school, category="registers", shown=1, by=cast.actor("head"))


def test_a_record_with_a_fault_loses_nothing_more(cast, old, monkeypatch):
    """What would leave a new fault is taken back whole."""
    monkeypatch.setattr(disposals, "_hangs_together", lambda school, found: False)
    certificates.issue_certificate(pupil=cast.pupils[0], first=OLD, last=OLD, by=cast.actor("office"))
    approved(cast)
    with pytest.raises(Refused, match="would not be whole"):
        delete_due(school=cast.school, category="registers", by=cast.actor("technician"))
    assert Entry.objects.count() == 3
    assert not Disposal.objects.exists()


@pytest.fixture
def left(cast):
    """A child who left long ago, of whom everything is held, and one who left last year."""
    for pupil, day in ((cast.pupils[0], OLD), (cast.pupils[1], date(2024, 7, 19))):
        letter_of(cast, pupil)
        case_of(pupil, cast)
        penalty_rows(pupil)
        ContactFactory(pupil=pupil)
        spell = pupil.registrations.get()
        spell.admission_date, spell.leaving_date, spell.leaving_ground = date(2017, 9, 4), day, "a"
        spell.save()
    return cast.pupils[0]


def held_of(pupil):
    from registers.subject_access import paths

    return {m._meta.label: m._default_manager.filter(**{at: pupil.pk}).count() for m, at in paths().items()}


def test_a_child_who_left_goes_category_by_category(cast, left):
    stays = held_of(cast.pupils[1])
    assert disposals.due(cast.school, "children").held == 1, "while something else is held of her"
    for category in ("penalties", "casework", "letters", "children"):
        certificate = go(cast, category)
        assert certificate.removed
        assert faults(cast) == []
    assert not Pupil.objects.filter(pk=left.pk).exists()
    assert {label for label, count in held_of(left).items() if count} <= {"attendance_mis.AuditRow"}
    assert held_of(cast.pupils[1]) == stays


def test_another_school_loses_nothing(cast, old, left):
    from attendance_mis.tenancy import acting_for

    with acting_for(cast.other_school):
        pupils = set(Pupil.objects.values_list("pk", flat=True))
    for category in ("registers", "penalties", "casework", "letters"):
        go(cast, category)
    with acting_for(cast.other_school):
        assert set(Pupil.objects.values_list("pk", flat=True)) == pupils
        assert not Disposal.objects.exists()


def test_the_audit_trail_goes_by_block_too(cast, clock):
    clock.move_to(datetime(2018, 9, 10, 9, tzinfo=LONDON))
    set_rule(school=cast.school, category="letters", years=7, old_regulations=False, by=cast.actor("head"))
    seals.seal(cast.school)
    clock.move_to(datetime(2025, 3, 11, 9, 5, tzinfo=LONDON))
    certificate = go(cast, "audit")
    assert counted(certificate) == {"rows of the audit trail": 1}
    assert faults(cast) == []


def counted(certificate):
    return {what: count for what, count in certificate.removed.items() if count}


def made_return(cast, moment):
    pk = return_of(cast.pupils[0], cast.people["head"], at=moment)
    return AuthorityReturn.objects.get(pk=pk)


def governor_report(cast, moment):
    GovernorReport.objects.create(
        school=cast.school,
        academic_year=moment.year,
        half_term=1,
        version=1,
        first=moment,
        last=moment,
        figures={},
        digest="0" * 64,
        pdf=b"",
        at=moment,
        by_position="Headteacher",
    )


def left_long_ago(school, number):
    user = UserFactory(email=f"left{number}@school.example", is_active=False)
    MembershipFactory(user=user, school=school, ended_at=LONG_AGO)
    return user


LONG_AGO, LATELY = datetime(2018, 9, 10, 9, tzinfo=LONDON), datetime(2025, 3, 3, 9, tzinfo=LONDON)


def test_what_partners_read_goes_by_block_with_the_audit_trail(cast, clock):
    token = TokenFactory(school=cast.school)
    for moment in (LONG_AGO, LATELY):
        note_use(token=token, what="marks", rows=3, first=OLD, last=OLD, at=moment)
        seals.seal(cast.school)
    with pytest.raises(IntegrityError, match="only grows"), transaction.atomic():
        TokenUse.objects.update(rows=0)
    certificate = go(cast, "audit")
    assert counted(certificate) == {"answers to partners": 1}
    assert TokenUse.objects.get().at == LATELY
    assert faults(cast) == []


def test_governors_reports_go_by_block_and_returns_by_their_day(cast):
    for moment in (LONG_AGO, LATELY):
        made_return(cast, moment)
        WeeklyMeeting.objects.create(
            school=cast.school, on=moment, since=moment, begun_at=moment, begun_by=cast.people["head"]
        )
        governor_report(cast, moment)
        seals.seal(cast.school)
    certificate = go(cast, "reports")
    assert counted(certificate) == {
        "governors' reports": 1,
        "returns to the local authority": 1,
        "weekly meetings": 1,
    }
    assert [each.made_at for each in AuthorityReturn.objects.all()] == [LATELY]
    assert GovernorReport.objects.get().at == LATELY
    assert faults(cast) == []


def test_a_return_that_a_childs_clock_still_names_is_held_back(cast):
    old = made_return(cast, LONG_AGO)
    ClockDone.objects.create(
        school=cast.school,
        pupil=cast.pupils[0],
        kind="sickness_return",
        occasion=OLD,
        done_at=LONG_AGO,
        done_by=cast.people["head"],
        authority_return=old,
    )
    due = disposals.due(cast.school, "reports")
    assert (due.total, due.held) == (0, 1)


def test_what_the_machine_noted_goes_after_two_years_and_a_token_in_use_stays(cast):
    used, unused, lasting = (TokenFactory(school=cast.school) for _ in range(3))
    Token.objects.filter(pk__in=[used.pk, unused.pk]).update(asked_at=LONG_AGO, expires_at=LONG_AGO + timedelta(1))
    note_use(token=used, what="marks", rows=3, first=None, last=None, at=LONG_AGO)
    for day in (OLD, TODAY):
        ScheduledRun.objects.create(
            school=cast.school, task="a", day=day, started_at=datetime(day.year, day.month, day.day, 3, tzinfo=LONDON)
        )
    due = disposals.due(cast.school, "running")
    assert due.made_before == date(2023, 3, 11)
    assert due.held == 1, "its uses are kept with the audit trail"
    assert counted(go(cast, "running")) == {"tokens": 1, "scheduled runs": 1}
    assert set(Token.objects.values_list("pk", flat=True)) == {used.pk, lasting.pk}


def test_somebody_who_left_long_ago_goes_when_nothing_names_her(cast, mark):
    """Also not at another school; and who works on is never due."""
    gone, named, elsewhere = (left_long_ago(cast.school, n) for n in range(3))
    MembershipFactory(user=elsewhere, school=cast.other_school)
    Cover.objects.create(school=cast.school, user=named, class_group=cast.own_class, day=TODAY, noted_at=LATELY)
    Authenticator.objects.create(user=gone, type=Authenticator.Type.TOTP, data={})
    due = disposals.due(cast.school, "staff")
    assert (due.counts["people"], due.counts["roles"], due.held) == (1, 3, 2)
    go(cast, "staff")
    left = User.objects.filter(pk__in=[gone.pk, named.pk, elsewhere.pk])
    assert set(left) == {named, elsewhere}
    assert not Authenticator.objects.filter(user_id=gone.pk).exists()
    assert Membership.objects.filter(user=elsewhere).get().school == cast.other_school
    assert cast.client("technician").get(cast.url("people/")).status_code == 200


def test_the_job_proposes_once_a_month_and_to_whom_decides(cast, mark, settings, mailoutbox):
    settings.EMAIL_URL = "smtp://mail.example"
    assert propose_disposals(school=cast.school, day=TODAY) == 0
    mark(*cast.pupils, day=OLD)
    seals.seal(cast.school)
    tasks.propose_disposals(cast.school.pk, TODAY.isoformat())
    deciders = {cast.people[role].email for role in ("head", "safeguarding")}
    assert {each for mail in mailoutbox for each in mail.to} == deciders
    assert not any(pupil.surname in mail.body for mail in mailoutbox for pupil in cast.pupils)
    assert Entry.objects.exists(), "nothing goes by a job"
    tasks.propose_disposals(cast.school.pk, (TODAY + timedelta(1)).isoformat())
    assert AuditRow.objects.filter(verb="propose_disposals").count() == 1
    tasks.propose_disposals(cast.school.pk, "2025-04-01")
    assert AuditRow.objects.filter(verb="propose_disposals").count() == 2


@pytest.mark.parametrize(
    ("category", "years"), [("registers", 5), ("children", 3), ("audit", 5), ("letters", 0), ("letters", 41)]
)
def test_the_law_sets_the_least(cast, category, years):
    with pytest.raises(Refused):
        set_rule(school=cast.school, category=category, years=years, old_regulations=False, by=cast.actor("head"))
    assert not RetentionRule.objects.exists()


def test_three_years_under_the_old_regulations_are_a_setting(cast, mark):
    mark(*cast.pupils, day=date(2021, 9, 13))
    seals.seal(cast.school)
    assert disposals.due(cast.school, "registers").total == 0
    set_rule(school=cast.school, category="registers", years=6, old_regulations=True, by=cast.actor("head"))
    assert disposals.due(cast.school, "registers").counts["entries of the attendance register"] == 1


# The command and the pages


def command(cast, *more):
    out = StringIO()
    call_command("delete_due", "--school", cast.school.urn, "--category", "registers", *more, stdout=out)
    return out.getvalue()


def test_the_command_tries_first_and_asks_who_approved(cast, old):
    with pytest.raises(CommandError, match="Nobody has approved it yet"):
        command(cast, "--dry-run")
    approved(cast)
    assert "Tried only: nothing was deleted." in command(cast, "--dry-run")
    assert Entry.objects.count() == 3
    with pytest.raises(CommandError, match="did not approve this"):
        command(cast, "--approved-by", "Somebody Else")
    said = command(cast, "--approved-by", cast.people["head"].name)
    assert "Certificate of deletion 1" in said
    assert "2 entries of the attendance register (1 left)" in said
    assert Entry.objects.count() == 1


def test_the_pages_show_approve_and_take_back(cast, old):
    head = cast.client("head")
    page = head.get(cast.url("registers/keeping/"))
    due = next(row["due"] for row in page.context["rows"] if row["due"].category.name == "registers")
    approve = cast.url("registers/keeping/registers/approve/")
    assert "Approved" in head.post(approve, {"shown": due.total}, follow=True).text
    assert cast.people["head"].name in head.get(cast.url("registers/keeping/")).text
    assert "taken back" in head.post(cast.url("registers/keeping/registers/withdraw/"), follow=True).text
    assert "no approval" in head.post(cast.url("registers/keeping/registers/withdraw/"), follow=True).text
    assert "has changed" in head.post(approve, {"shown": "many"}, follow=True).text
    certificate = go(cast)
    assert certificate.blocks[0]["hash"] in head.get(cast.url("registers/keeping/certificates/1/")).text


def test_the_rule_is_changed_by_page(cast):
    head, page = cast.client("head"), cast.url("registers/keeping/letters/")
    assert head.post(page, {"years": "seven"}).status_code == 422
    assert head.post(page, {"years": "7"}).status_code == 302
    assert "7 years from the child" in head.get(cast.url("registers/keeping/")).text
    assert head.get(cast.url("registers/keeping/nothing/")).status_code == 404
