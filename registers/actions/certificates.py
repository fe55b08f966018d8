"""Issue a registration certificate, and confirm one that somebody holds."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Max
from django.template.loader import render_to_string
from django.utils import timezone

from attendance_mis import audit, clock
from attendance_mis.actions import Refused
from attendance_mis.actors import Actor
from attendance_mis.models import School
from attendance_mis.pdf import render_pdf
from attendance_mis.spreadsheets import as_csv
from registers.certificate import CSV_HEADER, contents, csv_lines, why_not_certify
from registers.models import Certificate, Entry, Pupil


@transaction.atomic
def issue_certificate(
    *, pupil: Pupil, first: date, last: date, by: Actor, moment: datetime | None = None
) -> Certificate:
    """Certify the register of a pupil as it was recorded at `moment`, or now to the minute. Raises `Refused`."""
    school = School.objects.select_for_update(no_key=True).get(pk=pupil.school_id)
    now = clock.now(school)
    moment = (moment or now.replace(second=0, microsecond=0)).astimezone(school.zone)
    if reasons := why_not_certify(first, last, moment, now):
        raise Refused(reasons)
    audit.close_gate(school.pk)  # no mark of an earlier moment is on its way
    last_entry_id = Entry.objects.aggregate(newest=Max("id"))["newest"] or 0
    found = contents(pupil, first, last, moment, last_entry_id)
    if not found.slots:
        raise Refused(["The school held no session in these days."])
    number = (Certificate.objects.aggregate(highest=Max("number"))["highest"] or 0) + 1
    html = render_to_string(
        "registers/certificate_pdf.html", {"of": found, "number": number, "issued": now, "by": by, "school": school}
    )
    certificate = Certificate.objects.create(
        school=school,
        pupil=pupil,
        number=number,
        first=first,
        last=last,
        moment=moment,
        last_entry_id=last_entry_id,
        check_value=found.check_value,
        at=timezone.now(),
        by_id=by.user_id,
        by_name=by.name,
        by_position=by.position,
        pdf=render_pdf(html, "registers/certificate.css"),
        csv=as_csv(CSV_HEADER, csv_lines(found)),
    )
    audit.record(
        "issue_certificate",
        certificate,
        school_id=school.pk,
        by=by,
        pupil_id=pupil.pk,
        summary=f"Issued registration certificate {number}: {first:%-d %B %Y} to {last:%-d %B %Y}, "
        f"as recorded on {moment:%-d %B %Y at %H:%M}.",
        data={"check_value": found.check_value},
    )
    return certificate
