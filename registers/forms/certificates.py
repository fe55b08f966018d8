"""Which part of a register is certified, and what a certificate says that somebody holds."""

from datetime import datetime

from django import forms

from attendance_mis.models import School


class CertificateForm(forms.Form):
    """The range, and the moment whose record is certified."""

    first = forms.DateField(label="First day")
    last = forms.DateField(label="Last day")
    day = forms.DateField(
        label="As recorded on",
        required=False,
        help_text="Empty: as recorded now. Another day shows the register before later amendments.",
    )
    time = forms.TimeField(label="At", required=False, help_text="Empty: at the end of that day.")

    def moment(self, school: School) -> datetime | None:
        """The moment that was typed; None for now."""
        day, time = self.cleaned_data["day"], self.cleaned_data["time"]
        return (
            datetime.combine(day, time or datetime.max.time().replace(second=0, microsecond=0), school.zone)
            if day
            else None
        )

    def clean(self) -> None:
        if self.cleaned_data.get("time") and not self.cleaned_data.get("day"):
            self.add_error("day", "Say on which day, too.")


class CheckForm(forms.Form):
    """Number and check value as they are printed; spaces of a retyped value do not matter."""

    number = forms.IntegerField(label="Number of the certificate", min_value=1)
    check_value = forms.CharField(
        label="Check value", max_length=200, help_text="The 64 letters and figures printed on it."
    )

    def clean_check_value(self) -> str:
        return "".join(self.cleaned_data["check_value"].lower().split())
