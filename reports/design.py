"""Every shared part on one page, with long names, faults and nothing to show: for who builds pages, and for the tests.

In the address list only while DEBUG is on; it reads no record.
"""

from types import SimpleNamespace
from typing import Any

import django_tables2 as tables
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path

from attendance_mis.counted import Counted
from attendance_mis.models import Membership, School
from attendance_mis.permissions import Role, open_to
from reports.charts import bar_chart, heat_map, line_chart, stacked_bands

LONG_NAME = "Oluwaseun-Alexander Adébáyọ̀-Featherstonehaugh"
PUPILS = (
    (LONG_NAME, "5 Kestrel", 96.4, 0, "On track"),
    ("Zofia Wiśniewska", "2 Wren", 91.2, 4, "Watch"),
    ("Rafe O’Connell-Nguyen", "5 Kestrel", 84.7, 12, "Stage 1"),
    ("Amina Hassan Warsame", "R Robin", 78.1, 21, "Stage 2"),
    ("Jasmin Kaur Dhaliwal", "6 Falcon", 99.5, 0, "On track"),
)
CODES = (
    ("/", "attending", "Present in the morning"),
    ("L", "attending", "Late, before the register closed"),
    ("V", "approved_activity", "Educational visit or trip"),
    ("I", "authorised", "Illness"),
    ("C1", "authorised", "Leave for a performance"),
    ("U", "unauthorised", "Arrived after the register closed"),
    ("O", "unauthorised", "Absent without authorisation"),
    ("Y7", "not_possible", "Unavoidable cause"),
    ("#", "administrative", "Planned closure"),
    ("", "blank", "No mark"),
)


COUNTS = [
    Counted("overdue", "Overdue", 14, "Clocks whose last day has passed.", "Clocks with time left.", tone="bad"),
    Counted("coming", "Still to come", 0, "Clocks whose last day is still to come.", "Clocks that are overdue."),
]
WEEKS = [f"{day} {month}" for month in ("Sep", "Oct", "Nov") for day in (7, 14, 21, 28)]
CHARTS = {
    "line": line_chart(
        "Attendance by week, this year and last",
        WEEKS,
        {
            "This year": [95.9, 95.4, 95.1, 94.8, 94.6, 93.9, 94.2, None, 93.8, 93.1, 93.6, 94.0],
            "Last year": [95.1, 95.3, 94.4, 94.6, 93.8, 93.5, 93.9, None, 93.2, 92.4, 92.9, 93.1],
        },
        references={"England": 94.7},
    ),
    "bars": bar_chart(
        "Persistent absence by group",
        [
            ("All pupils", 13.8, 13.1),
            ("Pupil premium", 24.6, 22.0),
            ("SEN support", 19.2, 20.4),
            ("Education, health and care plan", 27.3, 25.1),
            ("None of these", 7.9, None),
        ],
        comparison="England",
    ),
    "heat": heat_map(
        "Sessions missed by weekday",
        ["Mon", "Tue", "Wed", "Thu", "Fri"],
        ["AM", "PM"],
        [[5.9, 4.6, 4.1, 4.4, 6.3], [5.4, 4.5, 4.0, 4.7, 7.8]],
        unit=" %",
    ),
    "bands": stacked_bands(
        "Pupils by how much they have missed",
        ["Under 5 %", "5 to 10 %", "10 to 20 %", "20 to 50 %", "50 % and more"],
        [
            ("Year 3", (34, 18, 6, 2, 0)),
            ("Year 4", (31, 19, 8, 1, 1)),
            ("Year 5", (28, 20, 9, 3, 0)),
            ("Year 6", (37, 15, 6, 2, 0)),
        ],
    ),
}


class DesignForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(
        label="Name of the person who called", help_text="As they gave it, also when it is not the first contact."
    )
    email = forms.EmailField(label="E-mail address", required=False)
    password = forms.CharField(label="Password", widget=forms.PasswordInput)
    day = forms.DateField(label="First day of absence")
    at = forms.TimeField(label="Time of the call")
    minutes = forms.IntegerField(label="Minutes late", max_value=240)
    code = forms.ChoiceField(
        label="Code", choices=[("", "Choose a code"), ("I", "I · Illness"), ("M", "M · Medical appointment")]
    )
    how = forms.ChoiceField(
        label="How did they tell you?",
        widget=forms.RadioSelect,
        choices=[("call", "They called"), ("mail", "They wrote"), ("desk", "At the desk")],
    )
    sessions = forms.MultipleChoiceField(
        label="For which sessions?",
        widget=forms.CheckboxSelectMultiple,
        choices=[("AM", "Morning"), ("PM", "Afternoon")],
        help_text="One or both.",
    )
    note = forms.CharField(label="What they said", widget=forms.Textarea, max_length=500, required=False)
    evidence = forms.FileField(label="Evidence", required=False)
    agreed = forms.BooleanField(label="The headteacher has agreed", help_text="Leave without it is not authorised.")


class FilterForm(forms.Form):
    year = forms.ChoiceField(label="Year group", choices=[("", "All"), ("5", "Year 5")], required=False)
    status = forms.ChoiceField(label="Status", choices=[("", "All"), ("open", "Open")], required=False)
    since = forms.DateField(label="Since", required=False)


class PupilTable(tables.Table):
    name = tables.Column(verbose_name="Pupil")
    group = tables.Column(verbose_name="Class")
    attendance = tables.Column(attrs={"th": {"class": "app-num"}, "td": {"class": "app-num"}})
    unauthorised = tables.Column(
        verbose_name="Unauthorised sessions", attrs={"th": {"class": "app-num"}, "td": {"class": "app-num"}}
    )
    state = tables.Column(verbose_name="Stage", orderable=False)

    caption = "Pupils in the class"

    class Meta:
        empty_text = "No pupil fits these filters."
        order_by = "name"


def _day(label: str, am: int, pm: int, *, today: bool = False) -> dict:
    marks = [dict(zip(("letter", "category", "meaning"), CODES[number], strict=True)) for number in (am, pm)]
    return {"label": label, "am": marks[0], "pm": marks[1], "today": today}


@open_to("anyone")
@login_not_required
def design(request: Any) -> HttpResponse:
    """Every part of `templates/parts/`, filled. `?nothing` shows the empty states, `?faults` the form refused."""
    request.user = SimpleNamespace(is_authenticated=True, is_active=False, name=LONG_NAME, current_memberships=list)
    request.school = School(name="Saint Oswald’s Church of England Primary School")
    request.membership = Membership(role=Role.MANAGER)
    if "messages" in request.GET:
        messages.success(request, f"The register of 5 Kestrel was sent. {LONG_NAME} is marked N.")
        messages.error(request, "Code C2 was not set: there is no agreed part-time timetable for this day.")
    nothing = "nothing" in request.GET
    rows = [
        dict(zip(("name", "group", "attendance", "unauthorised", "state"), pupil, strict=True)) for pupil in PUPILS
    ] * 12
    table = PupilTable([] if nothing else rows)
    tables.RequestConfig(request, paginate={"per_page": 8}).configure(table)
    return render(
        request,
        "reports/design.html",
        {
            "schools": [
                {"name": "Saint Oswald’s Church of England Primary School", "href": "#", "current": True},
                {"name": "Larkfield Community Primary School", "href": "#", "current": False},
            ],
            "nav_items": [
                {"text": text, "href": "#", "current": text == "Registers", "count": count}
                for text, count in (
                    ("Registers", 0),
                    ("First day contact", 7),
                    ("Pupils", 0),
                    ("Cases", 3),
                    ("Letters", 0),
                    ("Penalties", 0),
                    ("Figures", 0),
                    ("Settings", 0),
                )
            ],
            "demo_clock": {"text": "The clock says Friday 20 November 2026, 08:50.", "reset_href": "#", "set_href": ""},
            "long_name": LONG_NAME,
            "codes": CODES,
            "counts": COUNTS,
            "chosen": COUNTS[0],
            "days": [
                _day("Mon 16", 0, 0),
                _day("Tue 17", 3, 3),
                _day("Wed 18", 1, 6),
                _day("Thu 19", 2, 4),
                _day("Fri 20", 0, 9, today=True),
            ],
            "table": table,
            "filter_form": FilterForm(request.GET if "year" in request.GET else None),
            "form": DesignForm(
                {"name": LONG_NAME, "minutes": "9999", "day": "31/02/2026"} if "faults" in request.GET else None
            ),
            "charts": CHARTS,
            "dense_form": DesignForm(auto_id="dense_%s"),
            "pupil_facts": [
                {"key": "Class", "value": "5 Kestrel"},
                {"key": "Year", "value": "5"},
                {"key": "Born", "value": "4 March 2017"},
                {"key": "UPN", "value": "H801200001001"},
            ],
            "pupil_tags": [
                {"text": "Vulnerable", "colour": "purple"},
                {"text": "Part-time timetable until 18 December", "colour": "amber"},
            ],
            "refused": [
                "There are 8 unauthorised sessions in the last ten school weeks; it takes 10.",
                "The notice to improve runs until 11 December.",
            ],
            "summary": [
                {"key": "Parent or carer", "value": f"Mrs Ifeoma {LONG_NAME.split()[-1]}", "href": "#"},
                {"key": "Telephone", "value": "07700 900123", "href": "#"},
                {"key": "Language", "value": ""},
            ],
            "tasks": []
            if nothing
            else [
                {
                    "title": f"Call the contacts of {LONG_NAME}",
                    "href": "#",
                    "hint": "5 Kestrel · not in since 9:05, no reason given",
                    "due": "today by 10:00",
                    "due_state": "soon",
                    "tag": "Vulnerable",
                    "tag_colour": "purple",
                },
                {
                    "title": "Return sickness list to the local authority",
                    "href": "#",
                    "hint": "2 pupils with 15 days or more",
                    "due": "since Monday 16 November",
                    "due_state": "overdue",
                    "tag": "Return",
                    "tag_colour": "grey",
                },
                {
                    "title": "Decide the reason of 4 N marks",
                    "href": "#",
                    "hint": "Older than five school days",
                    "due": "by Friday 27 November",
                    "tag": "Registers",
                },
                {
                    "title": "Send the Stage 1 letter to the parents of Rafe O’Connell-Nguyen",
                    "hint": "Sent this morning by Ms Okafor",
                    "tag": "Done",
                    "tag_colour": "green",
                    "done": True,
                },
            ],
            "events": []
            if nothing
            else [
                {
                    "title": "Moved to Stage 2",
                    "href": "#",
                    "at": "Friday 20 November, 14:02",
                    "datetime": "2026-11-20T14:02",
                    "by": "Mr T. Adeyemi, attendance manager",
                    "text": "Ten unauthorised sessions in ten school weeks.",
                    "kind": "warn",
                },
                {
                    "title": "Letter sent: invitation to a meeting",
                    "at": "Thursday 12 November, 09:30",
                    "by": "Ms G. Okafor, office",
                    "kind": "letter",
                },
                {
                    "title": "The parent called back",
                    "at": "Wednesday 11 November, 10:12",
                    "by": "Ms G. Okafor, office",
                    "text": "She will bring him at 8:45 from Monday.",
                    "kind": "good",
                },
                {"title": "Case opened", "at": "Monday 2 November, 08:15", "by": "by rule", "kind": "quiet"},
            ],
        },
    )


urlpatterns = [path("", design, name="design")]
