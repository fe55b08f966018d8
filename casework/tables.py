"""Lists of casework."""

from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from casework.models import Standing

DAYS = (
    '{% explained value|floatformat:"-1" "missed" record.pupil pupil=record.pupil_id range="custom" '
    "first=record.counted_from last=record.evaluated_on %}"
)
NUMBER = {"th": {"class": "app-num"}, "td": {"class": "app-num"}}


class ToTalkWith(tables.Table):
    """Pupils at a step that the class teacher owns."""

    pupil = tables.Column(order_by=("pupil__legal_surname", "pupil__legal_forename", "pk"))
    since = tables.DateColumn(format="j M Y", order_by=("since", "pk"))
    days_missed = tables.TemplateColumn(
        DAYS, verbose_name="Days missed this year", attrs=NUMBER, order_by=("absent", "pk")
    )
    do = tables.Column(verbose_name="Do", orderable=False, accessor="pupil")

    key = "to-talk-with"
    caption = "Pupils to talk with"

    class Meta:
        order_by = "pupil"
        empty_text = "Nobody needs a first conversation now."

    def __init__(self, *args: Any, urn: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.urn = urn

    def render_do(self, record: Standing) -> SafeString:
        return format_html(
            '<a class="govuk-link" href="{}">Record the conversation<span class="govuk-visually-hidden"> with the '
            "family of {}</span></a>",
            reverse("casework:record_conversation", args=[self.urn, record.pupil_id]),
            record.pupil,
        )
