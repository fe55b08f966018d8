"""The admission register as people enter it."""

from collections.abc import Iterable, Iterator
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from registers import roll
from registers.actions.pupils import CONFIDENTIAL
from registers.forms.seen import SeenForm
from registers.models import ClassGroup, Contact, Pupil


class YesNoNotKnown(forms.NullBooleanSelect):
    """Three values: a figure of a group never counts a guess."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super(forms.NullBooleanSelect, self).__init__(
            attrs, choices=[("unknown", "Not known"), ("true", "Yes"), ("false", "No")]
        )


def _yes_no_fields(model: type[Pupil | Contact], names: tuple[str, ...]) -> dict[str, forms.Widget]:
    return {
        name: YesNoNotKnown() for name in names if model._meta.get_field(name).get_internal_type() == "BooleanField"
    }


Groups = tuple[tuple[str, tuple[str, ...]], ...]


class Grouped:
    """A form laid out under headings."""

    groups: Groups

    def sections(self) -> Iterator[tuple[str, list[BoundField]]]:
        for heading, names in self.groups:
            yield heading, [self[name] for name in names if name in self.fields]  # type: ignore[attr-defined, index]


NAME = ("legal_surname", "legal_forename", "middle_names", "preferred_surname", "preferred_forename")
IDENTITY = ("upn", "former_upn", "date_of_birth", "sex", "year_group", "boarder")
CHARACTERISTICS = (
    "ethnicity",
    "first_language",
    "eal",
    "sen_status",
    "fsm",
    "fsm_ever6",
    "pupil_premium",
    "service_child",
    "arp",
)
CARE = ("vulnerable", "medical_note")
FIELDS = (*NAME, *IDENTITY, *CHARACTERISTICS, *CARE)


class PupilForm(Grouped, SeenForm):
    """What the admission register holds of a child, but for why she is vulnerable."""

    groups: Groups = (("Name", NAME), ("Identity", IDENTITY), ("Characteristics", CHARACTERISTICS), ("Care", CARE))

    class Meta:
        model = Pupil
        fields = FIELDS
        labels = {
            "upn": "Unique pupil number (UPN)",
            "former_upn": "Former UPN",
            "vulnerable": "Vulnerable: follow up first",
        }
        help_texts = {"preferred_forename": "The name the child goes by, if it is another."}
        widgets = _yes_no_fields(Pupil, FIELDS)

    def clean_upn(self) -> str:
        return self.cleaned_data["upn"].strip().upper()


class AdmitPupilForm(PupilForm):
    """A new child: the admission register's contents, and the starting day."""

    admission_date = forms.DateField(
        label="Starting day", help_text="The day agreed with the parents. From then on every session needs a mark."
    )
    class_group = forms.ModelChoiceField(ClassGroup.objects.all(), label="Class", required=False, empty_label="")
    last_school = forms.CharField(label="Last school", required=False, max_length=200)

    groups: Groups = (
        ("Name", NAME),
        ("Identity", IDENTITY),
        ("Starting", ("admission_date", "class_group", "last_school")),
        ("Characteristics", CHARACTERISTICS),
        ("Care", CARE),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["upn"].required = False
        self.fields["upn"].help_text = "From the last school. Leave empty for a child's first school: we make one."

    def of_the_spell(self) -> dict[str, Any]:
        """What belongs to the spell on roll, and not to the child."""
        return {name: self.cleaned_data[name] for name in ("admission_date", "class_group", "last_school")}

    def of_the_child(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in FIELDS}


class ConfidentialForm(SeenForm):
    """Why a child is vulnerable: for those who may know."""

    class Meta:
        model = Pupil
        fields = CONFIDENTIAL
        help_texts = {
            "social_worker": "Name and telephone number; empty when there is none.",
            "youth_offending": "Name and telephone number; empty when there is none.",
        }
        widgets = _yes_no_fields(Pupil, CONFIDENTIAL)


class GroundForm(forms.Form):
    """On which ground a name is to come off the register."""

    ground = forms.ChoiceField(
        label="On which ground?",
        widget=forms.RadioSelect,
        choices=[(ground.letter, f"{ground.letter}: {ground.meaning}") for ground in roll.GROUNDS.values()],
    )


ALL_CONFIRMED = {"required": "Tick every line that is so; the name comes off when all are."}


class RemoveFromRollForm(forms.Form):
    """What the law asks for on one ground."""

    leaving_date = forms.DateField(label="Last day on roll", help_text="Today or later, never earlier.")
    destination = forms.CharField(label="Where the child goes", required=False, max_length=200)
    confirmed = forms.MultipleChoiceField(
        label="Confirm each of these", widget=forms.CheckboxSelectMultiple, error_messages=ALL_CONFIRMED
    )

    def __init__(self, *args: Any, ground: roll.Ground, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cautions = roll.cautions(ground)
        self.fields["confirmed"].choices = [(each.key, each.sentence) for each in cautions]  # type: ignore[attr-defined]
        if not cautions:
            del self.fields["confirmed"]
        if ground.asks_where:
            self.fields["destination"].label = ground.asks_where
            self.fields["destination"].required = True

    def clean(self) -> dict[str, Any]:
        return {"confirmed": [], **(super().clean() or {})}


class LeaversForm(Grouped, forms.Form):
    """The next school of each pupil of a class; empty for who stays."""

    leaving_date = forms.DateField(label="Last day on roll", help_text="Today or later, never earlier.")

    def __init__(self, *args: Any, pupils: Iterable[Pupil], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pupils = {f"pupil_{pupil.pk}": pupil for pupil in pupils}
        for name, pupil in self.pupils.items():
            self.fields[name] = forms.CharField(label=str(pupil), required=False, max_length=200)
        cautions = [(each.key, each.sentence) for each in roll.cautions(roll.GROUNDS["a"])]
        self.fields["confirmed"] = forms.MultipleChoiceField(
            label="Confirm each of these",
            choices=cautions,
            widget=forms.CheckboxSelectMultiple,
            error_messages=ALL_CONFIRMED,
        )
        self.groups = (
            ("When", ("leaving_date",)),
            ("The next school of each child who leaves", tuple(self.pupils)),
            ("Before the names come off", ("confirmed",)),
        )

    def destinations(self) -> dict[Pupil, str]:
        """Who leaves, and where to."""
        known = ((pupil, self.cleaned_data[name].strip()) for name, pupil in self.pupils.items())
        return {pupil: where for pupil, where in known if where}


class StartingDayForm(forms.Form):
    """When the current spell began, and where the child was before."""

    admission_date = forms.DateField(label="Starting day")
    last_school = forms.CharField(label="Last school", required=False, max_length=200)


class ReadmitForm(forms.Form):
    """A new spell on roll."""

    admission_date = forms.DateField(label="New starting day")
    year_group = forms.ChoiceField(label="Year group", choices=[(year, year) for year in Pupil.YEAR_GROUPS])
    class_group = forms.ModelChoiceField(ClassGroup.objects.all(), label="Class", required=False, empty_label="")
    last_school = forms.CharField(label="Last school", required=False, max_length=200)


WHO = ("title", "forename", "surname", "relationship", "parental_responsibility", "lives_with_pupil")
REACH = ("mobile", "home_phone", "work_phone", "email", "language")
ADDRESS = ("address_1", "address_2", "town", "postcode", "receives_letters")


class ContactForm(Grouped, SeenForm):
    """A parent or another person to reach."""

    groups: Groups = (
        ("Who", WHO),
        ("Telephone and e-mail", REACH),
        ("Address and letters", ADDRESS),
        ("Court orders and notes", ("notes",)),
    )

    class Meta:
        model = Contact
        fields = (*WHO, *REACH, *ADDRESS, "notes")
        labels = {
            "lives_with_pupil": "The child normally lives with this person",
            "receives_letters": "Gets letters",
            "address_1": "Address, first line",
            "address_2": "Address, second line",
            "notes": "Court order or other note",
        }
        help_texts = {"notes": "For example an order that says who may not collect the child."}
        widgets = _yes_no_fields(Contact, fields)


class FirstContactForm(ContactForm):
    """The first contact of a new child; left empty as a whole, there is none yet."""

    groups: Groups = (("First contact", WHO), ("How to reach this contact", (*REACH, *ADDRESS)))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, empty_permitted=True, use_required_attribute=False, **kwargs)


class NameSearchForm(forms.Form):
    """Words of a name, or a UPN. Posted: a name never stands in an address."""

    name = forms.CharField(label="Name or UPN", max_length=100, strip=True)
