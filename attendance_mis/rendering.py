"""GOV.UK markup for every Django form: `FORM_RENDERER` names `Renderer`, and `{{ form }}` is enough.

A page that lays its fields out by hand includes `parts/error_summary.html` and writes `{{ form.code.as_field_group }}`.
"""

from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting

KIT_CLASSES: dict[type[forms.Widget], str] = {
    forms.CheckboxSelectMultiple: "govuk-checkboxes__input",
    forms.RadioSelect: "govuk-radios__input",
    forms.CheckboxInput: "govuk-checkboxes__input",
    forms.Select: "govuk-select",
    forms.Textarea: "govuk-textarea",
    forms.FileInput: "govuk-file-upload",
    forms.PasswordInput: "govuk-input govuk-password-input__input govuk-js-password-input-input",
    forms.NumberInput: "govuk-input govuk-input--width-5",
    forms.DateInput: "govuk-input govuk-input--width-10",
    forms.TimeInput: "govuk-input app-input--time",
    forms.DateTimeInput: "govuk-input govuk-input--width-20",
    forms.widgets.Input: "govuk-input",
}  # the first that fits: a widget stands before its parents


class DateInput(forms.DateInput):
    """The browser's own date picker; it speaks ISO whatever the language."""

    input_type = "date"

    def __init__(self, attrs: dict | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class TimeInput(forms.TimeInput):
    """The browser's own time field, to the minute."""

    input_type = "time"

    def __init__(self, attrs: dict | None = None) -> None:
        super().__init__(attrs, format="%H:%M")


class DateTimeInput(forms.DateTimeInput):
    """The browser's own field for a day and a time, to the minute."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")


NATIVE = {forms.DateInput: DateInput, forms.TimeInput: TimeInput, forms.DateTimeInput: DateTimeInput}


class KitBoundField(BoundField):
    """A field that knows what GOV.UK Frontend wants of it: classes, hints, errors and behaviour."""

    def __init__(self, form: forms.BaseForm, field: forms.Field, name: str) -> None:
        if native := NATIVE.get(type(field.widget)):
            field.widget = native(field.widget.attrs)  # the form holds its own copy of the field
        super().__init__(form, field, name)
        if field.error_messages.get("required") == forms.Field.default_error_messages["required"]:
            field.error_messages["required"] = "Choose one." if self._is_choice else "Fill this in."

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        widget = widget or self.field.widget
        attrs = super().build_widget_attrs(attrs, widget)
        attrs.pop("required", None)  # the server's answer names every fault at once; the browser's bubble names one
        if widget.is_hidden:
            return attrs
        kit = next((name for kind, name in KIT_CLASSES.items() if isinstance(widget, kind)), "")
        error = f"{kit.split()[0]}--error" if self.errors and kit and not self._is_choice else ""
        attrs["class"] = " ".join(filter(None, (kit, error, self.module_input, widget.attrs.get("class"))))
        if isinstance(widget, forms.Textarea) and widget.attrs.get("rows") == "10":  # Django's default fills a screen
            attrs["rows"] = "4"
        if self.max_characters:
            attrs["maxlength"] = False  # typing past the end is counted and refused with a sentence, never cut off
            attrs["aria-describedby"] = f"{attrs.get('aria-describedby', '')} {self.auto_id}-info".strip()
        return attrs

    @property
    def _is_choice(self) -> bool:
        return isinstance(
            self.field.widget, (forms.CheckboxInput, forms.RadioSelect)
        )  # several checkboxes are a RadioSelect

    @property
    def is_single_checkbox(self) -> bool:
        return isinstance(self.field.widget, forms.CheckboxInput)

    @property
    def is_optional(self) -> bool:
        return not self.field.required and not self.field.disabled

    @property
    def max_characters(self) -> int | None:
        limit = getattr(self.field, "max_length", None)
        return limit if isinstance(self.field.widget, forms.Textarea) else None

    @property
    def module(self) -> str:
        """The behaviour of GOV.UK Frontend that the group asks for, or nothing."""
        if isinstance(self.field.widget, forms.PasswordInput):
            return "govuk-password-input"
        return "govuk-character-count" if self.max_characters else ""

    @property
    def module_class(self) -> str:
        return f" {self.module}" if self.module else ""

    @property
    def module_input(self) -> str:
        return "govuk-js-character-count" if self.max_characters else ""

    @property
    def first_id(self) -> str:
        """The id that a link of the error summary leads to: the first choice of a group, else the field."""
        return f"{self.auto_id}_0" if self.use_fieldset else self.id_for_label


class Renderer(TemplatesSetting):
    """Forms, fields and widgets from our templates; see `templates/forms/` and `templates/django/forms/widgets/`."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"
    bound_field_class = KitBoundField
