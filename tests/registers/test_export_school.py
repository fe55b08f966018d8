"""`export_school`: the same school, the same bytes; `daily_share`: what changed since a moment."""

import io
from datetime import date, datetime

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection

from attendance_mis.actors import Actor
from attendance_mis.models import AuditRow, School
from attendance_mis.tenancy import acting_for
from registers.actions.marking import Change, enter_marks
from registers.codes import code_for
from registers.models import Entry, Mark, Pupil
from tests.factories import LONDON
from tests.packs import ANA, CLEO, Pack

pytestmark = pytest.mark.django_db

TEACHER = Actor(name="Ms T Teacher", position="Class teacher")
NOW = datetime(2024, 11, 4, 12, tzinfo=LONDON)


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def school(tmp_path):
    call_command("import_school", str(Pack().write(tmp_path / "pack")), stdout=io.StringIO())
    return School.objects.get()


def export(folder):
    call_command("export_school", "123456", str(folder), stdout=io.StringIO())
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def into_an_empty_database(folder):
    """Import a pack where nothing is; the logs, which only grow, are emptied past their triggers."""
    connection.check_constraints()  # nothing may be pending
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("TRUNCATE attendance_mis_school CASCADE")
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
    call_command("import_school", str(folder), stdout=io.StringIO())


def test_the_round_trip(school, tmp_path):
    first = export(tmp_path / "first")
    assert set(first) == set(Pack().files) | {"policy-2024-11-04.toml"}
    into_an_empty_database(tmp_path / "first")
    assert export(tmp_path / "second") == first


def test_the_round_trip_of_marks_made_here(school, tmp_path):
    with acting_for(school):
        ana = Pupil.objects.get(upn=ANA)
        mark = Mark.objects.get(pupil=ana, day="2024-10-11")
        note = 'Line one\r\nline "two", and three'
        enter_marks(
            school_id=school.pk,
            day=date(2024, 10, 11),
            session=1,
            changes=[Change(ana.pk, code_for("I", date(2024, 10, 11)).number, mark.entry_id, note=note)],
            by=TEACHER,
            at=NOW,
            made_at=None,
            source=Entry.Source.AMENDMENT,
            amend_because="She was ill",
        )
    first = export(tmp_path / "first")
    assert b"O,I,She was ill,2024-11-04T12:00:00+00:00,Ms T Teacher,Class teacher" in first["amendments.csv"]
    assert b"2024-11-04T12:00:00+00:00,Ms T Teacher" in first["marks.csv"]
    into_an_empty_database(tmp_path / "first")
    assert export(tmp_path / "second") == first


def test_files_that_carry_nothing_are_not_written(tmp_path):
    pack = Pack().drop("policy-2023-09-01.toml").drop("registrations.csv").drop("classes.csv").drop("amendments.csv")
    pack.files["marks.csv"] = f"upn,date,session,code\n{CLEO},2024-09-04,AM,/\n"
    pack.files["calendar.csv"] = "\n".join(line[:-1] for line in pack.files["calendar.csv"].splitlines()[1:-1])
    pack.files["calendar.csv"] = "start,end,kind,label\n" + pack.files["calendar.csv"] + "\n"
    call_command("import_school", str(pack.write(tmp_path / "pack")), stdout=io.StringIO())
    files = export(tmp_path / "out")
    assert sorted(files) == [
        "amendments.csv",
        "calendar.csv",
        "contacts.csv",
        "marks.csv",
        "pupils.csv",
        "school.toml",
    ]
    assert files["marks.csv"].decode() == f"upn,date,session,code,minutes_late,note\n{CLEO},2024-09-04,AM,/,,\n"
    assert files["amendments.csv"].count(b"\n") == 1


def test_an_export_takes_the_place_of_an_older_one(school, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "policy-1999-01-01.toml").write_text("[policy]\n")
    assert "policy-1999-01-01.toml" not in export(folder)


def test_numbers_and_quotes(school, tmp_path):
    files = export(tmp_path / "out")
    assert b"attendance_target = 96.5\n" in files["school.toml"]
    assert b'"Call after 3 pm, not before"' in files["contacts.csv"]
    assert b'""again"""' in files["marks.csv"]
    assert all(b"\r" not in content for content in files.values())


def test_an_export_is_recorded(school, tmp_path):
    export(tmp_path / "out")
    with acting_for(school):
        assert AuditRow.objects.filter(verb="export_school").count() == 1


def test_refused_in_one_sentence(school, tmp_path):
    with pytest.raises(CommandError, match=r"There is no school with URN 000000\."):
        call_command("export_school", "000000", str(tmp_path))
    (tmp_path / "file").write_text("")
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("export_school", "123456", str(tmp_path / "file"))


# The daily share


def share(since):
    out = io.StringIO()
    call_command("daily_share", "--school", "123456", "--since", since, stdout=out)
    return out.getvalue().splitlines()


def test_the_daily_share_holds_what_changed(school):
    assert len(share("2024-11-04T11:59:00")) == 13
    assert share("2024-11-04T12:00:00") == [
        "attendance_session_id,school_urn,upn,session_date,session,mark,mark_meaning,minutes_late,modified_at,is_deleted"
    ]


def test_a_mark_taken_back_is_deleted(school):
    with acting_for(school):
        ana = Pupil.objects.get(upn=ANA)
        version = Mark.objects.get(pupil=ana, day="2024-10-11").entry_id
        enter_marks(
            school_id=school.pk,
            day=date(2024, 10, 11),
            session=1,
            changes=[Change(ana.pk, None, version)],
            by=TEACHER,
            at=datetime(2024, 11, 4, 13, tzinfo=LONDON),
            made_at=None,
            source=Entry.Source.OFFICE,
        )
    assert share("2024-11-04T12:30:00")[1:] == [
        f"123456-{ANA}-2024-10-11-AM,123456,{ANA},2024-10-11,AM,,,,2024-11-04T13:00:00+00:00,Y"
    ]
