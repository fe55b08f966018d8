"""The writers of the ground: signing in and out, the people of a school, and the ways in they have."""

from attendance_mis.actions.beginning import begin_school
from attendance_mis.actions.feeds import end_feed, feed_of, make_feed
from attendance_mis.actions.interfaces import ask_token, open_token, revoke_token
from attendance_mis.actions.people import add_person, edit_person, end_membership, end_second_step, invite
from attendance_mis.actions.refusing import Refused
from attendance_mis.actions.signing_in import (
    ask_for_recovery,
    change_password,
    choose_password,
    disconnect_school_account,
    end_place,
    mail_recovery,
    note_sign_in,
    sign_in,
    sign_out,
    sign_out_everywhere,
)
from attendance_mis.actions.trust_leads import add_trust_lead, end_trust_lead
from attendance_mis.actions.webhooks import (
    add_webhook,
    end_webhook,
    note_changes,
    resume_webhook,
    send_webhooks,
    test_webhook,
)

__all__ = [
    "Refused",
    "add_person",
    "add_trust_lead",
    "add_webhook",
    "ask_for_recovery",
    "ask_token",
    "begin_school",
    "change_password",
    "choose_password",
    "disconnect_school_account",
    "edit_person",
    "end_feed",
    "end_membership",
    "end_place",
    "end_second_step",
    "end_trust_lead",
    "end_webhook",
    "feed_of",
    "invite",
    "mail_recovery",
    "make_feed",
    "note_changes",
    "note_sign_in",
    "open_token",
    "resume_webhook",
    "revoke_token",
    "send_webhooks",
    "sign_in",
    "sign_out",
    "sign_out_everywhere",
    "test_webhook",
]
