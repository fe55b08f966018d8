"""The editor of a letter's words, its sending, and the letterhead."""

from io import BytesIO
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from PIL import Image, UnidentifiedImageError

from letters.languages import CHOICES as LANGUAGES
from letters.markup import LONGEST
from letters.models import Channel, LetterTemplate

LARGEST_PICTURE = 2_000_000  # bytes
WIDEST = 1200  # pixels: 80 mm at 380 dots an inch


class TemplateForm(forms.Form):
    """Subject and body of one language. The faults of the markup are found by the action."""

    subject = forms.CharField(max_length=150)
    body = forms.CharField(label="Text", max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 22}))
    short = forms.CharField(
        label="Short words, for a text or a short e-mail",
        max_length=306,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Two texts long at most. They say that there is a letter, not what a parent should read in private.",
    )
    why = forms.CharField(label="What has changed?", max_length=200, required=False)
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, language: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if language:
            del self.fields["short"]


class LanguageForm(forms.Form):
    language = forms.ChoiceField(label="Language", choices=[("", "English"), *LANGUAGES], required=False)


class SendingForm(forms.Form):
    sender = forms.ChoiceField(label="Who may approve it?", choices=LetterTemplate.Sender.choices)
    channel = forms.ChoiceField(label="How does it leave?", choices=Channel.choices)
    again_after_weeks = forms.IntegerField(
        label="Warn when the same letter went in the last so many weeks", min_value=0, max_value=52
    )


class LetterheadForm(forms.Form):
    signatory = forms.CharField(label="Who signs?", max_length=100, required=False)
    position = forms.CharField(label="In which position?", max_length=100, required=False)
    logo = forms.FileField(label="Logo", required=False, help_text="PNG or JPEG, 2 MB at most.")
    logo_text = forms.CharField(
        label="What does the logo show?", max_length=100, required=False, help_text="For who hears the letter read."
    )
    signature = forms.FileField(label="Scanned signature", required=False, help_text="PNG or JPEG, on white.")

    def clean_logo(self) -> bytes | None:
        return _picture(self.cleaned_data["logo"])

    def clean_signature(self) -> bytes | None:
        return _picture(self.cleaned_data["signature"])


def _picture(file: UploadedFile | None) -> bytes | None:
    """The picture drawn anew as PNG, so that nothing but pixels is kept; None when none was given."""
    if file is None:
        return None
    if (file.size or 0) > LARGEST_PICTURE:
        raise ValidationError("This file is larger than 2 MB.")
    try:
        with Image.open(BytesIO(file.read()), formats=["PNG", "JPEG"]) as picture:
            if picture.width * picture.height > 40_000_000:
                raise ValidationError("This picture is too large: 6000 pixels are enough.")
            drawn: Any = picture.convert("RGBA")
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as fault:
        raise ValidationError("This file is no PNG or JPEG picture.") from fault
    drawn.thumbnail((WIDEST, WIDEST))
    out = BytesIO()
    drawn.save(out, "PNG", optimize=True)
    return out.getvalue()
