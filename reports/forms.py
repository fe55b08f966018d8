"""What the address of a page of figures may ask: a range of days, a group and another one, by codes and ids only."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms

from attendance_mis.requests import MOST_DIGITS
from registers.calendar_rules import Session, monday_of
from registers.models import ClassGroup, Pupil
from reports.figures import BAND_NAMES
from reports.groups import FLAGS, UNKNOWN, YEARS, Key, family_of, faults, label
from reports.ranges import DEFAULT, Part, Range, custom

SHOW = [
    ("", "Everybody"),
    ("persistent", "Persistently absent"),
    ("severe", "Severely absent"),
    ("at-risk", "At risk"),
    ("missed", "Missed anything"),
    ("unexplained", "With a session unexplained"),
    ("unauthorised", "With unauthorised absence"),
    ("late", "Late at least once"),
    ("unmarked", "With a session unmarked"),
    ("moved", "Missed something this week"),
    ("new", "Persistently absent since this week"),
    ("improved", "No longer persistently absent"),
]


@dataclass(frozen=True, slots=True)
class Chosen:
    """A choice in words, and the query of the same page without it."""

    said: str
    href: str


class FigureFilter(forms.Form):
    """Range, class, year and two groups that must both fit."""

    range = forms.ChoiceField(label="When", required=False)
    first = forms.DateField(label="From", required=False)
    last = forms.DateField(label="To", required=False)
    year = forms.ChoiceField(label="Year", required=False)
    class_group = forms.ChoiceField(label="Class", required=False)
    group = forms.ChoiceField(label="Group", required=False)
    and_group = forms.ChoiceField(label="Who are also", required=False)

    def __init__(
        self, data: Any, *, known: dict[str, Range], classes: dict[str, str], hide: frozenset[str] = frozenset()
    ) -> None:
        super().__init__(data)
        self.known = known
        self.classes = classes
        self.fields["range"].choices = [(each.key, each.label) for each in known.values()] + [
            ("custom", "Between two days")
        ]
        self.fields["year"].choices = [("", "All"), *((year, label((f"year:{year}",))) for year in YEARS)]
        self.fields["class_group"].choices = [("", "All"), *classes.items()]
        groups = [("", "All"), *_groups(hide)]
        self.fields["group"].choices = self.fields["and_group"].choices = groups

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        first, last = values.get("first"), values.get("last")
        if values.get("range") == "custom" and not (first and last) and not self.errors:
            self.add_error("first", "Give both days.")
        if first and last and last < first:
            self.add_error("last", "The last day is before the first.")
        return values

    @property
    def asked(self) -> Range:
        """The range asked for; without a valid one, the year so far."""
        values = self.cleaned_data if self.is_bound and self.is_valid() else {}
        if values.get("first") and values.get("last") and values.get("range") in ("", "custom"):
            return custom(values["first"], values["last"])
        return self.known.get(values.get("range", ""), self.known[DEFAULT])

    @property
    def key(self) -> Key:
        """The groups asked for, as one combination."""
        values = self.cleaned_data if self.is_bound and self.is_valid() else {}
        chosen = [
            values.get("year") and f"year:{values['year']}",
            values.get("class_group") and f"class:{values['class_group']}",
            values.get("group"),
            values.get("and_group"),
        ]
        return tuple(dict.fromkeys(filter(None, chosen)))

    @property
    def chosen(self) -> list[Chosen]:
        """What a person sees chosen, each with the query without it; two days are one choice. A field at its first
        choice, which counts all or the year so far, chooses nothing; one that is refused says so itself.
        """
        found = []
        for field in self.visible_fields():
            _, *others = getattr(field.field, "choices", ()) or [("", "")]
            choices = {f"{key}": said for key, said in others if key != "custom"}
            if field.value() in choices and not field.errors:
                found.append(Chosen(f"{field.label}: {choices[field.value()]}", self._without(field.name)))
        if self.asked.key == "custom":
            found.insert(0, Chosen(f"When: {self.asked.days}", self._without("range")))
        return found

    def _without(self, name: str) -> str:
        """The address without a choice, on its first page; days go with what asked for them."""
        query = self.data.copy()
        for each in (name, "page", *(("first", "last") if name == "range" else ())):
            query.pop(each, None)
        return f"?{query.urlencode()}"

    @property
    def asks_a_year_before(self) -> bool:
        """Whether the same days of the year before are meant."""
        return False

    def part_of(self, asked: Range) -> Part | None:
        """What of the range is counted; None: all of it."""
        return None


class GovernorFilter(FigureFilter):
    """Ranges by name only: days or groups of one's own choice would tell by their difference what is hidden."""

    def __init__(self, data: Any, *, known: dict[str, Range], classes: dict[str, str], **options: Any) -> None:
        named = {key: each for key, each in known.items() if key == DEFAULT or key[:4].isdigit()}
        super().__init__(data, known=named, classes=classes, **options)
        for name in ("first", "last", "year", "class_group", "group", "and_group"):
            del self.fields[name]
        self.fields["range"].choices = self.fields["range"].choices[:-1]


class CellFilter(FigureFilter):
    """The same for one cell of a table: a group of its row, a week, weekday and half of the day of its column.

    They stand in the address only, and are refused where the form would not offer them.
    """

    of = forms.CharField(required=False, widget=forms.HiddenInput)
    week = forms.DateField(required=False, widget=forms.HiddenInput)
    weekday = forms.TypedChoiceField(
        choices=[(number, number) for number in range(7)], coerce=int, empty_value=None, required=False,
        widget=forms.HiddenInput,
    )  # fmt: skip
    half = forms.TypedChoiceField(
        choices=[(session.name, session.name) for session in Session], coerce=lambda name: Session[name],
        empty_value=None, required=False, widget=forms.HiddenInput,
    )  # fmt: skip
    before = forms.BooleanField(required=False, widget=forms.HiddenInput)
    CELL = ("of", "week", "weekday", "half")

    def __init__(self, data: Any, *, hide: frozenset[str] = frozenset(), **options: Any) -> None:
        super().__init__(data, hide=hide, **options)
        self.hide = hide

    def clean_of(self) -> str:
        group: str = self.cleaned_data["of"]
        if group and (faults([group]) or family_of(group) in self.hide):
            raise forms.ValidationError(f"{group} is no group")
        return group

    @property
    def names_no_cell(self) -> bool:
        """Whether the address asks for a cell that no table has."""
        return self.is_bound and any(name in self.errors for name in self.CELL)

    @property
    def asks_a_year_before(self) -> bool:
        return self.is_bound and self.is_valid() and bool(self.cleaned_data.get("before"))

    @property
    def key(self) -> Key:
        values = self.cleaned_data if self.is_bound and self.is_valid() else {}
        return (*super().key, *((values["of"],) if values.get("of") else ()))

    @property
    def of_page(self) -> Key:
        """The groups of the whole table that the cell stands in."""
        return super().key

    def part_of(self, asked: Range) -> Part | None:
        values = self.cleaned_data if self.is_bound and self.is_valid() else {}
        week, weekday, half = (values.get(name) for name in ("week", "weekday", "half"))
        if week is None and weekday is None:
            return None
        first, last = asked.first, asked.last
        if week is not None:
            first, last = max(first, monday_of(week)), min(last, monday_of(week) + timedelta(6))
        return Part(first, last, weekday, half)


class PupilFilter(CellFilter):
    """The same for a list of pupils, with which of them."""

    show = forms.ChoiceField(label="Show", choices=SHOW, required=False)
    field_order = ["show"]


class ExplainFilter(CellFilter):
    """And what else names a cell: a band of absence, a step of a ladder, one child; a pattern, and whose part of it."""

    band = forms.TypedChoiceField(
        choices=[(number, name) for number, name in enumerate(BAND_NAMES)], coerce=int, empty_value=None,
        required=False, widget=forms.HiddenInput,
    )  # fmt: skip
    ladder = forms.CharField(required=False, widget=forms.HiddenInput)
    step = forms.CharField(required=False, widget=forms.HiddenInput)
    pattern = forms.CharField(required=False, widget=forms.HiddenInput)
    pupil = forms.IntegerField(required=False, min_value=1, max_value=10**MOST_DIGITS, widget=forms.HiddenInput)
    whose = forms.IntegerField(required=False, min_value=1, max_value=10**MOST_DIGITS, widget=forms.HiddenInput)
    CELL = (*CellFilter.CELL, "band", "pupil", "whose")


def _groups(hide: frozenset[str]) -> list[tuple[str, str]]:
    groups = ["sex:F", "sex:M", "sen:N", "sen:K", "sen:E"]
    groups += [f"{flag}:{value}" for flag in FLAGS if flag not in hide for value in ("yes", "no")]
    ethnicities = Pupil.objects.order_by("ethnicity").values_list("ethnicity", flat=True).distinct()
    groups += [f"ethnicity:{each or UNKNOWN}" for each in ethnicities]
    return [(group, label((group,))) for group in groups]


def class_choices() -> dict[str, str]:
    """The school's classes by the text of their id."""
    return {str(pk): name for pk, name in ClassGroup.objects.values_list("pk", "name")}
