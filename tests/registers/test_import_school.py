"""`import_school`: all of a pack or nothing, every fault with its place, and twice is as once."""

import io
from datetime import date, datetime
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command

from attendance_mis import seals
from attendance_mis.models import AuditRow, School
from attendance_mis.tenancy import acting_for
from registers.codes import by_number
from registers.models import (
    Amendment,
    CalendarEntry,
    ClassMembership,
    Contact,
    Entry,
    Mark,
    PolicyVersion,
    Pupil,
    Registration,
    SchoolDay,
)
from registers.upn import check_letter
from tests.factories import LONDON
from tests.packs import ANA, BEN, CLEO, Pack

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(datetime(2024, 11, 4, 12, tzinfo=LONDON), tick=False):
        yield


@pytest.fixture
def pack():
    return Pack()


@pytest.fixture
def run(pack, tmp_path):
    def run(*options):
        out = io.StringIO()
        call_command("import_school", str(pack.write(tmp_path / "pack")), *options, stdout=out)
        return out.getvalue().splitlines()

    return run


@pytest.fixture
def refused(pack, tmp_path):
    """What the command says of a pack it refuses; nothing may be written."""

    def refused(*options):
        before = counts()
        errors = io.StringIO()
        with pytest.raises(CommandError) as error:
            call_command("import_school", str(pack.write(tmp_path / "pack")), *options, stderr=errors)
        assert counts() == before
        assert "Nothing was written." in str(error.value)
        return errors.getvalue().splitlines()

    return refused


def counts():
    """Rows of every table that an import writes, over all schools."""
    if not School.objects.exists():
        return []
    with acting_for(*School.objects.all()):
        tables = (Pupil, Registration, Contact, ClassMembership, CalendarEntry, Mark, Entry, Amendment, AuditRow)
        return [School.objects.count(), *(table.objects.count() for table in tables)]


@pytest.fixture
def school(run):
    run()
    school = School.objects.get(urn="123456")
    with acting_for(school):
        yield school


def letter(number):
    return number and by_number(number).letter


def mark_of(upn, day, session):
    return Mark.objects.get(pupil__upn=upn, day=day, session=session)


# What an import writes


def test_school_and_times(school):
    assert school.name == "Oak Primary School"
    assert school.attendance_target == 96.5
    assert school.count_n_for_penalties
    assert f"{school.am_closes:%H:%M}" == "09:25"


def test_pupils_with_their_ages_and_unknowns(school):
    ana, cleo = Pupil.objects.get(upn=ANA), Pupil.objects.get(upn=CLEO)
    assert ana.medical_note == 'Asthma; "blue" inhaler\nin the office'
    assert (ana.eal, ana.fsm, ana.pupil_premium) == (True, True, None)
    assert cleo.compulsory_from == date(2025, 8, 31)


def test_spells_and_last_school(school):
    spells = Registration.objects.filter(pupil__upn=BEN).values_list("admission_date", "leaving_date", "last_school")
    assert list(spells) == [
        (date(2020, 9, 2), date(2024, 6, 28), "Fir Nursery"),
        (date(2024, 9, 4), date(2024, 10, 11), ""),
    ]


def test_classes_by_date_and_the_year_held_then(school):
    held = (
        ClassMembership.objects.filter(pupil__upn=ANA).values_list("class_group__name", "year_group").order_by("start")
    )
    assert list(held) == [("3A", "R"), ("4A", "")]
    assert ClassMembership.objects.get(pupil__upn=BEN).start == date(2020, 9, 2)


def test_calendar_days(school):
    assert not SchoolDay.objects.filter(day="2024-09-27").exists()
    half = SchoolDay.objects.get(day="2024-10-11")
    assert (half.am, half.pm) == (True, False)


def test_marks_with_their_time_and_author(school):
    mark = mark_of(ANA, "2024-09-04", 1)
    assert (letter(mark.code), mark.minutes_late, mark.note) == ("L", 12, 'Bus was late\nand full, "again"')
    entry = Entry.objects.get(pk=mark.entry_id)
    assert entry.made_at == datetime(2024, 9, 4, 9, 12, 30, tzinfo=LONDON)
    assert (entry.by_name, entry.source) == ("Ms T Teacher", "import")


def test_one_entry_for_each_session_moment_and_author(school):
    entries = Entry.objects.filter(day="2024-09-04", session=1)
    assert sorted((e.by_name, len(e.pupils)) for e in entries) == [("", 1), ("Ms T Teacher", 1), ("Ms T Teacher", 1)]


def test_amendments_keep_their_time_and_author(school):
    amendment = Amendment.objects.get(day="2024-09-04")
    assert (letter(amendment.original), letter(amendment.amended)) == ("N", "I")
    assert amendment.at == datetime(2024, 9, 5, 10, tzinfo=LONDON)
    assert (amendment.by_name, amendment.by_position) == ("Mr B Manager", "Attendance manager")


def test_policies_by_date(school):
    versions = [(v.in_force_from, v.document) for v in PolicyVersion.objects.all()]
    assert versions == [(date(2023, 9, 1), {"preset": "tiers"}), (date(2024, 11, 4), {"preset": "national"})]


def test_the_log_is_sealed_and_whole(school):
    assert list(seals.faults(school)) == []


def test_a_pack_with_one_policy_says_it_of_every_day(run, pack):
    """interchange.md: a second import treats the pack as what the other system says now."""
    pack.drop("policy-2023-09-01.toml")
    run()
    pack.change("school.toml", '"national"', '"returns"')
    run()
    with acting_for(School.objects.get()):
        [version] = PolicyVersion.objects.all()
        row = AuditRow.objects.get(verb="import_policy")
    assert (version.in_force_from, version.document) == (None, {"preset": "returns"})
    assert row.data == {"before": {"preset": "national"}, "after": {"preset": "returns"}}


# Twice is as once


def test_twice_changes_nothing(school, run):
    before = counts()
    lines = run()
    assert counts() == before
    assert all(" 0 new, 0 changed" in line for line in lines[:-1])


def test_a_check_writes_nothing_and_says_what_it_would(run):
    lines = run("--check")
    assert School.objects.count() == 0
    assert "pupils: 3 new, 0 changed, 0 the same" in lines
    assert "marks: 12 new, 0 changed, 0 the same" in lines


def test_a_changed_mark_is_an_amendment(school, run, pack):
    pack.change("marks.csv", f"{ANA},2024-10-11,AM,O", f"{ANA},2024-10-11,AM,G")
    assert "marks: 0 new, 1 changed, 11 the same" in run()
    mark = mark_of(ANA, "2024-10-11", 1)
    assert letter(mark.code) == "G"
    amendment = Amendment.objects.latest("id")
    assert (letter(amendment.original), letter(amendment.amended), amendment.reason) == ("O", "G", "import")
    assert (amendment.entry_id, amendment.by_position) == (mark.entry_id, "import_school")


def test_an_amendment_of_the_pack_explains_a_changed_mark(school, run, pack):
    pack.change("marks.csv", f"{ANA},2024-10-11,AM,O", f"{ANA},2024-10-11,AM,G")
    pack.add("amendments.csv", f"{ANA},2024-10-11,AM,O,G,Was on holiday,2024-11-01T10:00:00Z,Mr B Manager,Manager")
    run()
    amendment = Amendment.objects.latest("id")
    assert (amendment.reason, amendment.by_name) == ("Was on holiday", "Mr B Manager")
    assert amendment.entry_id == mark_of(ANA, "2024-10-11", 1).entry_id
    assert not Amendment.objects.filter(reason="import").exists()


def test_a_changed_pupil_is_updated_with_an_audit_row(school, run, pack):
    pack.change("pupils.csv", "Okafor,Ben", "Okafor,Benedict")
    assert "pupils: 0 new, 1 changed, 2 the same" in run()
    ben = Pupil.objects.get(upn=BEN)
    assert ben.legal_forename == "Benedict"
    row = AuditRow.objects.get(pupil_id=ben.pk)
    assert row.data == {"legal_forename": ["Ben", "Benedict"]}
    assert "Benedict" not in row.summary


def test_a_changed_contact_is_updated(school, run, pack):
    pack.change("contacts.csv", "07700 900125", "07700 900199")
    assert "contacts: 0 new, 1 changed, 2 the same" in run()
    assert Contact.objects.get(pupil__upn=BEN).mobile == "07700 900199"


def test_a_column_the_file_lacks_says_nothing(school, run, pack):
    pack.files["contacts.csv"] = f"upn,priority,surname\n{BEN},1,Okafor\n"
    run()
    assert Contact.objects.get(pupil__upn=BEN).mobile == "07700 900125"


def test_missing_rows_are_left_and_listed(school, run, pack):
    for name in ("pupils.csv", "registrations.csv", "contacts.csv", "marks.csv"):
        pack.files[name] = "\n".join(line for line in pack.files[name].splitlines() if not line.startswith(BEN)) + "\n"
    before = counts()
    lines = run()
    assert counts() == before
    assert f"pupils: 0 new, 0 changed, 2 the same; 1 not in the file and left as they are ({BEN})" in lines
    assert any(line.startswith("marks:") and f"{BEN} 2024-06-03 AM" in line for line in lines)


def test_a_new_upn_finds_the_pupil_by_the_former(school, run, pack):
    new = check_letter("201123424009") + "201123424009"
    for name in ("pupils.csv", "classes.csv", "contacts.csv", "marks.csv", "amendments.csv"):
        pack.files[name] = pack.files[name].replace(ANA, new)
    pack.change("pupils.csv", "upn,legal", "upn,former_upn,legal").change("pupils.csv", f"{new},", f"{new},{ANA},")
    for upn in (BEN, CLEO):
        pack.change("pupils.csv", f"{upn},", f"{upn},,")
    run()
    assert Pupil.objects.count() == 3
    assert Pupil.objects.get(upn=new).marks.count() == 7


def test_a_half_term_that_is_moved(school, run, pack):
    pack.change("calendar.csv", "2024-10-25,HT1", "2024-10-18,HT1")
    assert any(line.startswith("calendar: 0 new, 1 changed") for line in run())
    assert not SchoolDay.objects.filter(day="2024-10-21").exists()


def test_a_calendar_that_would_strand_marks_is_refused(school, refused, pack):
    pack.change("calendar.csv", "2024-09-04,2024-10-25", "2024-09-05,2024-10-25")
    pack.files["marks.csv"] = "\n".join(
        line for line in pack.files["marks.csv"].splitlines() if "2024-09-04" not in line and "again" not in line
    )
    assert refused() == [
        "calendar.csv: 3 marks stand in the AM of 2024-09-04, which would be no session any more",
        "calendar.csv: 3 marks stand in the PM of 2024-09-04, which would be no session any more",
    ]


def test_an_admission_that_would_strand_marks_is_refused(school, refused, pack):
    pack.change("pupils.csv", "4A,2020-09-02", "4A,2021-09-02")
    pack.files["marks.csv"] = "\n".join(line for line in pack.files["marks.csv"].splitlines() if "2020-11" not in line)
    sentence = "2 marks stand on days when the pupil would not be on roll, the first on 2020-11-02"
    assert refused() == [f"pupils.csv:2: admission_date: {sentence}"]


# What is refused, with its place


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("pupils.csv", ANA, "A" + ANA[1:], "pupils.csv:2: upn: check letter is wrong, expected M"),
        ("pupils.csv", ",F,4,", ",X,4,", "pupils.csv:2: sex: 'X' is not one of F, M"),
        ("pupils.csv", ",F,4,", ",F,15,", "pupils.csv:2: year_group: '15' is not one of N1, N2, R, 1, "),
        ("pupils.csv", "2015-10-05", "05/10/2015", "pupils.csv:2: date_of_birth: '05/10/2015' is not a date; write it"),
        ("pupils.csv", "2015-10-05", "2015-02-30", "pupils.csv:2: date_of_birth: '2015-02-30' is not a date"),
        ("pupils.csv", "2015-10-05", "2030-01-01", "pupils.csv:2: date_of_birth: 2030-01-01 is in the future"),
        (
            "pupils.csv",
            "2024-10-11,a",
            "2024-09-03,a",
            "pupils.csv:4: leaving_date: 2024-09-03 is before the admission",
        ),
        ("pupils.csv", "2024-10-11,a", "2024-10-11,z", "pupils.csv:4: leaving_ground: 'z' is not one of a, b"),
        ("pupils.csv", ",Y,K,Y", ",yes,K,Y", "pupils.csv:2: eal: 'yes' is not one of Y, N"),
        (
            "pupils.csv",
            "boarder\n",
            "colour\n",
            "pupils.csv:1: colour: unknown column; the columns are upn, former_upn",
        ),
        ("pupils.csv", "Silva,Ana Maria", '"Sil"va,Ana Maria', "pupils.csv:2: the quotes are broken"),
        ("pupils.csv", "Nguyen,Cleo", "Nguyen,Cleo,Extra", "pupils.csv:5: has 20 values; the header has 19"),
        ("pupils.csv", f"{CLEO},", f"{BEN},", "pupils.csv:5: upn: the pupil stands on line 4 already"),
        (
            "registrations.csv",
            "2024-06-28",
            "2024-09-28",
            "registrations.csv:2: admission_date: overlaps another spell",
        ),
        ("classes.csv", "2024-08-31", "2024-09-30", "classes.csv:3: start: the pupil is in 3A then (line 2)"),
        (
            "contacts.csv",
            f"{ANA},2",
            f"{ANA},1",
            "contacts.csv:3: priority: the pupil has a contact with this priority",
        ),
        ("contacts.csv", "rosa@home.example", "rosa", "contacts.csv:2: email: 'rosa' is not an e-mail address"),
        ("calendar.csv", "HT1,", "HT7,", "calendar.csv:4: kind: 'HT7' is not one of HT1, HT2"),
        ("calendar.csv", "2024-09-04,2024-10-25", "2024-10-25,2024-09-04", "calendar.csv:4: end: 2024-09-04 is before"),
        ("calendar.csv", "2024-06-03,2024-07-19", "2024-06-03,2024-09-04", "calendar.csv:3: end: HT6 (2024-06-03 to"),
        (
            "marks.csv",
            "2024-06-03,AM,/",
            "2024-06-01,AM,/",
            "marks.csv:4: date: 2024-06-01 is a Saturday, not a school",
        ),
        ("marks.csv", "2024-06-03,AM,/", "2024-08-05,AM,/", "marks.csv:4: date: 2024-08-05 is not in a half-term"),
        ("marks.csv", "2024-06-03,AM,/", "2024-09-27,AM,/", "closed in the AM of 2024-09-27: Training"),
        ("marks.csv", "2024-10-11,AM,O", "2024-10-11,PM,O", "closed in the PM of 2024-10-11: Boiler"),
        ("marks.csv", "2024-06-03,AM,/", "2024-11-05,AM,/", "marks.csv:4: date: 2024-11-05 is in the future"),
        ("marks.csv", "2024-06-03,AM,/", "2024-06-03,am,/", "marks.csv:4: session: 'am' is not one of AM, PM"),
        ("marks.csv", "2024-06-03,AM,/", "2024-06-03,AM,\\", "marks.csv:4: code: \\ is for an afternoon session only"),
        ("marks.csv", "2024-06-03,PM,\\", "2024-06-03,PM,/", "marks.csv:5: code: / is for a morning session only"),
        ("marks.csv", "2024-06-03,AM,/", "2024-06-03,AM,J1", "marks.csv:4: code: J1 is not in force on 2024-06-03"),
        ("marks.csv", "2024-10-11,AM,O", "2024-10-11,AM,H", "marks.csv:9: code: H is not in force on 2024-10-11"),
        ("marks.csv", "2024-06-03,AM,/", "2024-06-03,AM,?", "marks.csv:4: code: ? is not an attendance code"),
        ("marks.csv", "2024-06-03,AM,/", "2024-06-03,AM,#", "marks.csv:4: code: # is not a mark: the calendar says"),
        ("marks.csv", "2024-06-03,AM,/", "2024-06-03,AM,Z", "marks.csv:4: code: Z is not a mark: the admission date"),
        ("marks.csv", "2024-06-03,AM,/", "2024-06-03,AM,X", "marks.csv:4: code: X is only for a pupil outside"),
        (
            "marks.csv",
            "2024-06-03,PM",
            "2024-06-03,AM",
            "marks.csv:5: session: the AM of 2024-06-03 stands in the file",
        ),
        ("marks.csv", f"{BEN},2024-06-03", f"{CLEO},2024-06-03", "date: 2024-06-03 is before the pupil's admission"),
        ("marks.csv", f"{BEN},2024-09-04,AM", f"{BEN},2024-10-14,AM", "date: 2024-10-14 is after the pupil's last day"),
        ("marks.csv", f"{BEN},2024-09-04,AM", f"{BEN},2024-07-01,AM", "date: 2024-07-01 is between two spells of the"),
        (
            "marks.csv",
            f"{BEN},2024-06-03",
            "N207123424001,2024-06-03",
            "marks.csv:10: upn: no such pupil in pupils.csv",
        ),
        ("marks.csv", f"{BEN},2024-06-03", "N207,2024-06-03", "marks.csv:10: upn: must have 13 characters, has 4"),
        ("marks.csv", ",L,12,", ",L,soon,", "marks.csv:6: minutes_late: 'soon' is not a whole number from 0 to 600"),
        ("marks.csv", "T09:12:30+01:00", "T25:00", "marks.csv:6: taken_at: '2024-09-04T25:00' is not a date and time"),
        ("marks.csv", "taken_by\n", "weather\n", "marks.csv:1: weather: unknown column; the columns are upn, date"),
        ("marks.csv", "upn,date", "upn,day", "marks.csv:1: date: the column is missing"),
        ("amendments.csv", ",N,I,", ",N,H,", "amendments.csv:2: amended: H is not in force on 2024-09-04"),
        (
            "amendments.csv",
            "2024-09-05T10:00:00+01:00",
            "yesterday",
            "amendments.csv:2: at: 'yesterday' is not a date and",
        ),
        (
            "school.toml",
            '"09:25"',
            '"09:31"',
            "school.toml: times.am_closes: the AM register is open for 31 minutes; the",
        ),
        (
            "school.toml",
            '"13:15"',
            '"12:15"',
            "school.toml: times.pm_closes: its close (12:15) must be after the aftern",
        ),
        ("school.toml", '"2011234"', '"201123"', "school.toml: school.laestab: '201123' does not have 7 digits"),
        ("school.toml", 'phase = "primary"', "", "school.toml: school.phase: is missing"),
        ("school.toml", "telephone", "phone", "school.toml: school.phone: unknown key; use urn, laestab"),
        ("school.toml", "96.5", "965", "school.toml: school.attendance_target: must be a number from 0 to 100"),
        ("school.toml", "[times]", "[times", "school.toml:17: is not TOML"),
        ("school.toml", '"national"', '"kind"', "school.toml: policy: kind is not a preset; use one of tiers"),
        (
            "school.toml",
            "Europe/London",
            "London",
            "school.toml: school.timezone: 'London' is not a time zone; for England",
        ),
    ],
)
def test_refused(pack, refused, name, old, new, said):
    pack.change(name, old, new)
    lines = refused()
    assert any(said in line and line.startswith(name) for line in lines), "\n".join(lines)


@pytest.mark.parametrize("name", ["school.toml", "calendar.csv", "pupils.csv", "contacts.csv", "marks.csv"])
def test_a_file_that_must_be_there(pack, refused, name):
    assert f"{name}: the file is missing" in refused_after_dropping(pack, refused, name)


def refused_after_dropping(pack, refused, name):
    pack.drop(name)
    return refused()


def test_every_error_in_one_run(pack, refused):
    pack.change("pupils.csv", ",F,4,", ",X,4,").change("contacts.csv", "rosa@home.example", "rosa")
    pack.change("marks.csv", ",L,12,", ",L,soon,").change("calendar.csv", ",inset,", ",outset,")
    assert [line.split(":")[0] for line in refused()] == ["calendar.csv", "pupils.csv", "contacts.csv", "marks.csv"]


def test_the_first_200_and_how_many(pack, refused, tmp_path):
    for n in range(300):
        pack.add("marks.csv", f"{ANA},2024-06-{n % 28 + 1:02},AM,{n},,,,")
    assert len(refused()) == 200


def test_the_line_is_right_after_quoted_newlines(pack, refused):
    pack.add("marks.csv", f"{CLEO},2024-09-05,AM,?,,,,")
    assert refused() == ["marks.csv:15: code: ? is not an attendance code"]


def test_a_byte_order_mark_and_crlf_are_fine(pack, run):
    for name, content in pack.files.items():
        if name.endswith(".csv"):
            pack.files[name] = "\ufeff" + content.replace("\n", "\r\n")
    pack.files["school.toml"] = "\ufeff" + pack.files["school.toml"].replace("\n", "\r\n")
    assert "marks: 12 new, 0 changed, 0 the same" in run()


def test_columns_in_any_order(pack, run):
    pack.files["marks.csv"] = f"code,session,upn,date\nI,PM,{ANA},2024-06-03\n"
    assert "marks: 1 new, 0 changed, 0 the same" in run()


# Files that nobody meant


def test_not_utf8(pack, refused):
    pack.files["pupils.csv"] = pack.files["pupils.csv"].replace("Nguyen", "Nguyén").encode("latin-1")
    said = "pupils.csv:5: character 19 is byte 0xE9, which is not UTF-8; save the file as UTF-8"
    assert said in refused()


def test_nul_bytes(pack, refused):
    pack.change("contacts.csv", "Rosa", "Ro\0sa").change("marks.csv", "Swimming", "Swim\0ming")
    assert refused() == [
        "contacts.csv:2: character 22 is a NUL byte; remove it",
        "marks.csv:12: character 36 is a NUL byte; remove it",
    ]


def test_a_note_of_ten_megabytes(pack, refused):
    pack.change("marks.csv", "Swimming", "x" * 10_000_000)
    assert refused() == ["marks.csv:12: the line is longer than 1,000,000 characters"]


def test_a_long_note(pack, refused):
    pack.change("marks.csv", "Swimming", "x" * 501)
    assert refused() == ["marks.csv:12: note: is 501 characters long; at most 500 are kept"]


def test_a_quote_that_is_never_closed(pack, refused):
    pack.change("marks.csv", "Swimming", '"Swimming')
    assert refused() == ["marks.csv:12: a quote is opened and never closed"]


def test_a_quote_that_swallows_the_file(pack, refused):
    pack.change("marks.csv", "Swimming", '"Swimming')
    pack.files["marks.csv"] += f"{ANA},2024-06-04,AM,/,,,,\n" * 6000
    assert refused() == ["marks.csv:12: a value is longer than 131,072 characters; is a closing quote missing?"]


@pytest.mark.parametrize(
    "content", ["", "\n", "\0", b"\xff\xfe", b"PK\x03\x04" + bytes(range(256)) * 50, "[" * 100_000]
)
@pytest.mark.parametrize("name", ["school.toml", "calendar.csv", "pupils.csv", "marks.csv", "amendments.csv"])
def test_rubbish_is_refused_in_words(pack, refused, name, content):
    pack.files[name] = content
    assert any(line.startswith(name) for line in refused())


def test_no_such_folder():
    with pytest.raises(CommandError, match="is not a folder"):
        call_command("import_school", "/nowhere")


def test_a_pack_of_another_school_leaves_this_one_alone(school, run, pack):
    pack.change("school.toml", '"123456"', '"654321"')
    run()
    assert School.objects.count() == 2
    assert Pupil.objects.count() == 3


EXAMPLES = Path(__file__).parents[2].parent / "shared" / "examples"


@pytest.mark.skipif(not EXAMPLES.exists(), reason="the worked examples are not on this machine")
@pytest.mark.parametrize("name", ["ordinary", "planted"])
def test_the_example_packs(name):
    with time_machine.travel(datetime(2026, 1, 5, 12, tzinfo=LONDON)):
        call_command("import_school", str(EXAMPLES / name / "pack"), stdout=io.StringIO())
    school = School.objects.get()
    with acting_for(school):
        rows = len((EXAMPLES / name / "pack" / "marks.csv").read_text().splitlines()) - 1
        assert Mark.objects.count() == rows
    assert list(seals.faults(school)) == []
