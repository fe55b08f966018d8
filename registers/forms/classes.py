"""Classes, their pupils and their teachers."""

from collections.abc import Iterable
from typing import Any

from django import forms

from attendance_mis.models import School, User
from attendance_mis.words import how_many
from registers.models import ClassGroup, Pupil
from registers.roll import next_class


class ClassForm(forms.Form):
    """A new class."""

    name = forms.CharField(label="Name of the class", max_length=30, help_text="For example 3A.")


class MoveForm(forms.Form):
    """Pupils into another class from a day on."""

    pupils = forms.ModelMultipleChoiceField(Pupil.objects.none(), widget=forms.CheckboxSelectMultiple)
    class_group = forms.ModelChoiceField(ClassGroup.objects.all(), label="To class")
    day = forms.DateField(label="From", help_text="The first day in the new class.")

    def __init__(self, *args: Any, pupils: Iterable[Pupil], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["pupils"].queryset = pupils  # type: ignore[attr-defined]


class TeachingForm(forms.Form):
    """Who teaches a class."""

    user = forms.ModelChoiceField(User.objects.none(), label="Who teaches it?")
    start = forms.DateField(label="From")
    end = forms.DateField(label="Until", required=False, help_text="Empty: until you end it.")

    def __init__(self, *args: Any, school: School, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        staff = User.objects.filter(memberships__school=school, memberships__ended_at=None).distinct()
        self.fields["user"].queryset = staff.order_by("name")  # type: ignore[attr-defined]


class EndTeachingForm(forms.Form):
    """Until when somebody teaches a class."""

    end = forms.DateField(label="Last day")


class PromoteForm(forms.Form):
    """Next year's class of each class; empty when its pupils leave."""

    first_day = forms.DateField(label="First day of the new school year")

    def __init__(self, *args: Any, classes: Iterable[tuple[ClassGroup, str, int]], oldest: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for group, year_group, size in classes:
            self.fields[f"class_{group.pk}"] = forms.CharField(
                label=f"{group} (year {year_group}, {how_many(size, 'pupil')}) becomes",
                required=year_group != oldest,
                max_length=30,
                initial="" if year_group == oldest else next_class(group.name, year_group),
                help_text="Leave it empty when these pupils leave the school." if year_group == oldest else "",
            )

    def targets(self) -> dict[int, str]:
        """Class id: the name of next year's class."""
        names = ((name, value) for name, value in self.cleaned_data.items() if name.startswith("class_"))
        return {int(name.removeprefix("class_")): value.strip() for name, value in names}
