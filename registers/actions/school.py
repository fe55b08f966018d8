"""The facts a school lives by: its register times, and what its letters say of it."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from attendance_mis import audit
from attendance_mis.actions import Refused
from attendance_mis.actors import Actor
from attendance_mis.models import School
from registers.calendar_rules import why_not_times
from registers.facts import register_times


@transaction.atomic
def edit_school(*, school: School, changes: Mapping[str, tuple[Any, Any]], by: Actor) -> School:
    """Change facts of a school. `changes` are field: (what the person saw, what she wants).

    Raises `Refused` for times the law does not allow (law.md 3.3), and when somebody changed a field meanwhile.
    """
    school = School.objects.select_for_update(no_key=True).get(pk=school.pk)
    labels = {name: str(getattr(School._meta.get_field(name), "verbose_name", name)) for name in changes}
    reasons = [
        f"The {labels[name]} was changed meanwhile. Look at it, then save again."
        for name, (seen, _) in changes.items()
        if getattr(school, name) != seen
    ]
    for name, (_, new) in changes.items():
        setattr(school, name, new)
    reasons += [f"{why[0].upper()}{why[1:]}." for why in why_not_times(register_times(school))]
    if reasons:
        raise Refused(reasons)
    if not changes:
        return school
    school.save(update_fields=list(changes))
    before, after = ({name: _plain(pair[n]) for name, pair in changes.items()} for n in (0, 1))
    audit.record(
        "edit_school",
        school,
        school_id=school.pk,
        by=by,
        summary=f"Changed the school's {', '.join(labels.values())}.",
        data={"before": before, "after": after},
    )
    return school


def _plain(value: Any) -> Any:
    return value if isinstance(value, bool | list | type(None)) else str(value)
