"""Export all that is held on one child."""

import csv
import hashlib
import io
import zipfile

from django.db import transaction
from django.template.loader import render_to_string

from attendance_mis import audit, clock
from attendance_mis.actors import Actor
from registers.models import Pupil
from registers.subject_access import Redaction, Table, tables


@transaction.atomic
def export_subject(*, pupil: Pupil, redaction: Redaction, reason: str, by: Actor) -> bytes:
    """One zip: `everything.html` to read, each table as CSV, each stored document as it is, and their SHA-256.

    Who asked for it, why and what was blacked out stands in the audit trail, with the hash of the zip.
    """
    found = list(tables(pupil, redaction))
    page = render_to_string(
        "registers/_subject_access.html",
        {
            "pupil": pupil,
            "school": pupil.school,
            "tables": found,
            "made_at": clock.now(pupil.school),
            "redaction": redaction,
        },
    )
    members = {"everything.html": page.encode()}
    for table in found:
        members[f"tables/{table.key}.csv"] = _csv(table)
        members.update({f"documents/{name}": content for name, content in table.files.items()})
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in members.items())
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**members, "SHA256SUMS": sums.encode()}.items():
            archive.writestr(name, content)
    content = whole.getvalue()
    left_out = [what for what, is_out in (("staff", redaction.staff), ("contacts", redaction.contacts)) if is_out]
    audit.record(
        "export_subject",
        pupil,
        school_id=pupil.school_id,
        by=by,
        summary=f"Exported all that is held on the child: {reason}",
        pupil_id=pupil.pk,
        data={"sha256": hashlib.sha256(content).hexdigest(), "blacked_out": left_out},
    )
    return content


def _csv(table: Table) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(table.columns)
    writer.writerows([[_plain(value) for value in row] for row in table.rows])
    return ("\ufeff" + text.getvalue()).encode()


def _plain(value: str) -> str:
    """A cell that a spreadsheet does not take for a formula."""
    return f"'{value}" if value[:1] in "=+-@\t\r" else value
