"""The editor of a letter's words, its sending, and the letterhead."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from PIL import Image, ImageFile, ImageOps

from letters.languages import CHOICES as LANGUAGES
from letters.markup import LONGEST
from letters.models import Channel, LetterTemplate

LARGEST_PICTURE = 2_000_000  # bytes
WIDEST = 1200  # pixels: 80 mm at 380 dots an inch
MOST_PIXELS = 16_000_000  # unpacked they take four bytes each
MODES = frozenset({"1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK"})


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


@contextmanager
def _strictly() -> Iterator[None]:
    """WeasyPrint, once imported, lets Pillow take pictures that are cut off; whoever uploads one should be told."""
    lenient, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = lenient


def _picture(file: UploadedFile | None) -> bytes | None:
    """The picture drawn anew as PNG, so that nothing but pixels is kept; None when none was given."""
    if file is None:
        return None
    if (file.size or 0) > LARGEST_PICTURE:
        raise ValidationError("This file is larger than 2 MB.")
    too_large = ValidationError("This picture has too many pixels: 4000 by 4000 are enough.")
    try:
        with _strictly(), Image.open(BytesIO(file.read()), formats=["PNG", "JPEG"]) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise too_large
            if picture.mode not in MODES:
                raise ValidationError("This picture has colours that few programs can show: save it with 8 bits each.")
            drawn: Any = ImageOps.exif_transpose(picture).convert("RGBA")  # as the camera was held
    except Image.DecompressionBombError as fault:
        raise too_large from fault
    except (OSError, ValueError, SyntaxError) as fault:  # what Pillow raises, by the part that is broken
        raise ValidationError("This file is damaged, or no PNG or JPEG picture.") from fault
    drawn.thumbnail((WIDEST, WIDEST))
    out = BytesIO()
    drawn.save(out, "PNG", optimize=True)
    return out.getvalue()
