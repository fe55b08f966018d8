"""Imports that a technician runs on a page: a file is checked, then imported when she says so, by the worker.

The row is the queue. Its status is claimed by a conditional UPDATE, so a task that is sent twice runs once.
"""

import tempfile
from datetime import timedelta
from pathlib import Path
from time import monotonic
from uuid import uuid4

from django.core.cache import cache
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from attendance_mis import audit
from attendance_mis.actions import Refused
from attendance_mis.actors import Actor
from attendance_mis.models import School, User
from attendance_mis.schedule import send_soon
from registers.actions.importing import import_pack
from registers.actions.importing.report import Report
from registers.actions.importing.transfer import import_ctf
from registers.models import ImportRun
from registers.pack.archive import unpack
from registers.pack.faults import Faults, PackRefused

Status = ImportRun.Status
WORK = "registers.tasks.work_on_imports"
# A run that began so long ago has lost its worker.
GIVEN_UP_AFTER = timedelta(hours=1)
REPLACED = "A later file took its place; nothing was written."


def upload_import(*, school: School, file: File, user: User, by: Actor) -> ImportRun:
    """Keep a file and have it checked. A file that only waited for its import gives way to it."""
    name = Path(file.name or "file").name[-100:]
    suffix = Path(name).suffix.lower()
    stored_as = default_storage.save(f"imports/{uuid4()}{suffix}", file)
    with transaction.atomic():
        for earlier in ImportRun.objects.filter(status=Status.CHECKED):
            _end(earlier, Status.REFUSED, earlier.lines, REPLACED)
        run = ImportRun.objects.create(
            school=school,
            kind=ImportRun.Kind.CTF if suffix == ".xml" else ImportRun.Kind.PACK,
            file_name=name,
            stored_as=stored_as,
            uploaded_at=timezone.now(),
            uploaded_by=user,
        )
        audit.record("upload_import", run, school_id=school.pk, by=by, summary=f"Uploaded a {run.get_kind_display()}.")
        send_soon(WORK, school.pk)
    return run


def start_import(*, run: ImportRun) -> None:
    """Have a checked file imported; one whose worker was lost is begun again. Raises `Refused` for any other."""
    lost = timezone.now() - GIVEN_UP_AFTER
    with transaction.atomic():
        asked = ImportRun.objects.filter(pk=run.pk, status=Status.CHECKED).update(status=Status.TO_IMPORT)
        asked += ImportRun.objects.filter(pk=run.pk, status=Status.IMPORTING, begun_at__lt=lost).update(
            status=Status.TO_IMPORT
        )
        asked += ImportRun.objects.filter(pk=run.pk, status=Status.CHECKING, begun_at__lt=lost).update(
            status=Status.TO_CHECK
        )
        if not asked:
            raise Refused(["This file is not waiting to be imported. Upload it again."])
        send_soon(WORK, run.school_id)


def work_on_imports() -> None:
    """Check or import each file that waits, in the order they came; once, however often the worker is asked."""
    for run in ImportRun.objects.filter(status__in=[Status.TO_CHECK, Status.TO_IMPORT]).order_by("uploaded_at"):
        _work_on(run)


def _work_on(run: ImportRun) -> None:
    for waiting, working, after in (
        (Status.TO_CHECK, Status.CHECKING, Status.CHECKED),
        (Status.TO_IMPORT, Status.IMPORTING, Status.DONE),
    ):
        claimed = ImportRun.objects.filter(pk=run.pk, status=waiting).update(status=working, begun_at=timezone.now())
        if claimed:
            _work(run, check=after == Status.CHECKED, after=after)
            return


def percent_done(run: ImportRun) -> int:
    """How much of the file has been read."""
    return cache.get(_progress_key(run), 0)


def _work(run: ImportRun, *, check: bool, after: str) -> None:
    try:
        report = _import(run, check=check)
    except PackRefused as refused:
        _end(run, Status.REFUSED, list(map(str, refused.faults.shown)), refused.faults.verdict)
    except Exception:
        _end(run, Status.FAILED, [], "The server could not finish it, and nothing was written. Upload the file again.")
        raise
    else:
        verdict = "Nothing is written yet." if check else "All of it is written."
        _end(run, after, report.lines, verdict)


def _import(run: ImportRun, *, check: bool) -> Report:
    by = _actor(run)
    progress = _Noted(run)
    with tempfile.TemporaryDirectory() as temporary:
        faults, folder = Faults(), Path(temporary)
        brought = folder / Path(run.file_name).name
        with default_storage.open(run.stored_as) as stored, brought.open("wb") as file:
            for block in stored.chunks():
                file.write(block)
        if run.kind == ImportRun.Kind.CTF:
            return import_ctf(brought, school=run.school, by=by, check=check)
        pack = folder / "pack"
        pack.mkdir()
        unpack(brought, pack, run.file_name, faults)
        if faults:
            raise PackRefused(faults)
        brought.unlink()
        return import_pack(pack, by=by, check=check, only=run.school, progress=progress)


def _actor(run: ImportRun) -> Actor:
    user = run.uploaded_by
    held = [m for m in user.current_memberships() if m.school_id == run.school_id]
    return held[0].actor() if held else Actor(name=user.name, position="Technician", user_id=user.pk)


def _end(run: ImportRun, status: str, lines: list[str], verdict: str) -> None:
    ImportRun.objects.filter(pk=run.pk).update(status=status, lines=lines, verdict=verdict, ended_at=timezone.now())
    cache.delete(_progress_key(run))
    if status != Status.CHECKED:
        default_storage.delete(run.stored_as)


def _progress_key(run: ImportRun) -> str:
    return f"import-{run.pk}"


class _Noted:
    """Progress where the page finds it: the run's own row is in the import's transaction."""

    def __init__(self, run: ImportRun) -> None:
        self._key, self._noted_at = _progress_key(run), 0.0

    def __call__(self, file: str, done: int, whole: int) -> None:
        if whole and monotonic() - self._noted_at > 1:
            self._noted_at = monotonic()
            cache.set(self._key, 100 * done // whole, 3600)
