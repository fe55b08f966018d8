"""Marks made after the close and delivered to the office: it accepts by an amendment, or declines with a reason."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from attendance_mis import seals
from attendance_mis.models import AuditRow
from registers import record
from registers.codes import by_number, code_for
from registers.models import Amendment, Mark, Proposal
from tests.conftest import REGISTER_TIME, TODAY
from tests.factories import ProposalFactory
from tests.registers.conftest import send

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def proposal(cast, mark, clock):
    """A pupil marked N in a register that was sent; her teacher says at 09:35 that she came at 09:12."""
    mark(cast.pupils[0], letter="N")
    send(cast, cast.own_class)
    clock.move_to(REGISTER_TIME + timedelta(hours=1))
    return ProposalFactory(
        pupil=cast.pupils[0],
        made_by=cast.people["teacher"],
        code=code_for("U", TODAY).number,
        note="The bus broke down",
    )


def decide(cast, proposal, decision, *, role="office", version=None, reason=""):
    version = Mark.objects.get().entry_id if version is None else version
    return cast.client(role).post(
        reverse("registers:decide_proposal", args=[cast.school.urn, proposal.pk]),
        {"decision": decision, "version": version, "reason": reason},
    )


def page(cast):
    return reverse("registers:see_proposals", args=[cast.school.urn])


def test_the_page_shows_who_wanted_what_and_when(cast, proposal):
    text = cast.client("office").get(page(cast)).content.decode()
    for shown in (cast.pupils[0].name, cast.people["teacher"].name, "09:35", "The bus broke down", "Late after close"):
        assert shown in text


def test_accepting_amends_and_names_the_teacher(cast, proposal):
    assert decide(cast, proposal, "accept").status_code == 302
    amendment = Amendment.objects.get()
    assert by_number(Mark.objects.get().code).letter == "U"
    assert amendment.by_name == cast.people["office"].name
    assert amendment.reason == (
        f"Marked by {cast.people['teacher'].name}, Class teacher at 09:35 on 11 March 2025, accepted by the office."
    )
    proposal.refresh_from_db()
    assert (proposal.is_accepted, proposal.decided_by) == (True, cast.people["office"])
    seals.seal(cast.school)
    assert record.verify(cast.school).is_whole


def test_declining_leaves_the_mark_and_keeps_the_reason(cast, proposal):
    assert decide(cast, proposal, "decline", reason="Seen at the gate at 09:30").status_code == 302
    proposal.refresh_from_db()
    assert (proposal.is_accepted, proposal.decision_reason) == (False, "Seen at the gate at 09:30")
    assert by_number(Mark.objects.get().code).letter == "N"
    assert not Amendment.objects.exists()
    assert "Seen at the gate" in AuditRow.objects.get(verb="decline_proposal").summary


def test_declining_without_a_reason_is_refused(cast, proposal):
    answer = decide(cast, proposal, "decline")
    assert answer.status_code == 422
    assert "Say why the mark stays as it is" in answer.content.decode()
    assert Proposal.objects.get().decided_at is None


def test_a_mark_that_moved_on_is_not_overwritten(cast, proposal, mark):
    version = Mark.objects.get().entry_id
    mark(cast.pupils[0], letter="L", version=version)
    answer = decide(cast, proposal, "accept", version=version)
    assert answer.status_code == 422
    assert "changed by somebody else" in answer.content.decode()
    assert Proposal.objects.get().decided_at is None


def test_it_is_decided_once(cast, proposal):
    decide(cast, proposal, "decline", reason="No")
    answer = decide(cast, proposal, "accept", role="head")
    assert answer.status_code == 422
    assert "decided this already" in answer.content.decode()


def test_what_the_rules_forbid_cannot_be_accepted(cast, proposal):
    Proposal.objects.update(code=code_for("C", TODAY).number)
    assert "for the headteacher to decide" in cast.client("office").get(page(cast)).content.decode()
    assert decide(cast, proposal, "accept").status_code == 422
    assert decide(cast, proposal, "accept", role="head").status_code == 302


@pytest.mark.parametrize("decision", ["", "perhaps"])
def test_anything_else_is_no_decision(cast, proposal, decision):
    assert decide(cast, proposal, decision).status_code == 422


def test_the_list_costs_the_same_queries_for_three_and_for_thirty(cast, mark):
    client = cast.client("office")

    def queries():
        with CaptureQueriesContext(connection) as context:
            client.get(page(cast))
        return len(context)

    ProposalFactory.create_batch(3, pupil=cast.pupils[0], made_by=cast.people["teacher"])
    few = queries()
    for pupil in cast.pupils:
        ProposalFactory.create_batch(6, pupil=pupil, made_by=cast.people["teacher"])
    assert queries() == few
