"""Who signs: the headteacher, or a deputy or assistant head whom she has authorised by a dated record (5.16)."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse

from attendance_mis.actions import Refused
from attendance_mis.models import AuditRow, Authorisation, Membership
from attendance_mis.permissions import Permission, can
from penalties.actions import decisions, notices, signing
from penalties.forms.signing import AuthoriseForm
from penalties.models import PenaltyNotice
from penalties.rules import Issuer
from penalties.signing import AuthoriseFacts, is_deputy, issuer_of, why_not_authorise
from registers.models import Contact
from tests.conftest import TODAY, Cast
from tests.factories import LONDON, ContactFactory
from tests.penalties.conftest import Absent
from tests.penalties.test_notices_of_a_school import HOME, draft, prepare, refusal

NEXT, LAST = TODAY + timedelta(days=1), TODAY + timedelta(days=30)


def facts(**values: Any) -> AuthoriseFacts:
    given = {
        "on": TODAY, "giver": 1, "giver_position": "Headteacher", "person": 2, "name": "Ada Deputy",
        "position": "Deputy headteacher", "starts": TODAY, "until": LAST, **values,
    }  # fmt: skip
    return AuthoriseFacts(**given)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        pytest.param({}, "", id="5.16 a deputy"),
        pytest.param({"position": "Assistant Head"}, "", id="5.16 an assistant head"),
        pytest.param({"position": "Assistant vice-principal"}, "", id="5.16 of an academy"),
        pytest.param({"until": None}, "", id="5.16 until withdrawn"),
        pytest.param({"position": "Attendance lead"}, "Only a deputy or assistant", id="5.16 nobody else"),
        pytest.param({"position": "Teaching assistant"}, "Only a deputy or assistant", id="5.16 no teaching assistant"),
        pytest.param({"person": 1}, "Nobody authorises herself", id="5.16 not herself"),
        pytest.param({"giver_position": "Deputy headteacher"}, "Only the headteacher", id="5.16 not by a deputy"),
        pytest.param({"starts": TODAY - timedelta(days=1)}, "today or later", id="5.16 not backwards"),
        pytest.param({"starts": LAST, "until": NEXT}, "last day is before", id="5.16 days in order"),
        pytest.param({"held": ((LAST, None),)}, "authorised from 10 April 2025 already", id="5.16 once"),
        pytest.param({"held": ((TODAY - timedelta(9), TODAY - timedelta(1)),)}, "", id="5.16 again afterwards"),
    ],
)
def test_5_16_whom_the_headteacher_may_authorise(values: dict[str, Any], said: str) -> None:
    reasons = " ".join(map(str, why_not_authorise(facts(**values))))
    assert said in reasons
    assert bool(reasons) is bool(said)


def test_5_16_the_position_says_in_what_capacity_somebody_signs() -> None:
    assert issuer_of("Deputy Head-teacher") is Issuer.DEPUTY
    assert issuer_of("Headteacher") is Issuer.HEADTEACHER
    assert not is_deputy("Teaching assistant")
    assert not is_deputy("Executive assistant to the headteacher")


def test_only_whom_the_head_may_authorise_is_offered(cast: Cast, deputy: Membership) -> None:
    """One rule for the list and for the refusal: no teaching assistant stands in it."""
    for role, position in (("office", "Teaching assistant"), ("teacher", "Assistant to the headteacher")):
        cast.people[role].memberships.update(position=position)
    assert list(AuthoriseForm(school=cast.school).fields["membership"].queryset) == [deputy]  # type: ignore[attr-defined]


@pytest.fixture
def deputy(cast: Cast) -> Membership:
    """The attendance lead, who is deputy headteacher."""
    membership = cast.people["lead"].memberships.get()
    membership.position = "Deputy headteacher"
    membership.save()
    return membership


@pytest.fixture
def given(cast: Cast, deputy: Membership, clock: Any) -> Authorisation:
    return signing.authorise(membership=deputy, starts=TODAY, until=LAST, by=cast.actor("head"))


@pytest.mark.usefixtures("clock")
def test_the_one_question_follows_the_record(cast: Cast, deputy: Membership, clock: time_machine.Traveller) -> None:
    lead = cast.people["lead"]

    def may() -> bool:
        return bool(can(lead, Permission.DECIDE_PENALTY, cast.school))

    assert not may()
    given = signing.authorise(membership=deputy, starts=NEXT, until=LAST, by=cast.actor("head"))
    assert not may()
    clock.move_to(datetime(2025, 3, 12, 9, tzinfo=LONDON))
    assert may()
    assert not can(lead, Permission.SIGN_STATEMENT, cast.school)
    assert not can(lead, Permission.DECIDE_PENALTY, cast.other_school)
    clock.move_to(datetime(2025, 4, 11, 9, tzinfo=LONDON))
    assert not may()
    clock.move_to(datetime(2025, 4, 10, 9, tzinfo=LONDON))
    signing.withdraw(authorisation=given, why="She has left the role.", by=cast.actor("head"))
    assert not may()
    said = refusal(lambda: signing.withdraw(authorisation=given, why="Again", by=cast.actor("head")))
    assert "withdrawn on 10 April 2025 already" in said


def test_a_deputy_signs_under_her_authorisation(
    cast: Cast, deputy: Membership, given: Authorisation, absent: Absent
) -> None:
    mother: Contact = ContactFactory(pupil=cast.pupils[0], **HOME)
    absent(mother.pupil, "O", 10)
    notice = draft(cast, mother)
    client, url = cast.client("lead"), reverse("penalties:issue_notice", args=[cast.school.urn, notice.pk])
    assert "You are" in client.get(url).content.decode()
    assert client.post(url, {"signature": cast.people["lead"].name}).status_code == 302
    notice = PenaltyNotice.objects.get()
    assert (notice.issuer, notice.issuer_position) == (Issuer.DEPUTY, "Deputy headteacher")
    assert notice.authorisation == given
    assert f"authorised by {cast.people['head'].name}, Headteacher, on 11 March 2025" in notice.contents["issuer"]
    with pytest.raises(IntegrityError, match="deputy_is_authorised"), transaction.atomic():
        PenaltyNotice.objects.update(authorisation=None)


def test_a_withdrawal_between_draft_and_signature(
    cast: Cast, deputy: Membership, given: Authorisation, absent: Absent
) -> None:
    mother: Contact = ContactFactory(pupil=cast.pupils[0], **HOME)
    absent(mother.pupil, "O", 10)
    notice = draft(cast, mother)
    signing.withdraw(authorisation=given, why="No longer.", by=cast.actor("head"))
    lead = cast.actor("lead")
    assert "has not been authorised by the headteacher. (5.16)" in refusal(
        lambda: notices.issue(notice=notice, signature=lead.name, by=lead)
    )
    url = reverse("penalties:issue_notice", args=[cast.school.urn, notice.pk])
    assert cast.client("lead").get(url).status_code == 403


@pytest.mark.usefixtures("clock")
def test_a_deputy_with_the_heads_role_needs_one_too(cast: Cast, absent: Absent) -> None:
    cast.people["head"].memberships.update(position="Deputy headteacher")
    mother: Contact = ContactFactory(pupil=cast.pupils[0], **HOME)
    absent(mother.pupil, "O", 10)
    decision = prepare(cast, mother)
    made = decisions.decide(decision=decision, outcome="penalty", reason="x", by=cast.actor("head"))
    assert made
    page = cast.client("head").get(made.get_absolute_url()).content.decode()
    assert "has not been authorised by the headteacher" in page


def test_where_nobody_can_be_authorised_nothing_is_asked(cast: Cast) -> None:
    page = cast.client("head").get(reverse("penalties:authorise_signer", args=[cast.school.urn])).content.decode()
    assert "Nobody can be authorised yet." in page
    assert "Whom?" not in page


@pytest.mark.usefixtures("clock")
def test_the_page_gives_and_withdraws(cast: Cast, deputy: Membership) -> None:
    head, url = cast.client("head"), reverse("penalties:authorise_signer", args=[cast.school.urn])
    refused = head.post(url, {"membership": deputy.pk, "starts": "2025-03-10"})
    assert (refused.status_code, "today or later" in refused.content.decode()) == (422, True)
    assert head.post(url, {"membership": deputy.pk, "starts": "2025-03-11"}).status_code == 302
    given = Authorisation.objects.get()
    page = cast.client("manager").get(reverse("penalties:see_signers", args=[cast.school.urn])).content.decode()
    assert "In force" in page
    assert "Withdraw" not in page
    head.post(reverse("penalties:withdraw_authorisation", args=[cast.school.urn, given.pk]), {"why": "She left."})
    given.refresh_from_db()
    assert given.withdrawn_on == date(2025, 3, 11)
    assert set(AuditRow.objects.filter(subject_id=given.pk).values_list("verb", flat=True)) >= {
        "authorise_signer", "withdraw_authorisation",
    }  # fmt: skip
    with pytest.raises(Refused):
        signing.withdraw(authorisation=given, why="", by=cast.actor("head"))
