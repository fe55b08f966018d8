"""What the address of a page of figures may ask: a range of days, a group and another one, by codes and ids only."""

from typing import Any

from django import forms

from registers.models import ClassGroup, Pupil
from reports.groups import FLAGS, UNKNOWN, YEARS, Key, label
from reports.ranges import DEFAULT, Range, custom

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


class FigureFilter(forms.Form):
    """Range, class, year and two groups that must both fit."""

    range = forms.ChoiceField(label="When", required=False)
    first = forms.DateField(label="From", required=False)
    last = forms.DateField(label="To", required=False)
    year = forms.ChoiceField(label="Year", required=False)
    class_group = forms.ChoiceField(label="Class", required=False)
    group = forms.ChoiceField(label="Group", required=False)
    and_group = forms.ChoiceField(label="who are also", required=False)

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


class GovernorFilter(FigureFilter):
    """Ranges by name only: days or groups of one's own choice would tell by their difference what is hidden."""

    def __init__(self, data: Any, *, known: dict[str, Range], classes: dict[str, str], **options: Any) -> None:
        named = {key: each for key, each in known.items() if key == DEFAULT or key[:4].isdigit()}
        super().__init__(data, known=named, classes=classes, **options)
        for name in ("first", "last", "year", "class_group", "group", "and_group"):
            del self.fields[name]
        self.fields["range"].choices = self.fields["range"].choices[:-1]


class PupilFilter(FigureFilter):
    """The same for a list of pupils, with which of them."""

    show = forms.ChoiceField(label="Show", choices=SHOW, required=False)
    field_order = ["show"]


def _groups(hide: frozenset[str]) -> list[tuple[str, str]]:
    groups = ["sex:F", "sex:M", "sen:N", "sen:K", "sen:E"]
    groups += [f"{flag}:{value}" for flag in FLAGS if flag not in hide for value in ("yes", "no")]
    ethnicities = Pupil.objects.order_by("ethnicity").values_list("ethnicity", flat=True).distinct()
    groups += [f"ethnicity:{each or UNKNOWN}" for each in ethnicities]
    return [(group, label((group,))) for group in groups]


def class_choices() -> dict[str, str]:
    """The school's classes by the text of their id."""
    return {str(pk): name for pk, name in ClassGroup.objects.values_list("pk", "name")}
