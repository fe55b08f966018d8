"""The file that a technician brings."""

from pathlib import Path

from django import forms
from django.core.files.uploadedfile import UploadedFile

LARGEST = 1_000_000_000


class ImportForm(forms.Form):
    """A school pack as a zip file, or a Common Transfer File."""

    file = forms.FileField(
        label="File",
        help_text="A school pack as a zip file, or a Common Transfer File (.xml). It is checked first.",
        widget=forms.FileInput(attrs={"accept": ".zip,.xml"}),
        error_messages={"required": "Choose a file.", "empty": "The file is empty."},
    )

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if Path(file.name or "").suffix.lower() not in (".zip", ".xml"):
            raise forms.ValidationError("Choose a .zip of a school pack or a Common Transfer File (.xml).")
        if (file.size or 0) > LARGEST:
            raise forms.ValidationError("The file is larger than 1 GB. Import it with manage.py import_school instead.")
        return file
