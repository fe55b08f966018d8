"""Registration certificates: issue one, print it again as it was, confirm one."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from attendance_mis import audit, clock
from attendance_mis.actions import Refused
from attendance_mis.file_links import signed_file
from attendance_mis.permissions import Permission, requires
from attendance_mis.requests import Request
from registers import record
from registers.actions import certificates as actions
from registers.enclosure import this_year
from registers.forms.certificates import CertificateForm, CheckForm
from registers.models import Certificate, Pupil


@requires(Permission.MAKE_RETURNS)
def issue_certificate(request: Request, pupil_id: int) -> HttpResponse:
    """A new one, above those already issued for the pupil."""
    pupil = get_object_or_404(Pupil.objects.select_related("school"), pk=pupil_id)
    first, last = this_year(request.school, clock.today(request.school))
    form = CertificateForm(request.POST or None, initial={"first": first, "last": last})
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.issue_certificate(
                pupil=pupil,
                first=form.cleaned_data["first"],
                last=form.cleaned_data["last"],
                moment=form.moment(request.school),
                by=request.actor,
            )
        except Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            messages.success(request, f"Certificate {made.number} is issued. Print it, and sign it by hand.")
            return redirect("registers:issue_certificate", request.school.urn, pupil.pk)
    return render(
        request,
        "registers/issue_certificate.html",
        {
            "form": form,
            "title": "Registration certificate",
            "caption": str(pupil),
            "button": "Issue the certificate",
            "back": reverse("registers:see_pupil", args=[request.school.urn, pupil.pk]),
            "intro": [
                "Every session of the range with its code, the totals, the key and every amendment, fit for a court. "
                "It is kept as it was issued: a second print is the first."
            ],
            "certificates": Certificate.objects.filter(pupil=pupil).defer("pdf", "csv"),
        },
        status=422 if form.errors else 200,
    )


@requires(Permission.MAKE_RETURNS)
@signed_file
def certificate_pdf(request: Request, certificate_id: int) -> HttpResponse:
    return _file(request, certificate_id, "pdf", "application/pdf")


@requires(Permission.MAKE_RETURNS)
@signed_file
def certificate_csv(request: Request, certificate_id: int) -> HttpResponse:
    return _file(request, certificate_id, "csv", "text/csv; charset=utf-8")


def _file(request: Request, certificate_id: int, kind: str, content_type: str) -> HttpResponse:
    certificate = get_object_or_404(Certificate, pk=certificate_id)
    audit.record(
        "print_certificate", certificate, school_id=request.school.pk, by=request.actor, pupil_id=certificate.pupil_id,
        summary=f"Opened registration certificate {certificate.number} as {kind.upper()}.",
    )  # fmt: skip
    name = f"certificate-{request.school.urn}-{certificate.number}.{kind}"
    return HttpResponse(
        bytes(getattr(certificate, kind)),
        content_type=content_type,
        headers={"Content-Disposition": f'inline; filename="{name}"'},
    )


@requires(Permission.VERIFY_RECORD)
def check_certificate(request: Request) -> HttpResponse:
    """Does the record give this check value? The answer names no pupil: a technician may ask."""
    form = CheckForm(request.POST or None)
    found, confirmed = None, False
    if request.method == "POST" and form.is_valid():
        found = (
            Certificate.objects.select_related("pupil__school")
            .defer("pdf", "csv")
            .filter(number=form.cleaned_data["number"], check_value=form.cleaned_data["check_value"])
            .first()
        )
        confirmed = found is not None and record.confirms(found)
        if not found:
            form.add_error(None, "No certificate of this school has this number and this check value.")
    return render(
        request,
        "registers/check_certificate.html",
        {
            "form": form,
            "title": "Check a certificate",
            "button": "Check it",
            "back": reverse("registers:verify_record", args=[request.school.urn]),
            "found": found,
            "confirmed": confirmed,
        },
        status=422 if form.errors else 200,
    )
