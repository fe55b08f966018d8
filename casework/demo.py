"""What the office of a demonstration has done before anybody looks: the returns that were due are made."""

from datetime import date, timedelta

from attendance_mis import clock
from attendance_mis.models import Membership, School
from attendance_mis.permissions import Role
from attendance_mis.tenancy import acting_for
from casework.actions.clocks import make_return, record_clocks_done
from casework.clocks import Kind
from casework.returns import return_of
from casework.statutory import running_clocks

LEFT_TO_DO = timedelta(7)  # what fell due later is for the visitor


def make_due_returns(school_id: int, day: str) -> None:
    """Make every return that fell due a week before a day, and tell the authority of part-time timetables."""
    before = date.fromisoformat(day) - LEFT_TO_DO
    with acting_for(school_id):
        school = School.objects.get(pk=school_id)
        by = Membership.objects.filter(school=school, role=Role.OFFICE).earliest("pk").actor()
        keys: dict[Kind, list[str]] = {}
        for each in running_clocks(school, clock.now(school)):
            if each.clock.is_reached and each.clock.due and each.clock.due < before:
                keys.setdefault(return_of(each.clock.kind) or each.clock.kind, []).append(each.key)
        for kind, of_kind in keys.items():
            if return_of(kind):
                make_return(school=school, kind=kind, keys=of_kind, by=by)
            elif kind is Kind.PART_TIME_TOLD:
                record_clocks_done(school=school, keys=of_kind, note="By the authority's form.", by=by)
