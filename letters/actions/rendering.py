"""Make the PDF of each approved copy: once, stored with its hash, never changed again.

A worker claims a few copies in a transaction of its own, draws them, and stores each PDF with the copy's new status in
one transaction. Killed anywhere, it leaves a claim that grows old and nothing half; the next run takes it up. Two
that drew the same copy: the PDF's key and the claim let one of them store it.
"""

import gc
import hashlib
from datetime import datetime, timedelta

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F

from attendance_mis import clock
from attendance_mis.models import School
from letters.drawing import draw
from letters.models import Copy, Letterhead, StoredPdf
from letters.querysets import CopyQuerySet
from letters.series import swept

AT_ONCE = 10
WORKS_FOR = timedelta(seconds=150)  # a run stops taking new ones well before its task is killed
MOST_ATTEMPTS = 3
MOST_PAGES = 10  # what GOV.UK Notify takes
MOST_BYTES = 2_000_000
DEFERRED = ("letter__marks",)


class CannotBeMade(Exception):
    """A letter that drawing again would not make better. The text is for a person to read."""


def render_due(*, school: School) -> int:
    """Make what is due at a school; how many were made."""
    head = Letterhead.objects.filter(school=school).first()
    stop_at = clock.true_now(school) + WORKS_FOR
    made = 0
    with swept():
        while clock.true_now(school) < stop_at and (copies := _claim(school)):
            for copy in copies:
                made += _make(copy, school, head)
            gc.collect()
    return made


@transaction.atomic
def _claim(school: School) -> list[Copy]:
    """The next copies for this worker; another worker passes over them."""
    now = clock.true_now(school)
    stale = now - timedelta(seconds=settings.LETTER_CLAIM_SECONDS)
    due = Copy.objects.to_render(now, stale).select_for_update(skip_locked=True).order_by("letter", "pk")
    ids = list(due.values_list("pk", flat=True)[:AT_ONCE])
    Copy.objects.filter(pk__in=ids).update(status=Copy.Status.RENDERING, claimed_at=now, next_try_at=None)
    copies = Copy.objects.filter(pk__in=ids).select_related("letter__version").defer(*DEFERRED).order_by("letter", "pk")
    return list(copies)


def _make(copy: Copy, school: School, head: Letterhead | None) -> bool:
    if not _begin(copy, school):
        return False
    if copy.attempts > MOST_ATTEMPTS:
        _fail(copy, "It could not be made: the worker died of it more than once. Look at its text.")
        return False
    try:
        pdf, pages = draw(copy, copy.letter, school, head)
        _check(pdf, pages)
        _store(copy, school, pdf, pages)
    except CannotBeMade as fault:
        _fail(copy, str(fault))
        return False
    except (OperationalError, InterfaceError) as fault:
        _wait_for_database(copy, school, fault)
        return False
    except Exception as fault:
        _try_again(copy, school, type(fault).__name__)
        return False
    return True


def _begin(copy: Copy, school: School) -> bool:
    """Count the attempt before it is made, of this copy alone: what kills a worker is given up, not its neighbours."""
    now = clock.true_now(school)
    if not _mine(copy).update(attempts=F("attempts") + 1, claimed_at=now):
        return False
    copy.attempts, copy.claimed_at = copy.attempts + 1, now
    return True


def _check(pdf: bytes, pages: int) -> None:
    """Raises CannotBeMade for what cannot be sent."""
    if pages > MOST_PAGES:
        raise CannotBeMade(f"The letter would have {pages} pages; {MOST_PAGES} are the most that can be sent.")
    if len(pdf) > MOST_BYTES:
        raise CannotBeMade(f"The letter would have {len(pdf) / 1e6:.1f} MB; 2 MB are the most that can be sent.")


@transaction.atomic
def _store(copy: Copy, school: School, pdf: bytes, pages: int) -> None:
    """The PDF and the status together, if the claim still stands."""
    if not _mine(copy).update(status=Copy.Status.RENDERED, attempts=0, fault="", claimed_at=None):
        return
    StoredPdf.objects.create(
        school=school,
        copy=copy,
        data=pdf,
        sha256=hashlib.sha256(pdf).hexdigest(),
        size=len(pdf),
        pages=pages,
        made_at=clock.true_now(school),
    )


def _mine(copy: Copy) -> CopyQuerySet:
    """The row as long as this worker's claim on it stands."""
    return Copy.objects.filter(pk=copy.pk, status=Copy.Status.RENDERING, claimed_at=copy.claimed_at)


def _fail(copy: Copy, fault: str) -> None:
    _mine(copy).update(status=Copy.Status.FAILED, fault=fault[:300], claimed_at=None)


def _try_again(copy: Copy, school: School, kind: str) -> None:
    if copy.attempts >= MOST_ATTEMPTS:
        _fail(copy, f"It could not be made ({kind}). Look at its text, or at the server's disk and memory.")
        return
    at: datetime = clock.true_now(school) + timedelta(minutes=2 ** (copy.attempts - 1))
    _mine(copy).update(
        status=Copy.Status.APPROVED,
        next_try_at=at,
        claimed_at=None,
        fault=f"It could not be made ({kind}); tried again.",
    )


def _wait_for_database(copy: Copy, school: School, fault: Exception) -> None:
    """A full disk or a database that went away is no fault of the letter: it is tried until it can be stored.

    Raises the fault again where nothing can be written now: the claim grows old, and the next run takes it up.
    """
    if not connection.is_usable():
        connection.close()
        raise fault
    at = clock.true_now(school) + timedelta(seconds=settings.TICK_SECONDS)
    said = "It could not be stored: the database's disk may be full. It is tried again each minute."
    _mine(copy).update(status=Copy.Status.APPROVED, next_try_at=at, attempts=0, claimed_at=None, fault=said)


def stored(copy: Copy) -> bytes:
    """The bytes of a copy's PDF, proved against their hash. Raises StoredPdf.DoesNotExist; ValueError when altered."""
    pdf = StoredPdf.objects.get(copy=copy)
    data = bytes(pdf.data)
    if hashlib.sha256(data).hexdigest() != pdf.sha256:
        raise ValueError(f"The PDF of copy {copy.pk} is not what was stored.")
    return data
