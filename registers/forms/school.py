"""The settings of a school."""

from django import forms
from django.contrib.postgres.forms import SimpleArrayField

from attendance_mis.models import School
from registers.forms.pupils import Grouped
from registers.forms.seen import SeenForm

TIMES = ("am_register", "am_closes", "pm_register", "pm_closes", "day_ends", "parents_report_by", "registers_due_by")
SCHOOL = (
    "headteacher",
    "attendance_contact",
    "attendance_target",
    "type",
    "local_authority",
    "telephone",
    "email",
    "address",
    "postcode",
)
SIGNING_IN = ("second_step", "school_account_is_enough")
RULES = ("count_n_for_penalties", "turn_old_n_into_o", "small_numbers_under", "groups_as_at")


class SchoolForm(Grouped, SeenForm):
    """Times, addresses, how people sign in, and the rules on which schools differ."""

    address = SimpleArrayField(
        forms.CharField(max_length=100), delimiter="\n", required=False, widget=forms.Textarea, label="Address"
    )

    groups = (
        ("When registers are taken", TIMES),
        ("What letters say of the school", SCHOOL),
        ("Signing in", SIGNING_IN),
        ("Rules on which schools differ", RULES),
    )

    class Meta:
        model = School
        fields = (*TIMES, *SCHOOL, *SIGNING_IN, *RULES)
        labels = {
            "am_register": "Morning register begins",
            "am_closes": "Morning register closes",
            "pm_register": "Afternoon register begins",
            "pm_closes": "Afternoon register closes",
            "day_ends": "The school day ends",
            "parents_report_by": "Parents report an absence by",
            "registers_due_by": "The office asks for missing registers at",
            "attendance_target": "Attendance target, per cent",
            "second_step": "Who needs a second step to sign in",
            "school_account_is_enough": "A Google or Microsoft account of the school is enough",
            "count_n_for_penalties": "N counts towards the penalty threshold",
            "turn_old_n_into_o": "N becomes O by itself after five school days",
            "small_numbers_under": "Hide from governors numbers of fewer pupils than",
            "groups_as_at": "Governors' figures show children in their groups of this day",
        }
        help_texts = {"am_closes": "At most 30 minutes later.", "pm_closes": "At most 30 minutes later."}
