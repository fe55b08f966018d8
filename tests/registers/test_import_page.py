"""The technician's import page: a file is checked, then imported when she says so, by the worker."""

import io
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
import time_machine
from celery import current_app
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from attendance_mis.tenancy import acting_for
from registers.actions.importing import runs
from registers.models import ImportRun, Mark, Pupil
from tests.factories import LONDON
from tests.packs import Pack

Status = ImportRun.Status
CTF = Path(__file__).parent / "ctf" / "version_17.xml"


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture(autouse=True)
def sent(monkeypatch):
    """What was sent to the worker, on commit: the arguments of the task."""
    sent = []
    monkeypatch.setattr(
        "attendance_mis.schedule.current_app.send_task", lambda task, arguments: sent.append((task, arguments))
    )
    return sent


def work(sent):
    """The worker does what was sent last."""
    task, arguments = sent.pop()
    current_app.tasks[task](*arguments)


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(datetime(2024, 11, 4, 12, tzinfo=LONDON), tick=False):
        yield


@pytest.fixture
def pack(cast):
    return Pack().change("school.toml", "123456", cast.school.urn)


def zipped(files, folder=""):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(folder + name, content)
    return out.getvalue()


@pytest.fixture
def upload(cast, django_capture_on_commit_callbacks, sent):
    def upload(content, name="pack.zip", role="technician"):
        with django_capture_on_commit_callbacks(execute=True):
            return cast.client(role).post(cast.url("registers/import/"), {"file": SimpleUploadedFile(name, content)})

    return upload


@pytest.fixture
def checked(cast, upload, sent):
    def checked(content, name="pack.zip"):
        assert upload(content, name).status_code == 302
        work(sent)
        return ImportRun.objects.latest("id")

    return checked


def test_checked_then_imported(cast, pack, checked, sent, django_capture_on_commit_callbacks):
    run = checked(zipped(pack.files))
    assert (run.status, run.verdict) == (Status.CHECKED, "Nothing is written yet.")
    assert "marks: 12 new, 0 changed, 0 the same" in run.lines
    assert not Mark.objects.exists()
    with django_capture_on_commit_callbacks(execute=True):
        cast.client("technician").post(cast.url(f"registers/import/{run.pk}/start/"))
    work(sent)
    run.refresh_from_db()
    assert run.status == Status.DONE
    assert Mark.objects.count() == 12
    assert not default_storage.exists(run.stored_as)


def test_a_transfer_file(cast, checked):
    run = checked(CTF.read_bytes(), "2023001_CTF_2011234_001.xml")
    assert (run.kind, run.status) == ("ctf", Status.CHECKED)
    assert "pupils: 1 new, 0 changed, 0 the same" in run.lines
    assert not Pupil.objects.filter(upn="H202300121001").exists()


def test_a_pack_in_a_folder_of_the_archive(pack, checked):
    assert checked(zipped(pack.files, "my school/")).status == Status.CHECKED


def test_what_is_wrong_is_shown_with_its_place(cast, pack, checked):
    run = checked(zipped(pack.change("pupils.csv", ",F,4,", ",X,4,").files))
    assert run.status == Status.REFUSED
    page = cast.client("technician").get(cast.url(f"registers/import/{run.pk}/")).content.decode()
    assert "pupils.csv:2: sex: &#x27;X&#x27; is not one of F, M" in page
    assert not default_storage.exists(run.stored_as)


def test_the_pack_of_another_school_is_refused(cast, checked):
    run = checked(zipped(Pack().files))
    assert run.status == Status.REFUSED
    assert run.lines == [f"school.toml: school.urn: this is the pack of school 123456; yours is {cast.school.urn}"]


def test_a_task_sent_twice_works_once(cast, pack, upload, sent):
    upload(zipped(pack.files))
    sent *= 2
    work(sent)
    before = ImportRun.objects.get().ended_at
    work(sent)
    assert ImportRun.objects.get().ended_at == before


def test_a_fault_of_the_server_is_a_status(cast, pack, upload, sent, monkeypatch):
    upload(zipped(pack.files))
    monkeypatch.setattr(runs, "import_pack", lambda *args, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        work(sent)
    run = ImportRun.objects.get()
    assert run.status == Status.FAILED
    assert "nothing was written" in run.verdict


def test_a_later_file_takes_the_place_of_one_that_waits(pack, checked):
    first = checked(zipped(pack.files))
    checked(zipped(pack.files))
    first.refresh_from_db()
    assert (first.status, first.verdict) == (Status.REFUSED, runs.REPLACED)


def test_only_a_checked_file_is_imported(cast, pack, checked, sent):
    run = checked(zipped(pack.change("pupils.csv", ",F,4,", ",X,4,").files))
    answer = cast.client("technician").post(cast.url(f"registers/import/{run.pk}/start/"), follow=True)
    assert "not waiting to be imported" in answer.content.decode()
    assert not sent


def test_the_page_waits_and_shows_how_far_it_is(cast, pack, upload):
    upload(zipped(pack.files))
    run = ImportRun.objects.get()
    page = cast.client("technician").get(cast.url(f"registers/import/{run.pk}/")).content.decode()
    assert 'hx-trigger="every 2s"' in page
    assert "<progress" in page


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("pack.zip", b"PK but no zip", "is not a zip file"),
        ("pack.zip", zipped({"readme.txt": "hello"}), "holds no file of a school pack"),
        ("pack.zip", zipped({"a/pupils.csv": "", "b/pupils.csv": ""}), "holds more than one pupils.csv"),
        ("pack.zip", zipped({f"{n}.csv": "" for n in range(300)}), "is far larger than a school pack"),
    ],
)
def test_an_archive_that_is_no_pack(cast, checked, name, content, said):
    run = checked(content, name)
    assert run.status == Status.REFUSED
    assert said in run.lines[0]


def test_a_path_out_of_the_folder_stays_inside(cast, checked, tmp_path):
    run = checked(zipped({"../school.toml": "", "/etc/pupils.csv": ""}))
    assert run.status == Status.REFUSED
    assert not list(tmp_path.glob("**/school.toml"))


def test_a_zip_bomb_is_refused(cast, checked, monkeypatch):
    monkeypatch.setattr("registers.pack.archive.LARGEST", 1_000_000)
    run = checked(zipped({"marks.csv": "\0" * 10_000_000}))
    assert run.lines == ["pack.zip: is far larger than a school pack"]


@pytest.mark.parametrize(("name", "content"), [("pack.rar", b"x"), ("pack.zip", b"")])
def test_a_file_that_is_refused_at_once(cast, upload, name, content):
    assert upload(content, name).status_code == 422
    assert not ImportRun.objects.exists()


@pytest.mark.parametrize("role", ["teacher", "office", "head", "governor"])
def test_only_the_technician(cast, upload, role):
    assert upload(b"x", role=role).status_code == 403


def test_another_schools_run_is_not_found(cast, pack, checked):
    run = checked(zipped(pack.files))
    with acting_for(cast.other_school):
        other = cast.other_school.urn
    client = cast.client("technician")
    assert client.get(f"/s/{other}/registers/import/{run.pk}/").status_code == 404
