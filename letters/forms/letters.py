"""What people say of letters: whom to write to, values, reasons, what is sensitive."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from letters.fields import GIVEN, Kind
from letters.models import Copy, Sensitivity
from letters.occasions import CHOICES, Occasion
from registers.models import ClassGroup, Contact, Pupil

_SINGLE: dict[Kind, type[forms.Field]] = {
    Kind.DATE: forms.DateField,
    Kind.TIME: forms.TimeField,
    Kind.NUMBER: forms.IntegerField,
    Kind.PERCENT: forms.DecimalField,
}


class ValuesForm(forms.Form):
    """The given values of one occasion, as its fields declare them. Everything may stay empty until it is approved."""

    def __init__(self, *args: Any, occasion: Occasion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.declared = GIVEN.get(occasion, ())
        for field in self.declared:
            kind = _SINGLE.get(field.kind)
            if kind:
                self.fields[field.name] = kind(label=field.label, required=False)
            else:
                widget = forms.Textarea(attrs={"rows": 3}) if field.kind is Kind.LINES else None
                self.fields[field.name] = forms.CharField(
                    label=field.label, required=False, max_length=1500, widget=widget or forms.TextInput
                )

    def values(self) -> dict[str, Any]:
        """What was said, as `queue_letter` takes it."""
        said = {}
        for field in self.declared:
            value = self.cleaned_data[field.name]
            if field.kind is Kind.LINES:
                value = [line.strip() for line in value.splitlines() if line.strip()]
            elif field.kind is Kind.PERCENT:
                value = "" if value is None else str(value)
            said[field.name] = "" if value is None else value
        return said

    @staticmethod
    def initial_of(given: dict[str, Any]) -> dict[str, Any]:
        return {name: "\n".join(value) if isinstance(value, list) else value for name, value in given.items()}


class WriteLetterForm(forms.Form):
    occasion = forms.ChoiceField(label="Which letter?", choices=CHOICES)
    why = forms.CharField(label="Why, in one line?", max_length=300)


class ProposeForm(forms.Form):
    """Propose one letter for many pupils: of a class or a year, by this year's figures."""

    occasion = forms.ChoiceField(label="Which letter?", choices=CHOICES, initial=Occasion.CONCERN.value)
    class_group = forms.ModelChoiceField(ClassGroup.objects.none(), label="Class", required=False, empty_label="All")
    year_group = forms.ChoiceField(label="Year", required=False)
    at_most = forms.DecimalField(
        label="Attendance this year at or below, in per cent", required=False, min_value=0, max_value=100
    )
    late_at_least = forms.IntegerField(label="Late this half-term at least so many times", required=False, min_value=1)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["class_group"].queryset = ClassGroup.objects.all()
        self.fields["year_group"].choices = [("", "All"), *((year, year) for year in Pupil.YEAR_GROUPS)]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        narrowing = ("class_group", "year_group", "at_most", "late_at_least")
        everybody = values.get("occasion") == Occasion.REPORT
        if not self.errors and not everybody and not any(values.get(name) for name in narrowing):
            raise forms.ValidationError("Say for whom: a class, a year, or a figure. Only a report goes to everybody.")
        return values


class DropForm(forms.Form):
    reason = forms.CharField(
        label="Reason", max_length=500, required=False, help_text="Needed to drop a letter. It stays with it."
    )


class SiblingsForm(forms.Form):
    siblings = forms.ModelMultipleChoiceField(
        Pupil.objects.none(),
        label="Siblings joined in this letter",
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, *args: Any, siblings: QuerySet[Pupil], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["siblings"].queryset = siblings


class LetterFilter(forms.Form):
    """What the address may narrow the list of letters to: codes and days, never a name."""

    occasion = forms.ChoiceField(label="Letter", choices=[("", "All"), *CHOICES], required=False)
    status = forms.ChoiceField(
        label="Status",
        choices=[("", "All"), ("wrong", "Now wrong"), ("dropped", "Dropped"), *Copy.Status.choices],
        required=False,
    )
    since = forms.DateField(label="From", required=False)
    until = forms.DateField(label="To", required=False)


class ReturnedForm(forms.Form):
    returned_on = forms.DateField(label="Which day did it come back?")


class SensitivityForm(forms.Form):
    kind = forms.ChoiceField(label="What is it?", choices=Sensitivity.Kind.choices)
    contact = forms.ModelChoiceField(
        Contact.objects.none(),
        label="Which contact?",
        required=False,
        empty_label="None in particular",
        help_text="A contact named in a court order gets no letters.",
    )
    note = forms.CharField(label="What must be known?", max_length=300, required=False)
    start = forms.DateField(label="From")
    end = forms.DateField(label="Until", required=False)

    def __init__(self, *args: Any, contacts: QuerySet[Contact], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["contact"].queryset = contacts
