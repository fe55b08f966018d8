"""People and roles: the technician adds, changes and ends them; each refusal; what ends at once everywhere."""

import pytest
from django.urls import reverse

from attendance_mis import actions, audit
from attendance_mis.actions import Refused, add_person, edit_person, end_membership
from attendance_mis.models import AuditRow, Membership, User
from attendance_mis.permissions import Role
from tests import factories

pytestmark = pytest.mark.usefixtures("clock")

NEW = {"name": "Leila Haddad", "email": "Leila@School.example", "role": Role.OFFICE, "position": "Administrator"}


def add(cast, **kwargs):
    return add_person(school=cast.school, by=cast.actor("technician"), **(NEW | kwargs))


def of(cast, role):
    return Membership.objects.get(user=cast.people[role])


def url(cast, name, *args):
    return reverse(name, args=[cast.school.urn, *args])


def test_a_new_person_has_no_way_in_before_she_is_invited(cast):
    membership = add(cast)
    assert not membership.user.has_usable_password()
    assert membership.position == "Administrator"
    assert AuditRow.objects.get(verb="add_person").subject_id == membership.pk


def test_a_person_of_another_school_keeps_name_and_password(cast):
    before = User.objects.get(pk=cast.stranger.pk).password
    membership = add(cast, email=cast.stranger.email, name="Somebody Else")
    assert membership.user.name == cast.stranger.name
    assert membership.user.password == before


@pytest.mark.parametrize(("role", "reason"), [(Role.OFFICE, "already"), (Role.TRUST_LEAD, "belongs to the trust")])
def test_a_role_is_held_once_and_a_trust_lead_is_none_of_a_school(cast, role, reason):
    add(cast)
    with pytest.raises(Refused, match=reason):
        add(cast, role=role)


def test_a_changed_role_holds_from_the_next_request(cast):
    client = cast.client("office")
    assert client.get(url(cast, "registers:admit_pupil")).status_code == 403
    edit_person(membership=of(cast, "office"), role=Role.MANAGER, position="Manager", by=cast.actor("technician"))
    assert client.get(url(cast, "registers:admit_pupil")).status_code == 200
    assert AuditRow.objects.get(verb="edit_person").data["before"] == {"role": "office", "position": "Office staff"}


def test_ending_a_role_ends_every_session_at_once(cast):
    school, other = cast.client("office"), cast.client("office")
    end_membership(membership=of(cast, "office"), by=cast.actor("technician"))
    for client in (school, other):
        assert client.get(url(cast, "registers:see_pupils")).url.startswith("/sign-in/")
    signed_in_again = cast.client_of(User.objects.get(pk=cast.people["office"].pk))
    assert signed_in_again.get(url(cast, "registers:see_pupils")).status_code == 302, "her account is closed"


def test_who_still_works_elsewhere_keeps_her_account(cast):
    factories.MembershipFactory(user=cast.people["office"], school=cast.other_school)
    end_membership(
        membership=Membership.objects.get(user=cast.people["office"], school=cast.school), by=cast.actor("technician")
    )
    again = cast.client_of(User.objects.get(pk=cast.people["office"].pk))
    assert again.get(url(cast, "registers:see_pupils")).status_code == 404
    assert again.get(f"/s/{cast.other_school.urn}/registers/pupils/").status_code == 200


def test_who_comes_back_has_her_account_again(cast):
    end_membership(membership=of(cast, "office"), by=cast.actor("technician"))
    add(cast, email=cast.people["office"].email)
    assert cast.client_of(User.objects.get(pk=cast.people["office"].pk)).get("/account/").status_code == 200


@pytest.mark.parametrize("act", ["end_membership", "invite", "edit_person", "end_second_step"])
def test_what_has_ended_stays_ended(cast, act):
    membership = of(cast, "office")
    end_membership(membership=membership, by=cast.actor("technician"))
    more = {"edit_person": {"role": Role.HEAD, "position": "Head"}, "invite": {"address": str}}
    with pytest.raises(Refused, match="ended already"):
        getattr(actions, act)(membership=membership, by=cast.actor("technician"), **more.get(act, {}))


def test_nobody_ends_her_own_role_nor_the_last_technicians(cast):
    membership = of(cast, "technician")
    with pytest.raises(Refused, match="your own"):
        end_membership(membership=membership, by=cast.actor("technician"))
    with pytest.raises(Refused, match="only technician"):
        end_membership(membership=membership, by=cast.actor("head"))
    with pytest.raises(Refused, match="only technician"):
        edit_person(membership=membership, role=Role.OFFICE, position="Office", by=cast.actor("technician"))
    add(cast, role=Role.TECHNICIAN)
    end_membership(membership=membership, by=cast.actor("head"))


def test_nobody_is_added_when_the_audit_fails(cast, monkeypatch):
    monkeypatch.setattr(audit, "record", lambda *args, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        add(cast)
    assert not User.objects.filter(email="leila@school.example").exists()


# Pages


def test_a_refused_person_keeps_what_was_typed(cast):
    answer = cast.client("technician").post(url(cast, "add_person"), NEW | {"email": "no address"})
    assert answer.status_code == 422
    assert 'value="Leila Haddad"' in answer.text


def test_ending_by_page_says_why_not(cast):
    client, membership = cast.client("technician"), of(cast, "technician")
    answer = client.post(url(cast, "end_membership", membership.pk), follow=True)
    assert "You cannot end your own role" in answer.text
    office = of(cast, "office")
    answer = client.post(url(cast, "end_membership", office.pk), follow=True)
    assert "signed out everywhere" in answer.text
    assert "1 ended" in answer.text


def test_an_edited_role_is_saved_by_page(cast):
    data = {"role": Role.LEAD, "position": "Deputy head"}
    cast.client("technician").post(url(cast, "edit_person", of(cast, "office").pk), data)
    assert of(cast, "office").role == Role.LEAD
