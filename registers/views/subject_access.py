"""What a child's parents, and the data protection officer, may ask: what is held, and who looked."""

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from attendance_mis.models import AuditRow
from attendance_mis.permissions import Permission, requires
from attendance_mis.requests import Request, per_page
from registers.actions import subject_access as actions
from registers.forms.subject_access import ExportSubjectForm
from registers.models import Pupil
from registers.subject_access import Redaction


@requires(Permission.EXPORT_SUBJECT)
def see_who_looked(request: Request, pupil_id: int) -> HttpResponse:
    pupil = get_object_or_404(Pupil, pk=pupil_id)
    page = Paginator(_looks(pupil), per_page(request, 100)).get_page(request.GET.get("page"))
    return render(request, "registers/see_who_looked.html", {"pupil": pupil, "page": page})


@requires(Permission.EXPORT_SUBJECT)
def export_subject(request: Request, pupil_id: int) -> HttpResponse:
    pupil = get_object_or_404(Pupil, pk=pupil_id)
    form = ExportSubjectForm(request.POST or None)
    if form.is_valid():
        said = form.cleaned_data
        redaction = Redaction(staff=said["black_out_staff"], contacts=said["black_out_contacts"])
        content = actions.export_subject(pupil=pupil, redaction=redaction, reason=said["reason"], by=request.actor)
        response = HttpResponse(content, content_type="application/zip")
        response["Content-Disposition"] = f'attachment; filename="subject-access-{pupil.pk}.zip"'
        return response
    status = 422 if form.is_bound else 200
    return render(request, "registers/export_subject.html", {"pupil": pupil, "form": form}, status=status)


def _looks(pupil: Pupil) -> QuerySet[AuditRow]:
    """Who opened her pages or changed something about her, newest first."""
    return AuditRow.objects.filter(pupil_id=pupil.pk).exclude(by_id=None).order_by("-at", "-id")
