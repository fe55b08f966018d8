from django import forms


class ExportSubjectForm(forms.Form):
    reason = forms.CharField(
        label="Who asks, and why",
        max_length=300,
        help_text="For example: request of the mother of 3 March, identity checked. It stands in the audit trail.",
    )
    black_out_staff = forms.BooleanField(label="Black out the names of staff", required=False)
    black_out_contacts = forms.BooleanField(
        label="Black out the names, addresses and numbers of contacts", required=False
    )
