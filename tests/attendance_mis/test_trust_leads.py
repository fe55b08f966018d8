"""A trust lead comes in and goes by a command of whoever runs the server."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from attendance_mis.models import AuditRow, Membership, User
from attendance_mis.permissions import Role
from attendance_mis.tenancy import acting_for
from tests import factories

pytestmark = pytest.mark.usefixtures("clock")
EMAIL, NEW = "ngozi@trust.example", "three quiet herons"


def add(trust, email=EMAIL, **options):
    out = StringIO()
    call_command("add_trust_lead", f"{trust}", email, "Ngozi Achebe", stdout=out, stderr=StringIO(), **options)
    return out.getvalue().strip()


def end(trust, email=EMAIL):
    call_command("end_trust_lead", f"{trust}", email, stdout=StringIO())


def test_she_comes_in_by_the_link_and_reads_the_trust(cast):
    trust = cast.school.trust
    link = add(trust, address="http://testserver/", position="Director of education")
    client = Client()
    answer = client.post(link, {"new_password1": NEW, "new_password2": NEW})
    assert answer.status_code == 302, answer.content
    again = cast.client_of(User.objects.get(email=EMAIL))
    assert again.get("/").url == f"/trust/{trust.pk}/"
    assert again.get(f"/trust/{trust.pk}/").status_code == 200
    assert again.get(f"/s/{cast.school.urn}/registers/").status_code == 403, "figures, and no child"
    assert client.get(link).status_code == 410, "the link is used"


def test_every_school_of_the_trust_has_it_in_its_trail(cast):
    add(cast.school.trust)
    end(cast.school.trust)
    for school in (cast.school, cast.other_school):
        with acting_for(school):
            found = AuditRow.objects.filter(verb__endswith="trust_lead").order_by("pk")
            assert [row.verb for row in found] == ["add_trust_lead", "end_trust_lead"]
            assert {row.by_name for row in found} == {"System"}


def test_who_works_at_a_school_signs_in_as_before(cast):
    head = cast.people[Role.HEAD]
    head.set_password(NEW)
    head.save()
    assert "signs in as before" in add(cast.school.trust, head.email.upper())
    assert Membership.objects.get(user=head, trust=cast.school.trust).position == "Trust lead"
    end(cast.school.trust, head.email)
    assert cast.client_of(User.objects.get(pk=head.pk)).get(f"/s/{cast.school.urn}/registers/").status_code == 200


def test_ending_it_ends_her_sessions_and_closes_her_account(cast):
    lead = cast.people[Role.TRUST_LEAD]
    client = cast.client_of(lead)
    assert client.get(f"/trust/{cast.school.trust_id}/").status_code == 200
    end(cast.school.trust, lead.email)
    assert client.get(f"/trust/{cast.school.trust_id}/").url.startswith("/sign-in/")
    assert not User.objects.get(pk=lead.pk).is_active
    add(cast.school.trust, lead.email)
    assert User.objects.get(pk=lead.pk).is_active, "who comes back has her account again"


@pytest.mark.parametrize(
    ("trust", "email", "reason"),
    [
        ("No Such Trust", EMAIL, "No school belongs to a trust named No Such Trust"),
        ("", "no address", "valid email"),
    ],
)
def test_what_is_refused_is_said_and_nothing_is_written(cast, trust, email, reason):
    before = Membership.objects.count()
    with pytest.raises(CommandError, match=reason):
        add(trust or cast.school.trust, email)
    assert (Membership.objects.count(), User.objects.filter(email=EMAIL).exists()) == (before, False)


def test_a_trust_is_led_once_by_one_person_and_ended_once(cast):
    add(cast.school.trust)
    with pytest.raises(CommandError, match="already"):
        add(cast.school.trust)
    end(cast.school.trust)
    with pytest.raises(CommandError, match="Nobody with the address"):
        end(cast.school.trust)


def test_a_trust_without_a_school_has_no_lead(cast):
    trust = factories.TrustFactory(name="Empty Trust")
    with pytest.raises(CommandError, match="There is: "):
        add(trust)
