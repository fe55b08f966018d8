"""Lists of figures."""

from datetime import date
from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from casework.tables import NUMBER
from reports.explained import Ask, Explains
from reports.templatetags.explained import link

WHOLE = {"td": {"class": "app-nowrap"}}
COLOURS = {"Severely absent": "red", "Persistently absent": "red", "At risk": "amber", "On track": "green"}


class PupilFigures(tables.Table):
    """Pupils with the days they missed, before per cent, and what the year can still become."""

    name = tables.Column(order_by=("name",))
    class_name = tables.Column(verbose_name="Class", default="None")
    days = tables.Column(verbose_name="Days missed", attrs=NUMBER)
    said = tables.Column(verbose_name="That is", orderable=False, attrs=WHOLE)
    percent = tables.Column(verbose_name="Attendance", attrs=NUMBER, default="–")
    unauthorised = tables.Column(verbose_name="Unauthorised", attrs=NUMBER)
    late = tables.Column(attrs=NUMBER)
    outlook = tables.Column(verbose_name="This year", default="", attrs=WHOLE)
    missable = tables.Column(verbose_name="Days to spare", attrs=NUMBER, default="–")
    best = tables.Column(verbose_name="Best possible", attrs=NUMBER, default="–")
    begins = tables.Column(verbose_name="Persistent from", attrs=NUMBER, default="–")

    key = "pupils"
    caption = "Pupils and what they missed"
    empty_hint = "Choose other days or another group."

    class Meta:
        order_by = "-days"
        empty_text = "No pupil fits."

    FIGURES = {
        "days": "missed", "percent": "attendance", "unauthorised": "unauthorised", "late": "late",
        "missable": "to-spare", "best": "best", "begins": "begins",
    }  # fmt: skip

    def __init__(self, *args: object, urn: str, query: str, explains: Explains, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.urn, self.query, self.explains = urn, f"?{query}" if query else "", explains

    def render_name(self, value: str, record: dict[str, object]) -> SafeString:
        address = reverse("reports:see_pupil", args=[self.urn, record["pupil_id"]])
        return format_html('<a class="govuk-link" href="{}{}">{}</a>', address, self.query, value)

    def _explained(self, value: object, record: dict[str, object], bound_column: Any) -> SafeString:
        shown = value
        if isinstance(value, date):
            shown = f"{value:%-d %b %Y}"
        elif bound_column.name in ("percent", "best"):
            shown = f"{value} %"
        ask = Ask(self.FIGURES[bound_column.name], f"{record['name']}", {"pupil": record["pupil_id"]})
        return link(self.explains, shown, ask)

    render_days = render_percent = render_unauthorised = render_late = _explained
    render_missable = render_best = render_begins = _explained

    def render_outlook(self, value: str) -> SafeString:
        colour = COLOURS.get(value, "grey")
        return format_html('<strong class="govuk-tag govuk-tag--{}">{}</strong>', colour, value)
