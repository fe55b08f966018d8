"""Reports to governors: those that were made, one of them, and its files. No name stands in any of it."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from attendance_mis import audit, clock
from attendance_mis.actions import Refused
from attendance_mis.permissions import Permission, can, requires
from attendance_mis.requests import Request
from attendance_mis.spreadsheets import XLSX, as_csv, as_xlsx
from reports.actions import governor as actions
from reports.governor_drawing import CSV_HEADER, csv_lines, drawn, lines_of
from reports.models import GovernorReport
from reports.querysets.governor import spans_of
from reports.views.asking import explains
from reports.views.printed import explain_printed


class HalfTermForm(forms.Form):
    """Which half-term; the newest first."""

    half_term = forms.ChoiceField(label="Half-term")

    def __init__(self, *args: object, choices: list[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["half_term"].choices = choices  # type: ignore[attr-defined]


@requires(Permission.READ_GOVERNOR_REPORT)
def see_governor_reports(request: Request) -> HttpResponse:
    """The list; posted to by who may make one, it makes the report of a half-term."""
    form = None
    if may_make := can(request.user, Permission.MAKE_GOVERNOR_REPORT, request.school):
        spans = spans_of(request.school, clock.today(request.school))[::-1][:12]
        choices = [(f"{span.academic_year}-{span.name[-1]}", str(span)) for span in spans]
        form = HalfTermForm(request.POST or None, choices=choices)
    if request.method == "POST":
        if not may_make or form is None:
            raise PermissionDenied("You may not make the report, because your role only reads it.")
        if form.is_valid():
            year, number = form.cleaned_data["half_term"].split("-")
            try:
                report = actions.make_governor_report(
                    school=request.school, academic_year=int(year), half_term=int(number), by=request.actor
                )
            except Refused as refused:
                form.add_error(None, refused.reasons)
            else:
                messages.success(request, "The report is made.")
                return redirect("reports:see_governor_report", request.school.urn, report.pk)
    reports = GovernorReport.objects.defer("pdf")
    status = 422 if form and form.errors else 200
    return render(request, "reports/see_governor_reports.html", {"reports": reports, "form": form}, status=status)


@requires(Permission.READ_GOVERNOR_REPORT)
def see_governor_report(request: Request, governor_report_id: int) -> HttpResponse:
    report = get_object_or_404(GovernorReport.objects.defer("pdf"), pk=governor_report_id)
    whole = actions.digest(report.figures) == report.digest
    context = {"report": report, "of": drawn(report.figures), "whole": whole}
    request.explains = explains(request, "reports:explain_governor_report", (), request.school.urn, report.pk)
    return render(request, "reports/see_governor_report.html", context)


@requires(Permission.READ_GOVERNOR_REPORT)
def explain_governor_report(request: Request, governor_report_id: int, figure: str) -> HttpResponse:
    """A number of a report as it was frozen, and nothing that the report does not show."""
    report = get_object_or_404(GovernorReport.objects.defer("pdf"), pk=governor_report_id)
    of = drawn(report.figures)
    span = of["spans"].get(request.GET.get("span", "half_term" if figure == "reason" else "year"), of["spans"]["year"])
    back = reverse("reports:see_governor_report", args=[request.school.urn, report.pk]), of["title"]
    days = f"{span['first']:%-d %B %Y} to {span['last']:%-d %B %Y}"
    threshold = report.figures["threshold"]
    return explain_printed(request, figure, lines_of(of), days=days, threshold=threshold, back=back)


@requires(Permission.READ_GOVERNOR_REPORT)
def governor_report_pdf(request: Request, governor_report_id: int) -> HttpResponse:
    """The very file that was made with the figures."""
    report = get_object_or_404(GovernorReport, pk=governor_report_id)
    return _file(request, report, "pdf", bytes(report.pdf), "application/pdf")


@requires(Permission.READ_GOVERNOR_REPORT)
def governor_report_file(request: Request, governor_report_id: int, kind: str) -> HttpResponse:
    report = get_object_or_404(GovernorReport.objects.defer("pdf"), pk=governor_report_id)
    lines = csv_lines(report.figures)
    if kind == "csv":
        return _file(request, report, kind, as_csv(CSV_HEADER, lines), "text/csv; charset=utf-8")
    if kind == "xlsx":
        return _file(request, report, kind, as_xlsx(CSV_HEADER, lines, sheet="Figures"), XLSX)
    raise Http404


def _file(request: Request, report: GovernorReport, kind: str, content: bytes, content_type: str) -> HttpResponse:
    audit.record(
        "read_governor_report", report, school_id=request.school.pk, by=request.actor,
        summary=f"Opened the report to governors of half-term {report.half_term} as {kind.upper()}.",
    )  # fmt: skip
    name = f"governors-{request.school.urn}-{report.academic_year}-HT{report.half_term}-v{report.version}.{kind}"
    disposition = f'{"inline" if kind == "pdf" else "attachment"}; filename="{name}"'
    return HttpResponse(content, content_type=content_type, headers={"Content-Disposition": disposition})
