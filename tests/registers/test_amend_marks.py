"""Many marks at once: each is shown first, then all the ticked ones are amended, or none."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from attendance_mis import seals
from registers import record
from registers.calendar_rules import Session
from registers.codes import by_number
from registers.models import Amendment, Mark, Registration
from tests.conftest import TODAY

pytestmark = pytest.mark.usefixtures("clock")
MONDAY = date(2025, 3, 10)
REASON = "Heating failed: the class was sent home at nine"


def post(cast, button, *, role="office", marks=(), **values):
    data = {
        "class_group": cast.own_class.pk,
        "first_day": MONDAY,
        "last_day": MONDAY,
        "sessions": ["1", "2"],
        "code": "Y4",
        "note": "heating",
        "reason": REASON,
        "mark": list(marks),
        button: "1",
    }
    return cast.client(role).post(reverse("registers:amend_marks", args=[cast.school.urn]), data | values)


@pytest.fixture
def monday(cast, mark):
    mark(*cast.pupils, day=MONDAY)
    mark(*cast.pupils[1:], day=MONDAY, session=Session.PM, letter="\\")


def letters():
    return "".join(by_number(m.code).letter for m in Mark.objects.order_by("session", "pupil"))


def test_it_is_looked_at_before_anything_changes(cast, monday):
    rows = post(cast, "look").context["rows"]
    assert len(rows) == 10
    assert [row.name for row in rows[:5]] == sorted(pupil.name for pupil in cast.pupils)
    assert letters() == "/////" + "\\" * 4


def test_each_ticked_mark_becomes_one_amendment(cast, monday):
    tokens = [row.token for row in post(cast, "look").context["rows"]]
    assert post(cast, "amend", marks=tokens).status_code == 302
    assert letters() == "Y4" * 10
    assert Amendment.objects.count() == 9, "the blank of a register never sent is filled late, not amended"
    assert set(Amendment.objects.values_list("reason", flat=True)) == {REASON}
    seals.seal(cast.school)
    assert record.verify(cast.school).is_whole


def test_only_what_stands_as_said(cast, monday):
    assert len(post(cast, "look", standing="blank").context["rows"]) == 1
    assert len(post(cast, "look", standing="\\").context["rows"]) == 4
    assert "is not an attendance code" in post(cast, "look", standing="QQ").content.decode()


def test_what_the_rules_forbid_is_said_beside_it(cast, monday):
    [row, *_] = post(cast, "look", code="X").context["rows"]
    assert "X is only for a pupil outside compulsory school age" in row.refused[0]
    assert post(cast, "amend", code="X", marks=[row.token]).status_code == 422
    assert letters() == "/////" + "\\" * 4


def test_present_is_of_each_session(cast, mark):
    mark(*cast.pupils, day=MONDAY, letter="N")
    mark(*cast.pupils, day=MONDAY, letter="N", session=Session.PM)
    tokens = [row.token for row in post(cast, "look", code="/", note="").context["rows"]]
    post(cast, "amend", code="/", note="", marks=tokens)
    assert letters() == "/////" + "\\" * 5


def test_one_mark_that_moved_on_stops_all(cast, monday, mark):
    rows = post(cast, "look").context["rows"]
    version = Mark.objects.get(pupil=cast.pupils[0]).entry_id
    mark(cast.pupils[0], day=MONDAY, letter="L", version=version)
    answer = post(cast, "amend", marks=[row.token for row in rows])
    assert answer.status_code == 422
    assert "changed by somebody else" in answer.content.decode()
    assert not Amendment.objects.exists()


def test_nothing_ticked_is_said(cast, monday):
    assert "Choose at least one mark" in post(cast, "amend").content.decode()


def test_a_pupil_off_roll_or_of_another_school_is_not_chosen(cast, monday):
    Registration.objects.filter(pupil=cast.pupils[0]).update(leaving_date=date(2025, 3, 7))
    assert len(post(cast, "look").context["rows"]) == 8
    assert len(post(cast, "look", class_group="").context["rows"]) == 12
    assert post(cast, "look", class_group=cast.strange_class.pk).status_code == 422
    forged = f"{cast.strange_pupils[0].pk}:{MONDAY}:AM:0"
    assert post(cast, "amend", marks=[forged]).status_code == 422


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"first_day": TODAY}, "The last day is before the first day"),
        ({"reason": ""}, "Give the reason"),
        ({"code": ""}, "Enter a code"),
        ({"sessions": []}, "Choose morning, afternoon or both"),
        ({"first_day": date(2023, 9, 5), "class_group": ""}, "more than 500 marks"),
    ],
)
def test_a_choice_that_is_none_is_refused(cast, values, sentence):
    answer = post(cast, "look", **values)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()


def test_the_preview_costs_the_same_queries_for_ten_and_for_fifty(cast):
    def queries(first):
        with CaptureQueriesContext(connection) as context:
            assert len(post(cast, "look", first_day=first).context["rows"]) >= 10
        return len(context)

    assert queries(MONDAY) == queries(date(2025, 3, 4))
