"""What a partner may ask with: each form is the check of a request and its parameters in the OpenAPI document."""

from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from attendance_mis.api.door import BadParameter
from registers.api import cursors
from registers.api.cursors import LONGEST, Kinds
from registers.sums import GROUPINGS

MOST = 5_000
USUAL = 1_000
NAMES = {"first": "from", "last": "to"}  # words that Python keeps for itself
EARLIEST, LATEST = date(1990, 1, 1), date(2099, 12, 31)


def place_of(values: dict[str, Any], kinds: Kinds) -> tuple[str, list[Any]] | None:
    """Where the cursor of a request leads on from: its kind and what it holds; none where it begins."""
    if not values["cursor"]:
        return None
    try:
        return cursors.unpack(values["cursor"], kinds)
    except ValueError as error:
        raise BadParameter("cursor", "It is none of ours. Leave it out to begin anew.") from error


class ApiForm(forms.Form):
    """A form of a request's query: its days are named `from` and `to`."""

    def add_prefix(self, field_name: str) -> str:
        return NAMES.get(field_name, field_name)

    def clean(self) -> dict[str, Any]:
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        if first and last and last < first:
            self.add_error("last", "It lies before “from”.")
        return self.cleaned_data


def _day(says: str, *, required: bool) -> forms.DateField:
    between = f"Give a day from {EARLIEST} to {LATEST}."
    return forms.DateField(
        required=required,
        help_text=says,
        input_formats=["%Y-%m-%d"],
        validators=[MinValueValidator(EARLIEST, between), MaxValueValidator(LATEST, between)],
        error_messages={"invalid": "Give a day as 2025-03-11.", "required": "Give a day as 2025-03-11."},
    )


class PagedForm(ApiForm):
    """What is read in pages: from the beginning, from a moment, or from where a page ended."""

    since = forms.DateTimeField(
        required=False,
        help_text="Only what changed after this moment; with its time zone, as 2025-03-11T09:00:00Z.",
        error_messages={"invalid": "Give a moment as 2025-03-11T09:00:00Z."},
    )
    cursor = forms.CharField(
        required=False,
        max_length=LONGEST,
        help_text="The cursor of the page before, to go on from there. It keeps what was asked at first: send no other "
        "parameter with it but limit.",
    )
    limit = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=MOST,
        initial=USUAL,
        help_text="The most rows of a page.",
        error_messages={"invalid": "Give a whole number."},
    )

    def clean_limit(self) -> int:
        limit: int | None = self.cleaned_data["limit"]
        return limit or USUAL

    def clean(self) -> dict[str, Any]:
        super().clean()
        if self.cleaned_data.get("cursor"):
            for name in set(self.fields) - {"cursor", "limit"}:
                if self.data.get(self.add_prefix(name)):
                    self.add_error(name, "The cursor says this already.")
        return self.cleaned_data


class MarksForm(PagedForm):
    """Marks, of all days or of some."""

    first = _day("The first day; without it from the first there is.", required=False)
    last = _day("The last day, inclusive; without it to the last there is.", required=False)


class RangeForm(ApiForm):
    """Figures of a range of days."""

    first = _day("The first day.", required=True)
    last = _day("The last day, inclusive.", required=True)


class GroupsForm(RangeForm):
    """Figures of groups."""

    by = forms.ChoiceField(
        choices=[(name, name) for name in GROUPINGS if name != "pupil"],
        help_text="By year group, by class, or by the groups that national figures are given for.",
        error_messages={
            "required": "Say year, class or group.",
            "invalid_choice": "Say year, class or group.",
        },
    )
