"""Periods of the calendar: one by one, or a list of term dates."""

from dataclasses import asdict
from datetime import date
from typing import Any

from django import forms

from registers.calendar_rules import Period, Session
from registers.models import CalendarEntry
from registers.term_dates import read_term_dates

LONGEST_LIST = 20_000  # characters; a year of term dates has about 2,000


class CalendarEntryForm(forms.Form):
    """One half-term, INSET day, bank holiday or closure."""

    kind = forms.ChoiceField(label="What is it?", choices=[("", ""), *CalendarEntry.Kind.choices])
    start = forms.DateField(label="First day", widget=forms.DateInput)
    end = forms.DateField(
        label="Last day", required=False, widget=forms.DateInput, help_text="Leave empty for one day."
    )
    session = forms.ChoiceField(
        label="Which half of the day is closed?",
        required=False,
        choices=[("", "The whole day"), ("AM", "Morning only"), ("PM", "Afternoon only")],
        help_text="For INSET days, bank holidays and closures.",
    )
    label = forms.CharField(
        label="Name", required=False, max_length=100, help_text="As staff should read it, for example Polling day."
    )

    @classmethod
    def of(cls, entry: CalendarEntry) -> dict[str, Any]:
        """The values of an entry as the form shows them."""
        return {name: getattr(entry, name) for name in cls.base_fields}

    def period(self) -> Period:
        """What was entered."""
        values = self.cleaned_data
        session = Session[values["session"]] if values["session"] else None
        return Period(values["start"], values["end"] or values["start"], values["kind"], values["label"], session)


class TermDatesForm(forms.Form):
    """A list of term dates, pasted."""

    text = forms.CharField(
        label="Term dates",
        max_length=LONGEST_LIST,
        widget=forms.Textarea(attrs={"rows": 14}),
        help_text="One line each, as your council or school publishes them, or lines of calendar.csv.",
    )
    replace = forms.BooleanField(
        label="Replace what is entered for this year",
        required=False,
        help_text="Without it the list is added to what is there.",
    )

    def __init__(self, *args: Any, academic_year: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.academic_year = academic_year

    def clean_text(self) -> list[Period]:
        periods, faults = read_term_dates(self.cleaned_data["text"], self.academic_year)
        if faults or not periods:
            raise forms.ValidationError(faults or ["No dates were found in this list."])
        return periods


class FirstTermDatesForm(TermDatesForm):
    """The first list of a school: there is nothing to replace."""

    replace = None


def as_json(periods: tuple[Period, ...]) -> list[dict[str, Any]]:
    """Periods for a hidden field of `CalendarChangeForm`."""
    return [{k: str(v) if isinstance(v, date) else v for k, v in asdict(period).items()} for period in periods]


class PeriodsField(forms.JSONField):
    """Periods as the preview page carries them to the button that saves them."""

    widget = forms.HiddenInput

    def clean(self, value: Any) -> tuple[Period, ...]:
        rows = super().clean(value) or []
        try:
            return tuple(
                Period(
                    date.fromisoformat(row["start"]),
                    date.fromisoformat(row["end"]),
                    str(row["kind"]),
                    str(row["label"])[:100],
                    Session(row["session"]) if row["session"] else None,
                )
                for row in rows
            )
        except (KeyError, TypeError, ValueError) as error:
            raise forms.ValidationError("This change cannot be read. Begin it again from the calendar.") from error


class CalendarChangeForm(forms.Form):
    """What the preview showed, to be saved."""

    add = PeriodsField(required=False)
    remove = PeriodsField(required=False)
