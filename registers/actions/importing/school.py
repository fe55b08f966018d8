"""Write the school itself and its policy."""

import json
from datetime import date
from typing import Any

from django.forms.models import model_to_dict
from django.utils import timezone

from attendance_mis import audit
from attendance_mis.actors import Actor
from attendance_mis.models import School
from attendance_mis.tenancy import acting_for
from registers.actions.importing.report import Report, Tally
from registers.models import PolicyVersion
from registers.pack.school import SchoolFacts


def put(held: School | None, facts: SchoolFacts, today: date, by: Actor, report: Report) -> School:
    """Create the school, or change what the pack says otherwise, and add its policy as a version."""
    tally = report.tally("school")
    if held is None:
        held = School.objects.create(**facts.values)
        tally.new = 1
    else:
        before = model_to_dict(held, fields=list(facts.values))
        changes = {name: [before[name], value] for name, value in facts.values.items() if before[name] != value}
        tally.changed, tally.same = (1, 0) if changes else (0, 1)
        if changes:
            School.objects.filter(pk=held.pk).update(**{name: after for name, (_, after) in changes.items()})
            held.refresh_from_db()
            summary = f"The pack changed {', '.join(changes)} of the school."
            data = json.loads(json.dumps(changes, default=str))
            audit.record("import_school", held, school_id=held.pk, by=by, summary=summary, data=data)
    with acting_for(held):
        _put_policies(held, facts, today, by, report.tally("policies"))
    return held


def _put_policies(held: School, facts: SchoolFacts, today: date, by: Actor, tally: Tally) -> None:
    standing = {version.in_force_from: version for version in PolicyVersion.objects.all()}
    wanted: dict[date | None, dict[str, Any]] = {
        None if day == date.min else day: table for day, table in facts.dated_policies.items()
    }
    if facts.policy is not None and facts.policy not in wanted.values():
        # A pack without dated policies knows one, and says it of every day: it corrects the newest version held here.
        newest = max(standing, key=lambda day: day or date.min, default=None)
        is_known = bool(standing) and standing[newest].document == facts.policy
        wanted[today if wanted and not is_known else newest] = facts.policy
    for day, table in wanted.items():
        version = standing.get(day)
        if version and version.document == table:
            tally.same += 1
            continue
        tally.changed, tally.new = tally.changed + bool(version), tally.new + (not version)
        if version:
            audit.record(
                "import_policy",
                version,
                school_id=held.pk,
                by=by,
                summary=f"The pack changed the policy in force from {day or 'the start'}.",
                data={"before": version.document, "after": table},
            )
        PolicyVersion.objects.update_or_create(
            school=held,
            in_force_from=day,
            defaults={"document": table, "changed_at": timezone.now(), "changed_by": by.name},
        )
    for day in standing:
        if day not in wanted:
            tally.leave(f"from {day}" if day else "the first")
