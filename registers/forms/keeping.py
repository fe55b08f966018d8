"""How long something is kept."""

from typing import Any

from django import forms

from registers.retention import Category


class RetentionForm(forms.Form):
    """Years, and for the registers the old regulations."""

    years = forms.IntegerField(label="Years", min_value=1, max_value=40)
    old_regulations = forms.BooleanField(
        label="Three years for what was made before 19 August 2024",
        required=False,
        help_text="As the regulations of 2006 had it. Whether that still holds is not settled: six is the safe choice.",
    )

    def __init__(self, *args: Any, category: Category, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["years"].help_text = f"From {category.counts_from}."
        if not category.is_statutory:
            del self.fields["old_regulations"]

    def values(self) -> dict[str, Any]:
        """What the action takes."""
        return {"old_regulations": False, **self.cleaned_data}
