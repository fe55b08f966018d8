"""The broker is gone: who asks the worker for something hears of it, and what is written is done when it is back."""

import pytest
from celery import current_app
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from kombu.exceptions import OperationalError

from attendance_mis import schedule
from registers.models import ImportRun, Reminder
from tests.conftest import TODAY

pytestmark = pytest.mark.usefixtures("clock", "_gone")


@pytest.fixture
def _gone(monkeypatch):
    def refuse(*args, **kwargs):
        raise OperationalError("Error 111 connecting to 127.0.0.1:6379. Connection refused.")

    monkeypatch.setattr(current_app, "send_task", refuse)


def test_a_file_is_kept_and_checked_at_the_next_tick(cast, settings, tmp_path, django_capture_on_commit_callbacks):
    settings.MEDIA_ROOT = tmp_path
    file = SimpleUploadedFile("pack.zip", b"PK but no zip")
    with django_capture_on_commit_callbacks(execute=True):
        assert cast.client("technician").post(cast.url("registers/import/"), {"file": file}).status_code == 302
    run = ImportRun.objects.get()
    assert run.status == ImportRun.Status.TO_CHECK
    tick = [name for name, arguments in schedule.due(run.uploaded_at) if arguments == [cast.school.pk]]
    assert "registers.tasks.work_on_imports" in tick
    current_app.tasks["registers.tasks.work_on_imports"](cast.school.pk)
    run.refresh_from_db()
    assert (run.status, "is not a zip file" in run.lines[0]) == (ImportRun.Status.REFUSED, True)


def test_whoever_asks_for_a_check_of_the_record_is_told(cast):
    page = cast.client("head").post(reverse("registers:verify_record", args=[cast.school.urn]))
    assert page.status_code == 200
    assert "nothing is checked just now" in page.content.decode()
    assert "is being checked" not in page.content.decode()


def test_a_reminder_is_on_the_teachers_page_without_its_mail(cast):
    address = reverse("registers:remind", args=[cast.school.urn, cast.own_class.pk, TODAY, 1])
    page = cast.client("office").post(address, follow=True)
    assert "no e-mail can be sent just now" in page.content.decode()
    assert Reminder.objects.get().mailed_to == ""


def test_whoever_forgot_her_password_is_told(client, cast, settings):
    settings.EMAIL_URL = "smtp://127.0.0.1"
    page = client.post(reverse("recover"), {"email": cast.people["teacher"].email})
    assert (page.status_code, "cannot be sent just now" in page.content.decode()) == (422, True)
