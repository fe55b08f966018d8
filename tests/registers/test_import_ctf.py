"""`import_ctf`: read by name whatever the version, refuse what is no transfer file, list what was not used."""

import io
from datetime import date, datetime
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command

from attendance_mis.models import AuditRow
from registers.models import Contact, PreviousAttendance, Pupil
from tests.factories import LONDON

pytestmark = pytest.mark.django_db

FOLDER = Path(__file__).parent / "ctf"
OLD, NEW = FOLDER / "version_17.xml", FOLDER / "version_25.xml"


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(datetime(2024, 9, 4, 12, tzinfo=LONDON), tick=False):
        yield


@pytest.fixture
def run(cast):
    def run(path, *options):
        out = io.StringIO()
        call_command("import_ctf", str(path), "--school", cast.school.urn, *options, stdout=out)
        return out.getvalue().splitlines()

    return run


@pytest.fixture
def refused(cast, tmp_path):
    def refused(content):
        path = tmp_path / "file.xml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        before, errors = Pupil.objects.count(), io.StringIO()
        with pytest.raises(CommandError, match="Nothing was written"):
            call_command("import_ctf", str(path), "--school", cast.school.urn, stderr=errors)
        assert Pupil.objects.count() == before
        return errors.getvalue().splitlines()

    return refused


@pytest.mark.parametrize(
    ("number", "is_ours"), [(None, True), ("999/9999", False), ("LLL/LLLL", True), ("MMM/MMMM", True)]
)
def test_a_file_made_for_another_school_says_so_first(run, cast, tmp_path, number, is_ours):
    """Letters stand for a school that nobody knew. An academy was another number once: so it is not refused."""
    la, estab = (number or f"{cast.school.laestab[:3]}/{cast.school.laestab[3:]}").split("/")
    path = tmp_path / "file.xml"
    path.write_text(
        OLD.read_text().replace("<LEA>201</LEA><Estab>1234</Estab>", f"<LEA>{la}</LEA><Estab>{estab}</Estab>")
    )
    first, *_ = run(path, "--check")
    assert first.startswith("Stop and look: the file was made for the school 999/9999, and") is not is_ours


def test_an_older_version(run):
    lines = run(OLD)
    assert "pupils: 1 new, 0 changed, 0 the same" in lines
    pupil = Pupil.objects.get(upn="H202300121001")
    assert (pupil.sex, pupil.year_group, pupil.sen_status, pupil.fsm) == ("F", "2", "K", True)
    assert (pupil.preferred_forename, pupil.middle_names, pupil.first_language) == ("Zosia", "Maria", "POL")
    spell = pupil.registrations.get()
    assert (spell.admission_date, spell.last_school) == (date(2024, 9, 4), "Fir Nursery and Infants")
    contact = pupil.contacts.get()
    assert (contact.address_1, contact.town, contact.postcode) == ("12 Example Road", "London", "N1 1AA")
    assert (contact.mobile, contact.parental_responsibility) == ("07700 900456", True)


def test_attendance_elsewhere_is_kept_as_sums(run):
    run(OLD)
    year = PreviousAttendance.objects.get()
    assert (year.academic_year, year.laestab) == (2023, "2023001")
    assert (year.possible, year.attended, year.authorised, year.unauthorised) == (378, 360, 12, 6)
    assert year.marks_start == date(2024, 7, 15)


def test_a_newer_version_with_a_namespace(run):
    lines = run(NEW, "--admitted", "2024-09-09")
    pupil = Pupil.objects.get(upn="U203200220002")
    assert (pupil.sex, pupil.sen_status, pupil.eal, pupil.year_group) == ("M", "E", True, "4")
    assert pupil.registrations.get().admission_date == date(2024, 9, 9)
    assert [(c.priority, c.address_1, c.town) for c in pupil.contacts.all()] == [
        (1, "3 Example Court", "London"),
        (2, "", ""),
    ]
    unused = next(line for line in lines if line.startswith("Not used"))
    assert "CTFpupilData/Pupil/SomethingNew/Detail (1)" in unused
    assert "CTFpupilData/Pupil/UniqueLearnerNumber (1)" in unused


def test_a_check_writes_nothing(run):
    before = Pupil.objects.count()
    lines = run(OLD, "--check")
    assert lines[-1] == "Nothing was written: this was a check."
    assert "pupils: 1 new, 0 changed, 0 the same" in lines
    assert Pupil.objects.count() == before


def test_twice_is_as_once(run):
    run(OLD)
    before = [table.objects.count() for table in (Pupil, Contact, PreviousAttendance, AuditRow)]
    assert "pupils: 0 new, 0 changed, 1 the same" in run(OLD)
    assert [table.objects.count() for table in (Pupil, Contact, PreviousAttendance, AuditRow)] == before


def test_what_the_school_knows_is_kept(run):
    run(OLD)
    Pupil.objects.filter(upn="H202300121001").update(sen_status="E", ethnicity="")
    lines = run(OLD)
    pupil = Pupil.objects.get(upn="H202300121001")
    assert (pupil.sen_status, pupil.ethnicity) == ("E", "WEEU")
    assert f"{pupil.upn}: sen_status in the file differ; the school's own were kept." in lines


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("<UPN>", "<UPN>Z", "file.xml:13: UPN: must have 13 characters, has 14"),
        ("2017-02-03", "3 Feb 2017", "DOB: '3 Feb 2017' is not a date; write it as YYYY-MM-DD"),
        ("<DOB>2017-02-03</DOB>", "", "file.xml:13: DOB: is missing"),
        ("<Surname>Kowalska</Surname>\n      <Forename>Z", "<Forename>Z", "file.xml:13: Surname: is missing"),
        ("<Gender>F", "<Gender>U", "file.xml:13: Sex: 'U' is not one of F, M"),
        ("<SessionsPossible>378", "<SessionsPossible>many", "SessionsPossible: 'many' is not a whole number"),
        ("</CTfile>", "", "is not well-formed XML"),
        ("CTfile", "Register", "is not a Common Transfer File: it begins with <Register>"),
        ("Zofia", "Z" * 200, "legal_forename: is 200 characters long; at most 100 are kept"),
    ],
)
def test_refused(refused, old, new, said):
    content = OLD.read_text()
    assert old in content
    lines = refused(content.replace(old, new) if old == "CTfile" else content.replace(old, new, 1))
    assert any(said in line for line in lines), lines


ENTITIES = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 25))
BOMB = f'<!DOCTYPE x [<!ENTITY e0 "aaaaaaaaaa">{ENTITIES}]><CTfile>&e24;</CTfile>'


@pytest.mark.parametrize(
    "content",
    [
        BOMB,
        '<!DOCTYPE CTfile [<!ENTITY secret SYSTEM "file:///etc/passwd">]><CTfile>&secret;</CTfile>',
        '<!DOCTYPE CTfile SYSTEM "http://dtd.example/ctf.dtd"><CTfile/>',
        "<CTfile>&undeclared;</CTfile>",
    ],
    ids=["bomb", "file", "network", "undeclared"],
)
def test_a_bomb_is_refused_in_words(refused, content):
    [line] = refused(content)
    assert "which a Common Transfer File never does" in line


@pytest.mark.parametrize("content", ["", "hello", b"\xff\xfe\x00", b"PK\x03\x04", "<CTfile/>", "<a>" * 10_000])
def test_rubbish_is_refused_in_words(refused, content):
    assert refused(content)


def test_refused_in_one_sentence(cast):
    with pytest.raises(CommandError, match="is not a file"):
        call_command("import_ctf", "/nowhere.xml", "--school", cast.school.urn)
    with pytest.raises(CommandError, match="There is no school with URN 999999"):
        call_command("import_ctf", str(OLD), "--school", "999999")
