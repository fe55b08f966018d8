"""Closing a session: one reason for each child nobody has explained."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django import forms
from django.forms.boundfield import BoundField

from casework.models.day import REASON_LENGTH


class BlankClass(NamedTuple):
    """A class whose register is not in, with the children of whom nothing is known."""

    class_group_id: int
    name: str
    children: list[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class ClassLines:
    """The lines of one such class: one for all of it, or one for each of its children."""

    blank: BlankClass
    whole: BoundField
    each: list[BoundField]

    @property
    def is_said_by_child(self) -> bool:
        return any(line.value() for line in self.each)


class CloseSessionForm(forms.Form):
    """A line for each child: why the school may close without the register saying where she is.

    A register that is not in leaves a whole class: one line accounts for all of it, or a line for each of its children.
    """

    def __init__(
        self, *args: Any, children: Iterable[tuple[int, str]], classes: Iterable[BlankClass], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.of_children: list[BoundField] = [self._line(f"reason_{pupil_id}", name) for pupil_id, name in children]
        self.of_classes: list[ClassLines] = [
            ClassLines(
                blank,
                self._line(f"class_{blank.class_group_id}", f"What accounts for all of {blank.name}"),
                [self._line(f"reason_{pupil_id}", name) for pupil_id, name in blank.children],
            )
            for blank in classes
        ]

    def _line(self, name: str, label: str) -> BoundField:
        self.fields[name] = forms.CharField(label=label, required=False, max_length=REASON_LENGTH)
        return self[name]

    @property
    def reasons(self) -> dict[int, str]:
        """What was said, by pupil; her own words before those for her class."""
        said = self.cleaned_data
        of_class = {
            pupil_id: said[lines.whole.name] for lines in self.of_classes for pupil_id, _ in lines.blank.children
        }
        own = {int(name.removeprefix("reason_")): value for name, value in said.items() if name.startswith("reason_")}
        return {pupil_id: words or of_class.get(pupil_id, "") for pupil_id, words in own.items()}
