"""Forms that know what the person saw, so that nobody's change is wiped unseen."""

from typing import Any

from django import forms


class SeenForm(forms.ModelForm):
    """Carries what the person saw beside what she wants, so that nobody's change is wiped unseen."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.show_hidden_initial = bool(self.instance.pk)
            if isinstance(field, forms.TypedChoiceField):
                field.choices = [(value, label if value else "") for value, label in field.choices]  # type: ignore[misc, union-attr]

    def changes(self) -> dict[str, tuple[Any, Any]]:
        """Each changed field: what she saw, and what she wants."""
        pairs = {name: (self._seen(name), _one_line_end(self.cleaned_data[name])) for name in self.changed_data}
        return {name: (seen, new) for name, (seen, new) in pairs.items() if seen != new}

    def _seen(self, name: str) -> Any:
        """What stood in the field; a forged value is one that nobody ever saw."""
        field = self.fields[name]
        value = field.hidden_widget().value_from_datadict(self.data, self.files, self[name].html_initial_name)
        try:
            return field.to_python(_one_line_end(value))
        except forms.ValidationError:
            return value


def _one_line_end(value: Any) -> Any:
    """A browser sends every line end as two characters."""
    return value.replace("\r\n", "\n") if isinstance(value, str) else value
