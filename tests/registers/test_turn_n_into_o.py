"""N older than five school days: law.md 1.8, SI 2024/208 reg 10(7) to (9)."""

from datetime import date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from attendance_mis import audit, seals
from attendance_mis.actors import Actor
from registers import no_reason, record
from registers.actions.no_reason import REASON, turn_all
from registers.calendar_rules import Session
from registers.codes import by_number
from registers.forms.choosing import token
from registers.models import Amendment, Entry, Mark
from tests.conftest import TODAY
from tests.factories import LONDON

pytestmark = pytest.mark.usefixtures("clock")
# Today is Tuesday 11 March: the sixth school day after Monday 3 March, the fifth after Tuesday 4 March.
OVERDUE, IN_TIME = date(2025, 3, 3), date(2025, 3, 4)


def page(cast):
    return reverse("registers:turn_n_into_o", args=[cast.school.urn])


def tokens(cast):
    found, _ = no_reason.overdue(cast.school, TODAY)
    return [token(old.slot, old.version) for old in found]


def letters():
    return [by_number(m.code).letter for m in Mark.objects.order_by("day", "session", "pupil")]


def test_an_n_is_overdue_from_the_sixth_school_day_after_its_session(cast, mark):
    mark(cast.pupils[0], letter="N", day=OVERDUE)
    mark(cast.pupils[1], letter="N", day=IN_TIME)
    mark(cast.pupils[2], letter="I", day=OVERDUE)
    [old], total = no_reason.overdue(cast.school, TODAY)
    assert (old.pupil_id, old.day, old.age, total) == (cast.pupils[0].pk, OVERDUE, 6, 1)
    both, _ = no_reason.overdue(cast.school, date(2025, 3, 12))
    assert [old.age for old in both] == [7, 6]
    same, _ = no_reason.overdue(cast.school, date(2025, 3, 15))
    assert len(same) == 2, "a Saturday is no school day"


def test_holidays_do_not_count(cast, mark):
    mark(cast.pupils[0], letter="N", day=date(2025, 2, 13))
    assert no_reason.overdue(cast.school, date(2025, 2, 27)) == ([], 0), "half-term lay between"
    assert no_reason.overdue(cast.school, date(2025, 2, 28))[1] == 1


def test_one_click_turns_it_into_o_with_its_amendment(cast, mark):
    mark(cast.pupils[0], letter="N", day=OVERDUE)
    answer = cast.client("office").post(page(cast), {"only": tokens(cast)})
    assert answer.status_code == 302
    assert letters() == ["O"]
    amendment = Amendment.objects.get()
    assert amendment.reason == REASON
    assert amendment.by_name == cast.people["office"].name


def test_many_at_once_are_one_amendment_each(cast, mark):
    mark(*cast.pupils, letter="N", day=OVERDUE)
    mark(*cast.pupils[:2], letter="N", day=OVERDUE, session=Session.PM)
    assert cast.client("lead").post(page(cast), {"mark": tokens(cast)}).status_code == 302
    assert letters() == ["O"] * 7
    assert Amendment.objects.count() == 7
    seals.seal(cast.school)
    assert record.verify(cast.school).is_whole


def test_a_rows_button_turns_its_own_mark_only(cast, mark):
    mark(*cast.pupils[:2], letter="N", day=OVERDUE)
    [first, second] = tokens(cast)
    cast.client("office").post(page(cast), {"mark": [first], "only": second})
    assert sorted(letters()) == ["N", "O"]
    assert Amendment.objects.get().pupil_id == int(second.split(":")[0])


@pytest.mark.parametrize("chosen", ["nonsense", "1:2:3", "1:2025-03-03:XX:1", "1:2025-02-31:AM:1", ""])
def test_a_list_that_is_none_is_refused(cast, chosen):
    assert cast.client("office").post(page(cast), {"mark": chosen}).status_code == 422


def test_one_that_is_not_overdue_stops_all(cast, mark):
    mark(cast.pupils[0], letter="N", day=OVERDUE)
    version = mark(cast.pupils[1], letter="N", day=IN_TIME).entry_id
    answer = cast.client("office").post(
        page(cast), {"mark": [*tokens(cast), f"{cast.pupils[1].pk}:{IN_TIME}:AM:{version}"]}
    )
    assert answer.status_code == 422
    assert letters() == ["N", "N"]


def test_another_schools_mark_is_not_on_the_list(cast, mark):
    strange = cast.strange_pupils[0].pk
    assert cast.client("office").post(page(cast), {"mark": f"{strange}:{OVERDUE}:AM:1"}).status_code == 422


def test_the_last_contact_stands_beside_it(cast, mark):
    mark(cast.pupils[0], letter="N", day=OVERDUE)
    audit.record(
        "record_contact",
        school_id=cast.school.pk,
        by=cast.actor("office"),
        pupil_id=cast.pupils[0].pk,
        summary="Rang the mother: no answer.",
    )
    assert "Rang the mother: no answer." in cast.client("office").get(page(cast)).content.decode()


def test_the_rule_is_off_until_the_school_switches_it_on(cast, mark):
    """It moves families towards a penalty."""
    mark(*cast.pupils[:2], letter="N", day=OVERDUE)
    assert turn_all(school=cast.school) == 0
    cast.school.turn_old_n_into_o = True
    assert turn_all(school=cast.school) == 2
    assert turn_all(school=cast.school) == 0, "a second run finds nothing left"
    entry = Entry.objects.latest("pk")
    system = Actor.system("Rule: N older than five school days")
    assert (entry.source, entry.by_name, entry.by_position) == (Entry.Source.RULE, system.name, system.position)
    seals.seal(cast.school)
    assert record.verify(cast.school).is_whole


def test_the_list_costs_the_same_queries_for_three_and_for_thirty(cast, mark):
    client = cast.client("office")

    def queries():
        with CaptureQueriesContext(connection) as context:
            client.get(page(cast))
        return len(context)

    mark(*cast.pupils[:3], letter="N", day=OVERDUE)
    few = queries()
    for day in (date(2025, 2, 24), date(2025, 2, 25), date(2025, 2, 26)):
        for session in Session:
            mark(*cast.pupils, letter="N", day=day, session=session)
    assert queries() == few


def test_the_page_pages(cast, mark):
    for day in range(6, 12):
        for session in Session:
            mark(*cast.pupils, letter="N", day=date(2025, 1, day), session=session)
    client = cast.client("office")
    assert "Page 1 of 2" in client.get(page(cast)).content.decode()
    assert "Page 2 of 2" in client.get(page(cast) + "?page=2").content.decode()
    assert client.get(page(cast) + "?page=99").status_code == 200
    assert client.get(page(cast) + "?page=x").status_code == 200


def test_a_day_that_was_old_when_codes_changed_gets_its_own_o(cast, mark):
    mark(cast.pupils[0], letter="N", day=date(2024, 7, 1))
    cast.client("office").post(page(cast), {"mark": tokens(cast)})
    assert by_number(Mark.objects.get().code).code_set == 2006
    assert Amendment.objects.get().at == datetime(2025, 3, 11, 9, 5, tzinfo=LONDON)
