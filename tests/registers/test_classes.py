"""Classes by date: moves, the new school year, who teaches what."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from attendance_mis import audit
from attendance_mis.actions import Refused
from attendance_mis.models import AuditRow
from registers.actions.classes import end_teaching, make_class, move_class, promote_classes, set_teaching
from registers.models import ClassGroup, ClassMembership, Pupil, SchoolDay, Teaching
from registers.roll import next_class, next_year
from tests.conftest import TODAY

pytestmark = pytest.mark.usefixtures("clock")

SEPTEMBER = date(2025, 9, 2)


def move(cast, pupils, day=TODAY):
    move_class(pupils=pupils, class_group=cast.other_class, day=day, by=cast.actor("manager"))


def in_class(group, day):
    return set(Pupil.objects.in_class(group.pk, day))


@pytest.mark.parametrize(
    ("year", "after", "name", "called"),
    [
        ("N1", "N2", "N1", "N2"),
        ("R", "1", "RA", "1A"),
        ("3", "4", "3A", "4A"),
        ("9", "10", "9X", "10X"),
        ("14", "14", "14", "14"),
        ("N2", "R", "Nursery Wren", "Reception Wren"),
        ("R", "1", "Reception Heron", "Year 1 Heron"),
        ("R", "1", "YR Oak", "Y1 Oak"),
        ("3", "4", "Year 3 Heron", "Year 4 Heron"),
        ("1", "2", "Y1 Room 12", "Y2 Room 12"),
    ],
)
def test_the_year_after(year, after, name, called):
    assert (next_year(year), next_class(name, year)) == (after, called)


@pytest.mark.parametrize(("name", "year"), [("Oak", "3"), ("Robin", "R"), ("HERON", "R"), ("Room 12", "1")])
def test_a_class_whose_name_has_no_year_keeps_it(name, year):
    assert next_class(name, year) == name


# Moves


def test_a_move_keeps_the_history(cast):
    pupil = cast.pupils[0]
    move(cast, [pupil])
    assert pupil in in_class(cast.own_class, TODAY - timedelta(1))
    assert pupil in in_class(cast.other_class, TODAY)
    assert AuditRow.objects.get(verb="move_class").data == {"before": "3A", "after": "4B", "day": "2025-03-11"}
    assert pupil.class_memberships.order_by("start").first().year_group == "3"


def test_a_move_on_the_first_day_replaces_the_class(cast):
    pupil = cast.pupils[0]
    move(cast, [pupil], day=date(2023, 9, 5))
    assert pupil.class_memberships.get().class_group == cast.other_class


def test_a_move_into_the_same_class_changes_nothing(cast):
    move(cast, cast.other_pupils)
    assert not AuditRow.objects.filter(verb="move_class").exists()


def test_one_pupil_who_cannot_move_refuses_all(cast):
    cast.pupils[1].registrations.update(leaving_date=TODAY - timedelta(1), leaving_ground="a")
    with pytest.raises(Refused, match="not on roll on 11 March 2025"):
        move(cast, cast.pupils)
    assert in_class(cast.other_class, TODAY) == set(cast.other_pupils)


def test_a_move_before_a_later_move_is_refused(cast):
    move(cast, [cast.pupils[0]], day=TODAY + timedelta(7))
    with pytest.raises(Refused, match="choose a later day"):
        move(cast, [cast.pupils[0]])


def test_a_class_has_a_name_of_its_own(cast):
    make_class(school=cast.school, name=" 5C ", by=cast.actor("head"))
    with pytest.raises(Refused, match="a class 5C already"):
        make_class(school=cast.school, name="5C", by=cast.actor("head"))


# The new school year


@pytest.fixture
def summer(cast, clock):
    """After the last day of the year, with the next year's calendar entered."""
    clock.move_to(date(2025, 7, 28))
    SchoolDay.objects.create(school=cast.school, day=SEPTEMBER, am=True, pm=True, half_term=1, academic_year=2025)


def promote(cast, **targets):
    names = {"own": "4A", "other": ""} | targets
    return promote_classes(
        school=cast.school,
        first_day=SEPTEMBER,
        targets={cast.own_class.pk: names["own"], cast.other_class.pk: names["other"]},
        by=cast.actor("head"),
    )


@pytest.mark.usefixtures("summer")
def test_the_new_year_moves_classes_up_and_keeps_last_years_lists(cast):
    assert promote(cast) == 7
    new = ClassGroup.objects.get(name="4A")
    assert in_class(new, SEPTEMBER) == set(cast.pupils)
    assert in_class(cast.own_class, SEPTEMBER - timedelta(1)) == set(cast.pupils)
    assert not in_class(cast.own_class, SEPTEMBER)
    assert not in_class(cast.other_class, SEPTEMBER)
    assert set(Pupil.objects.filter(pk__in=[p.pk for p in cast.pupils]).values_list("year_group", flat=True)) == {"4"}
    assert set(cast.own_class.memberships.values_list("year_group", flat=True)) == {"3"}
    assert AuditRow.objects.get(verb="promote_classes").data["classes"] == {"3A": "4A", "4B": ""}


@pytest.mark.usefixtures("summer")
def test_the_new_year_begins_once(cast):
    promote(cast)
    with pytest.raises(Refused, match="done already"):
        promote(cast)


def test_the_year_is_at_its_end_first(cast):
    with pytest.raises(Refused, match=r"7\d school days still to come"):
        promote(cast)


def test_the_new_years_calendar_is_there_first(cast, clock):
    clock.move_to(date(2025, 7, 28))
    with pytest.raises(Refused, match="Enter the new year's term dates first"):
        promote(cast)


@pytest.mark.usefixtures("summer")
def test_the_new_year_is_nothing_when_the_audit_fails(cast, monkeypatch):
    before = list(ClassMembership.objects.order_by("pk").values_list("pk", "end"))
    monkeypatch.setattr(audit, "record", lambda *args, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        promote(cast, own="3A")
    assert list(ClassMembership.objects.order_by("pk").values_list("pk", "end")) == before


# Teaching


def test_who_teaches_a_class_by_date(cast):
    office = cast.people["office"]
    teaching = set_teaching(class_group=cast.other_class, user=office, start=TODAY, by=cast.actor("head"))
    assert list(ClassGroup.objects.own_classes(office, TODAY)) == [cast.other_class]
    with pytest.raises(Refused, match="already"):
        set_teaching(class_group=cast.other_class, user=office, start=TODAY + timedelta(3), by=cast.actor("head"))
    with pytest.raises(Refused, match="before the first"):
        end_teaching(teaching=teaching, end=TODAY - timedelta(1), by=cast.actor("head"))
    end_teaching(teaching=teaching, end=TODAY, by=cast.actor("head"))
    assert not ClassGroup.objects.own_classes(office, TODAY + timedelta(1))
    assert AuditRow.objects.filter(verb__in=["set_teaching", "end_teaching"]).count() == 2


# Pages


def url(cast, name, *args):
    return reverse(f"registers:{name}", args=[cast.school.urn, *args])


def test_last_terms_list_is_last_terms(cast):
    move(cast, [cast.pupils[0]])
    address = url(cast, "see_class", cast.own_class.pk)
    client = cast.client("office")
    assert cast.pupils[0].get_absolute_url() not in client.get(address).text
    assert cast.pupils[0].get_absolute_url() in client.get(address + "?day=2025-03-10").text
    assert client.get(address + "?day=yesterday").status_code == 404


def test_a_teacher_sees_her_classes(cast):
    text = cast.client("teacher").get(url(cast, "see_classes")).text
    assert url(cast, "see_class", cast.own_class.pk) in text
    assert url(cast, "see_class", cast.other_class.pk) not in text


def test_pupils_are_moved_from_the_page_of_their_class(cast):
    address = url(cast, "move_class") + f"?class={cast.own_class.pk}"
    data = {"pupils": [cast.pupils[0].pk], "class_group": cast.other_class.pk, "day": "2025-03-12"}
    assert cast.client("manager").post(address, data).status_code == 302
    assert cast.pupils[0] in in_class(cast.other_class, date(2025, 3, 12))
    forged = data | {"pupils": [cast.strange_pupils[0].pk]}
    assert cast.client("manager").post(address, forged).status_code == 422


@pytest.mark.usefixtures("summer")
def test_the_new_year_is_offered_with_the_names_of_the_classes(cast):
    client = cast.client("head")
    shown = client.get(url(cast, "promote_classes"))
    form = shown.context["form"]
    assert form["first_day"].value() == SEPTEMBER
    assert form[f"class_{cast.own_class.pk}"].value() == "4A"
    data = {"first_day": "2025-09-02", f"class_{cast.own_class.pk}": "4A", f"class_{cast.other_class.pk}": ""}
    assert client.post(url(cast, "promote_classes"), data).status_code == 302
    assert in_class(ClassGroup.objects.get(name="4A"), SEPTEMBER) == set(cast.pupils)


def test_teaching_is_set_and_ended_by_page(cast):
    client = cast.client("head")
    data = {"user": cast.people["office"].pk, "start": "2025-03-11"}
    assert client.post(url(cast, "set_teaching", cast.other_class.pk), data).status_code == 302
    teaching = Teaching.objects.get(class_group=cast.other_class)
    assert client.post(url(cast, "end_teaching", teaching.pk), {"end": "2025-03-11"}).status_code == 302
    stranger = data | {"user": cast.stranger.pk}
    assert client.post(url(cast, "set_teaching", cast.other_class.pk), stranger).status_code == 422
