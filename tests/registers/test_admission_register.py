"""Admit, edit, remove, keep, readmit, contacts: each works or refuses, written with its audit row or not at all."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from attendance_mis import audit
from attendance_mis.actions import Refused
from attendance_mis.models import AuditRow
from registers.actions.contacts import add_contact, edit_contact, order_contacts, remove_contact
from registers.actions.pupils import (
    admit_pupil,
    cancel_admission,
    change_starting_day,
    edit_pupil,
    free_upn,
    keep_on_roll,
    readmit_pupil,
    remove_from_roll,
    remove_leavers,
)
from registers.calendar_rules import Session
from registers.codes import code_for
from registers.models import Mark, Pupil, SchoolDay
from registers.roll import GROUNDS, cautions
from registers.upn import make_upn
from tests.conftest import TODAY

pytestmark = pytest.mark.usefixtures("clock")

CHILD = {
    "upn": make_upn(201, 9999, 24, 7),
    "legal_surname": "Adeyemi",
    "legal_forename": "Tola",
    "date_of_birth": date(2016, 9, 1),
    "sex": "F",
    "year_group": "3",
}


def admit(cast, **kwargs):
    values = CHILD | kwargs.pop("values", {})
    return admit_pupil(school=cast.school, by=cast.actor("manager"), admission_date=TODAY, values=values, **kwargs)


def remove(cast, pupil, ground="a", day=TODAY, destination="Elm Road", confirmed=None):
    keys = {each.key for each in cautions(GROUNDS[ground])} if confirmed is None else confirmed
    return remove_from_roll(
        pupil=pupil,
        ground=ground,
        leaving_date=day,
        destination=destination,
        confirmed=keys,
        by=cast.actor("head"),
    )


def edit(cast, **changes):
    return edit_pupil(pupil=cast.pupils[0], changes=changes, by=cast.actor("head"))


def mark_all(pupil, letter, days):
    day_list = SchoolDay.objects.filter(day__lt=TODAY).order_by("-day")[:days]
    Mark.objects.bulk_create(
        Mark(school=pupil.school, pupil=pupil, day=d.day, session=s, code=code_for(letter, d.day).number, entry_id=1)
        for d in day_list
        for s in Session
    )


# Admitting


def test_a_child_is_admitted_with_spell_class_contact_and_ages(cast):
    pupil = admit(cast, class_group=cast.own_class, last_school="Elm Road", contact={"surname": "Adeyemi"})
    assert (pupil.compulsory_from, pupil.compulsory_until) == (date(2021, 12, 31), date(2033, 6, 24))
    assert (pupil.registrations.get().admission_date, pupil.registrations.get().last_school) == (TODAY, "Elm Road")
    assert pupil in Pupil.objects.in_class(cast.own_class.pk, TODAY)
    assert pupil.contacts.get().priority == 1
    row = AuditRow.objects.get(verb="admit_pupil")
    assert (row.pupil_id, row.data["after"]["date_of_birth"]) == (pupil.pk, "2016-09-01")


def test_the_school_gives_a_number_of_its_own(cast):
    first, second = admit(cast, values={"upn": ""}), admit(cast, values={"upn": ""})
    assert first.upn[1:] == f"{cast.school.laestab}25001"
    assert second.upn[1:] == f"{cast.school.laestab}25002"


def test_no_number_is_made_when_the_years_are_used_up(cast):
    la, estab = int(cast.school.laestab[:3]), int(cast.school.laestab[3:])
    admit(cast, values={"upn": make_upn(la, estab, 25, 999)})
    with pytest.raises(Refused, match="local authority"):
        free_upn(cast.school)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"upn": "B" + CHILD["upn"][1:]}, "check letter is wrong, expected"),
        ({"upn": "X1"}, "13 characters"),
        ({"date_of_birth": date(2001, 9, 1)}, "Check the date of birth"),
        ({"date_of_birth": date(2026, 9, 1)}, "Check the date of birth"),
    ],
)
def test_an_admission_that_is_refused_writes_nothing(cast, values, reason):
    before = Pupil.objects.count()
    with pytest.raises(Refused, match=reason):
        admit(cast, values=values)
    assert Pupil.objects.count() == before


def test_a_number_is_once_in_a_school_and_may_be_at_another(cast):
    admit(cast)
    with pytest.raises(Refused, match="already"):
        admit(cast)
    pupil = admit(cast, values={"upn": cast.strange_pupils[0].upn})
    assert pupil.school == cast.school


# Editing


def test_an_edit_keeps_before_and_after_and_computes_the_ages_anew(cast):
    pupil = cast.pupils[0]
    edit(cast, date_of_birth=(pupil.date_of_birth, date(2017, 9, 2)), fsm=(None, True))
    pupil.refresh_from_db()
    assert (pupil.compulsory_from, pupil.fsm) == (date(2022, 12, 31), True)
    row = AuditRow.objects.get(verb="edit_pupil")
    assert row.data["before"]["fsm"] is None
    assert row.data["after"]["fsm"] is True
    assert row.summary == "Changed date of birth, free school meals."


def test_two_people_may_change_different_fields_but_never_wipe_each_other(cast):
    edit(cast, fsm=(None, True))
    edit(cast, eal=(None, False))
    with pytest.raises(Refused, match="The free school meals was changed meanwhile, to “yes”"):
        edit(cast, fsm=(None, False), ethnicity=("", "WBRI"))
    pupil = Pupil.objects.get(pk=cast.pupils[0].pk)
    assert (pupil.fsm, pupil.eal, pupil.ethnicity) == (True, False, "")


def test_a_wrong_number_is_refused(cast):
    with pytest.raises(Refused, match="13 characters"):
        edit(cast, upn=(cast.pupils[0].upn, "B1"))


# Removing, keeping, readmitting


def test_a_removal_ends_spell_and_class(cast):
    pupil = cast.pupils[0]
    remove(cast, pupil, day=TODAY + timedelta(3))
    spell = pupil.registrations.get()
    assert (spell.leaving_date, spell.leaving_ground, spell.destination) == (TODAY + timedelta(3), "a", "Elm Road")
    assert pupil in Pupil.objects.in_class(cast.own_class.pk, TODAY + timedelta(3))
    assert pupil not in Pupil.objects.in_class(cast.own_class.pk, TODAY + timedelta(4))
    assert AuditRow.objects.get(verb="remove_from_roll").data["confirmed"] == ["authority", "confirmed", "told"]


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ({"day": TODAY - timedelta(1)}, "retrospectively"),
        ({"destination": ""}, "Write down"),
        ({"confirmed": {"confirmed"}}, "social worker"),
        ({"ground": "i"}, "the register shows 0"),
    ],
)
def test_a_removal_that_is_refused_writes_nothing(cast, how, reason):
    with pytest.raises(Refused, match=reason):
        remove(cast, cast.pupils[0], **how)
    assert cast.pupils[0].registrations.get().leaving_date is None


def test_ground_i_reads_the_register(cast):
    mark_all(cast.pupils[0], "O", 20)
    remove(cast, cast.pupils[0], ground="i")
    assert AuditRow.objects.get(verb="remove_from_roll").data["days_without_trace"] == 20


def test_a_child_is_removed_once(cast):
    remove(cast, cast.pupils[0])
    with pytest.raises(Refused, match="not on the roll"):
        remove(cast, cast.pupils[0])


def test_a_removal_to_come_can_be_taken_back(cast):
    pupil = cast.pupils[0]
    remove(cast, pupil, day=TODAY + timedelta(3))
    keep_on_roll(pupil=pupil, by=cast.actor("head"))
    assert pupil.registrations.get().leaving_date is None
    assert pupil in Pupil.objects.in_class(cast.own_class.pk, TODAY + timedelta(30))


def test_a_removal_that_has_passed_is_not_taken_back(cast, clock):
    remove(cast, cast.pupils[0])
    clock.shift(timedelta(1))
    with pytest.raises(Refused, match="readmit"):
        keep_on_roll(pupil=cast.pupils[0], by=cast.actor("head"))


def readmit(cast, pupil, day):
    return readmit_pupil(
        pupil=pupil, admission_date=day, year_group="4", class_group=cast.other_class, by=cast.actor("head")
    )


def test_a_readmission_is_a_new_spell(cast):
    pupil = cast.pupils[0]
    remove(cast, pupil)
    readmit(cast, pupil, TODAY + timedelta(7))
    assert pupil.registrations.count() == 2
    pupil.refresh_from_db()
    assert pupil.year_group == "4"
    assert pupil in Pupil.objects.in_class(cast.other_class.pk, TODAY + timedelta(7))
    assert pupil not in Pupil.objects.on_roll(TODAY + timedelta(3))


def test_a_readmission_of_one_on_roll_or_before_the_last_day_is_refused(cast):
    with pytest.raises(Refused, match="on the roll already"):
        readmit(cast, cast.pupils[0], TODAY)
    remove(cast, cast.pupils[0], day=TODAY + timedelta(2))
    with pytest.raises(Refused, match="must be after the last day"):
        readmit(cast, cast.pupils[0], TODAY + timedelta(2))


# Contacts


@pytest.fixture
def contacts(cast):
    add = lambda name: add_contact(  # noqa: E731
        pupil=cast.pupils[0], values={"surname": name, "mobile": "07700 900001"}, by=cast.actor("office")
    )
    return [add(name) for name in ("Ahmed", "Begum", "Silva")]


def names(cast):
    return [contact.surname for contact in cast.pupils[0].contacts.all()]


def test_contacts_stand_in_the_order_they_are_called(cast, contacts):
    assert [contact.priority for contact in contacts] == [1, 2, 3]
    order = [contacts[n].pk for n in (2, 0, 1)]
    order_contacts(pupil=cast.pupils[0], contact_ids=order, by=cast.actor("office"))
    assert names(cast) == ["Silva", "Ahmed", "Begum"]
    with pytest.raises(Refused, match="changed meanwhile"):
        order_contacts(pupil=cast.pupils[0], contact_ids=order[:2], by=cast.actor("office"))


def test_a_removed_contact_closes_the_gap_and_stays_in_the_audit(cast, contacts):
    remove_contact(contact=contacts[0], by=cast.actor("office"))
    assert [contact.priority for contact in cast.pupils[0].contacts.all()] == [1, 2]
    assert AuditRow.objects.get(verb="remove_contact").data["before"]["mobile"] == "07700 900001"


def test_an_edited_contact_keeps_before_and_after(cast, contacts):
    edit_contact(contact=contacts[0], changes={"mobile": ("07700 900001", "07700 900002")}, by=cast.actor("office"))
    row = AuditRow.objects.get(verb="edit_contact")
    assert (row.data, row.pupil_id) == (
        {"before": {"mobile": "07700 900001"}, "after": {"mobile": "07700 900002"}},
        cast.pupils[0].pk,
    )
    with pytest.raises(Refused, match="meanwhile"):
        edit_contact(contact=contacts[0], changes={"mobile": ("07700 900001", "x")}, by=cast.actor("office"))


@pytest.mark.parametrize(
    "act",
    [
        lambda cast: admit(cast),
        lambda cast: edit(cast, fsm=(None, True)),
        lambda cast: remove(cast, cast.pupils[0]),
        lambda cast: add_contact(pupil=cast.pupils[0], values={"surname": "Ali"}, by=cast.actor("office")),
    ],
)
def test_nothing_is_written_when_the_audit_fails(cast, monkeypatch, act):
    def state():
        rows = Pupil.objects.order_by("pk").values_list("pk", "fsm", "registrations__leaving_date", "contacts__surname")
        return list(rows)

    before = state()
    monkeypatch.setattr(audit, "record", lambda *args, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        act(cast)
    assert state() == before


# The starting day


def start(cast, pupil, day):
    return change_starting_day(pupil=pupil, admission_date=day, last_school="Elm Road", by=cast.actor("manager"))


def test_the_starting_day_is_put_right_with_the_class_that_began_with_it(cast):
    pupil = admit(cast, class_group=cast.own_class)
    start(cast, pupil, TODAY - timedelta(1))
    assert pupil.registrations.get().admission_date == TODAY - timedelta(1)
    assert pupil in Pupil.objects.in_class(cast.own_class.pk, TODAY - timedelta(1))
    assert AuditRow.objects.get(verb="change_starting_day").data["before"]["admission_date"] == "2025-03-11"


def test_no_mark_is_left_before_the_starting_day(cast):
    mark_all(cast.pupils[0], "N", 3)
    with pytest.raises(Refused, match="6 marks before 11 March 2025"):
        start(cast, cast.pupils[0], TODAY)


def test_spells_do_not_overlap(cast):
    pupil = cast.pupils[0]
    remove(cast, pupil, day=TODAY + timedelta(2))
    with pytest.raises(Refused, match="after the last day on roll"):
        start(cast, pupil, TODAY + timedelta(3))
    readmit(cast, pupil, TODAY + timedelta(7))
    with pytest.raises(Refused, match="earlier spell"):
        start(cast, pupil, TODAY + timedelta(1))


def test_a_child_who_never_starts_is_forgotten(cast):
    pupil = admit_pupil(
        school=cast.school,
        by=cast.actor("manager"),
        admission_date=TODAY + timedelta(7),
        values=CHILD,
        class_group=cast.own_class,
        contact={"surname": "Adeyemi"},
    )
    cancel_admission(pupil=pupil, by=cast.actor("manager"))
    assert not Pupil.objects.filter(upn=CHILD["upn"]).exists()
    assert AuditRow.objects.get(verb="cancel_admission").data["upn"] == CHILD["upn"]


def test_a_child_on_the_register_is_not_forgotten(cast):
    with pytest.raises(Refused, match="The starting day has come"):
        cancel_admission(pupil=admit(cast), by=cast.actor("manager"))
    remove(cast, cast.pupils[0])
    readmit(cast, cast.pupils[0], TODAY + timedelta(7))
    with pytest.raises(Refused, match="was at this school before"):
        cancel_admission(pupil=cast.pupils[0], by=cast.actor("manager"))


def test_the_starting_day_has_a_page(cast):
    pupil = admit(cast)
    client = cast.client("manager")
    address = reverse("registers:change_starting_day", args=[cast.school.urn, pupil.pk])
    assert "Cancel the admission" not in client.get(address).text
    assert client.post(address, {"admission_date": "2025-03-20", "last_school": ""}).url == pupil.get_absolute_url()
    assert "Cancel the admission" in client.get(address).text
    assert client.post(address, {"admission_date": "soon"}).status_code == 422
    client.post(address, {"cancel": "1"})
    assert not Pupil.objects.filter(pk=pupil.pk).exists()


# Leavers


def test_leavers_come_off_together_or_not_at_all(cast):
    keys = {each.key for each in cautions(GROUNDS["a"])}
    first, second = cast.pupils[:2]
    remove(cast, second)
    with pytest.raises(Refused, match=f"{second}: The pupil is not on the roll"):
        remove_leavers(
            destinations={first: "Elm High", second: "Oak High"},
            leaving_date=TODAY,
            confirmed=keys,
            by=cast.actor("head"),
        )
    assert first.registrations.get().leaving_date is None
    assert remove_leavers(destinations={first: "Elm High"}, leaving_date=TODAY, confirmed=keys, by=cast.actor("head"))
    assert first.registrations.get().destination == "Elm High"


def test_leavers_have_a_page_of_their_class(cast):
    client, keys = cast.client("head"), [each.key for each in cautions(GROUNDS["a"])]
    address = reverse("registers:remove_leavers", args=[cast.school.urn, cast.own_class.pk])
    data = {"leaving_date": "2025-07-22", "confirmed": keys}
    nobody = client.post(address, data)
    assert (nobody.status_code, "at least one child" in nobody.text) == (422, True)
    named = data | {f"pupil_{pupil.pk}": "Elm High" for pupil in cast.pupils[:3]}
    assert client.post(address, named | {"leaving_date": "2025-03-01"}).status_code == 422
    assert client.post(address, named).status_code == 302
    leavers = Pupil.objects.filter(registrations__leaving_date=date(2025, 7, 22))
    assert set(leavers) == set(cast.pupils[:3])
