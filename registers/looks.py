"""Who opened a page of one child: written down, so that she and her parents can be told who looked.

A page is hers when its address names her, or a row that leads to her (`OF_A_CHILD`): a case, a letter, a notice. Pages
that list many children are not looks. What a page fetches by itself, or shows again with a form that was refused, is
part of the look an hour ago at most; without one it is a look of its own, so that nobody reads unseen by asking for the
parts.
"""

from datetime import timedelta

from django.apps import apps
from django.http import HttpResponse
from django.utils import timezone

from attendance_mis import audit
from attendance_mis.middleware import Middleware
from attendance_mis.models import AuditRow
from attendance_mis.requests import Request
from registers import subject_access

PART_OF_A_LOOK = timedelta(hours=1)
# What stands in an address, and the table of the row it names; the floors above stand above.
OF_A_CHILD = {
    "pupil_id": "registers.Pupil",
    "case_id": "casework.Case",
    "case_plan_id": "casework.Plan",
    "certificate_id": "registers.Certificate",
    "copy_id": "letters.Copy",
    "crossing_id": "registers.Crossing",
    "decision_id": "penalties.Decision",
    "evidence_id": "penalties.Evidence",
    "filled_form_id": "casework.FilledForm",
    "improvement_id": "penalties.ImprovementNotice",
    "item_id": "penalties.PackItem",
    "leave_id": "casework.LeaveRequest",
    "letter_id": "letters.Letter",
    "meeting_id": "casework.Meeting",
    "notice_id": "penalties.PenaltyNotice",
    "order_id": "penalties.Order",
    "pack_id": "penalties.Pack",
    "plan_id": "registers.PlannedAbsence",
    "proposal_id": "registers.Proposal",
    "record_id": "casework.ContactRecord",
    "referral_id": "casework.Referral",
    "report_id": "casework.AbsenceReport",
    "sensitivity_id": "letters.Sensitivity",
    "standing_id": "casework.Standing",
    "task_id": "casework.Task",
    "weekly_item_id": "casework.WeeklyItem",
}


class LookMiddleware(Middleware):
    """Write down who opened a page of one child."""

    def __call__(self, request: Request) -> HttpResponse:
        response = self.get_response(request)
        if request.method == "HEAD" or response.status_code not in (200, 422) or not hasattr(request, "school"):
            return response
        pupil_id = _child_of(request)
        if pupil_id is None or (_is_part(request) and _has_looked(request, pupil_id)):
            return response
        page = request.resolver_match.view_name.rpartition(":")[2].replace("_", " ")  # type: ignore[union-attr]
        audit.record(
            "look",
            school_id=request.school.pk,
            by=request.actor,
            summary=f"Opened the page “{page}”.",
            pupil_id=pupil_id,
        )
        return response


def _child_of(request: Request) -> int | None:
    """The child whose page this is; none for a page of many, or of nobody."""
    parts = request.resolver_match.kwargs if request.resolver_match else {}
    if "pupil_id" in parts:
        return int(parts["pupil_id"])
    for name, pk in parts.items():
        if name in OF_A_CHILD:
            model = apps.get_model(OF_A_CHILD[name])
            rows = model._default_manager.filter(pk=pk)
            return rows.values_list(subject_access.paths()[model], flat=True).first()
    return None


def _is_part(request: Request) -> bool:
    return bool(request.htmx) or request.method != "GET"


def _has_looked(request: Request, pupil_id: int) -> bool:
    lately = timezone.now() - PART_OF_A_LOOK
    looks = AuditRow.objects.filter(pupil_id=pupil_id, at__gt=lately, by_id=request.user.pk, verb="look")
    return looks.exists()
