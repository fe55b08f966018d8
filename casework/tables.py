"""Lists of casework."""

import django_tables2 as tables

DAYS = '{% explained value|floatformat:"-1" "missed" record.pupil pupil=record.pupil_id range="custom" first=record.counted_from last=record.evaluated_on %}'  # noqa: E501 - one tag
DO = (
    '<a class="govuk-link" href="{% url "casework:record_conversation" request.school.urn record.pupil_id %}">Record '
    'the conversation<span class="govuk-visually-hidden"> with the family of {{ record.pupil }}</span></a>'
)
NUMBER = {"th": {"class": "app-num"}, "td": {"class": "app-num"}}


class ToTalkWith(tables.Table):
    """Pupils at a step that the class teacher owns."""

    pupil = tables.Column(order_by=("pupil__legal_surname", "pupil__legal_forename", "pk"))
    since = tables.DateColumn(format="j M Y", order_by=("since", "pk"))
    days_missed = tables.TemplateColumn(
        DAYS, verbose_name="Days missed this year", attrs=NUMBER, order_by=("absent", "pk")
    )
    do = tables.TemplateColumn(DO, verbose_name="Do", orderable=False)

    key = "to-talk-with"
    caption = "Pupils to talk with"

    class Meta:
        order_by = "pupil"
        empty_text = "Nobody needs a first conversation now."
