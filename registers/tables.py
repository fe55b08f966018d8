"""Lists."""

from datetime import date

import django_tables2 as tables
from django.db.models import F, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from registers.models import PlannedAbsence, Pupil
from registers.templatetags.marks import chip

# Left out of the cards of a phone: a list of fifty must stay a list.
DESK = {"td": {"class": "app-desk app-nowrap"}}


class PupilTable(tables.Table):
    """Pupils with their class of the day; `show_vulnerable` adds the tag for those who may see it."""

    name = tables.Column(accessor="surname", order_by=("legal_surname", "legal_forename"))
    year_group = tables.Column(verbose_name="Year")
    class_name = tables.Column(verbose_name="Class", default="None")
    date_of_birth = tables.DateColumn(verbose_name="Born", format="j M Y", attrs=DESK)
    upn = tables.Column(verbose_name="UPN", attrs=DESK)

    key = "pupils"
    caption = "Pupils"
    empty_hint = "Change the filter, or look for another name."

    class Meta:
        model = Pupil
        fields = ("name", "year_group", "class_name", "date_of_birth", "upn")
        sequence = fields
        empty_text = "No pupil fits."

    def __init__(self, *args: object, urn: str, show_vulnerable: bool, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.urn = urn
        self.show_vulnerable = show_vulnerable

    def render_name(self, record: Pupil) -> SafeString:
        tag = (
            format_html(' <strong class="govuk-tag govuk-tag--amber">{}</strong>', "Vulnerable")
            if self.show_vulnerable and record.needs_watching
            else ""
        )
        address = reverse("registers:see_pupil", args=[self.urn, record.pk])
        return format_html(
            '<a class="govuk-link" href="{}">{}, {}</a>{}', address, record.surname, record.forename, tag
        )

    def order_class_name(self, queryset: QuerySet[Pupil], is_descending: bool) -> tuple[QuerySet[Pupil], bool]:  # noqa: FBT001
        by = F("class_name")
        order = by.desc(nulls_last=True) if is_descending else by.asc(nulls_last=True)
        return queryset.order_by(order, "legal_surname", "legal_forename"), True


class PlannedTable(tables.Table):
    """What is planned from `today` on, with a part-time timetable whose review is due."""

    pupil = tables.Column(order_by=("pupil__legal_surname", "pupil__legal_forename"))
    code = tables.Column(verbose_name="Code")
    kind = tables.Column(verbose_name="What")
    start = tables.Column(verbose_name="When")
    note = tables.Column(orderable=False)
    review_on = tables.DateColumn(verbose_name="Review", format="j M Y", default="")
    cancel = tables.Column(empty_values=(), orderable=False, verbose_name="", attrs={"td": {"class": "app-nowrap"}})

    key = "planned"
    caption = "Planned absences"
    empty_hint = "Appointments, trips, leave and part-time timetables stand here, and pre-fill the registers."

    class Meta:
        model = PlannedAbsence
        fields = ("pupil", "code", "kind", "start", "note", "review_on", "cancel")
        sequence = fields
        empty_text = "Nothing is planned."

    def __init__(self, *args: object, urn: str, today: date, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.urn = urn
        self.today = today

    def render_pupil(self, record: PlannedAbsence) -> SafeString:
        address = reverse("registers:see_pupil", args=[self.urn, record.pupil_id])
        pupil, pupils = record.pupil, getattr(record, "pupils", [])
        if len(pupils) > 1:
            return format_html(
                '<details class="govuk-details govuk-!-margin-bottom-0"><summary class="govuk-details__summary">'
                '<span class="govuk-details__summary-text">{} pupils</span></summary>'
                '<div class="govuk-details__text">{}</div></details>',
                len(pupils),
                ", ".join(map(str, pupils)),
            )
        return format_html('<a class="govuk-link" href="{}">{}, {}</a>', address, pupil.surname, pupil.forename)

    def render_code(self, record: PlannedAbsence) -> str:
        return chip(record.code, "small")

    def render_start(self, record: PlannedAbsence) -> str:
        return record.said

    def render_review_on(self, record: PlannedAbsence) -> SafeString | str:
        if record.review_on is None:
            return ""
        state = "overdue" if record.review_on < self.today else ""
        context = {"text": f"{record.review_on:%-d %b %Y}", "state": state}
        return render_to_string("parts/deadline.html", context)

    def render_cancel(self, record: PlannedAbsence) -> SafeString:
        hidden = '<span class="govuk-visually-hidden"> {}</span>'
        link = '<a class="govuk-link" href="{}">'
        return format_html(
            f"{link}Change{hidden}</a> {link}Cancel{hidden}</a>",
            reverse("registers:change_absence", args=[self.urn, record.pk])
            + ("?all" if len(getattr(record, "pupils", [])) > 1 else ""),
            record,
            reverse("registers:cancel_absence", args=[self.urn, record.pk]),
            record,
        )
