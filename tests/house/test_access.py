"""The access table: every url, every role, the other school and nobody. A url that is not in it fails.

`ACCESS` says who gets in, in the letters of roles.md: T class teacher, O office, M attendance manager, L attendance
lead, H headteacher, D safeguarding lead, G governor, K technician, R trust lead. `t` is a class teacher for her own
classes only. After the letters may stand the status of a plain GET of somebody who gets in, when it is not 200.
docs/tests.md says how to add a line.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from io import BytesIO
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from pypdf import PdfWriter

from attendance_mis import links
from attendance_mis.actions import add_webhook, make_feed, open_token
from attendance_mis.actors import Actor
from attendance_mis.beginning import make_token
from attendance_mis.models import Authorisation, Disposal, School, Token, User, Webhook
from attendance_mis.permissions import Permission, Role
from attendance_mis.tenancy import SchoolOwned, acting_for
from casework.actions import cases, deciding, plans, policy
from casework.actions.leave import Application, ask_leave
from casework.leave_rules import Span
from casework.models import Agency, AuthorityReturn, Case, LeaveRequest, Meeting, PolicyDraft, WeeklyItem, WeeklyMeeting
from letters.actions import queue_letter
from letters.actions.approving import approve_letters
from letters.actions.printing import make_print_run
from letters.actions.templates import note_sensitivity
from letters.models import Copy, Letter, StoredPdf
from penalties.models import Decision, Evidence, ImprovementNotice, Order, Pack, PackItem, PenaltyNotice
from registers.actions import certificates
from registers.calendar_rules import Session
from registers.codes import code_for
from registers.models import CalendarEntry, ClassGroup, Cover, ImportRun, Proposal, Pupil
from reports.actions import governor
from reports.models import MadeReport
from tests import papers
from tests.conftest import REGISTER_TIME, TODAY, Cast
from tests.factories import ContactFactory, CrossingFactory, PlannedAbsenceFactory, ProposalFactory, TokenFactory

ROLES = dict(zip("TOMLHDGKR", Role, strict=True))

ACCESS: dict[str, str] = {
    "letters:see_proposals": "M L H",
    "letters:decide_letters": "M L H 405",
    "letters:propose_letters": "M L H",
    "letters:write_letter": "M L H",
    "letters:see_correspondence": "M L H D",
    "letters:export_correspondence": "M L H D",
    "letters:note_sensitivity": "M L H",
    "letters:end_sensitivity": "M L H 405",
    "letters:see_letters": "M L H D",
    "letters:see_letter": "M L H D",
    "letters:give_values": "M L H",
    "letters:join_siblings": "M L H",
    "letters:correct_letter": "M L H 405",
    "letters:copy_pdf": "M L H D",
    "letters:note_returned": "M L H",
    "letters:try_again": "M L H",
    "letters:cancel_copy": "M L H 405",
    "letters:see_print_runs": "M L H",
    "letters:see_print_run": "M L H",
    "letters:print_run_pdf": "M L H",
    "letters:see_templates": "M L H",
    "letters:change_letterhead": "L H",
    "letters:edit_template": "M L H",
    "letters:preview_template": "M L H 405",
    "letters:change_sending": "L H",
    "letters:see_versions": "M L H",
    "letters:see_schedule": "M L H",
    "letters:change_schedule": "M L H 302",
    "front": "signed in 200/302",
    "healthz": "anyone",
    "metrics": "anyone 404",
    "sign_in": "anyone",
    "sign_out": "signed in 405",
    "sign_out_everywhere": "signed in 405",
    "account": "signed in",
    "begin_school": "anyone",
    "still_here": "signed in",
    "end_place": "signed in 405",
    "disconnect_account": "signed in 405",
    "recover": "anyone",
    "invitation": "anyone",
    "recovery": "anyone 410",
    "read_feed": "anyone",
    "account_login": "anyone",
    "mfa_authenticate": "anyone 302",
    "mfa_login_webauthn": "anyone 302",
    "openid_connect_login": "anyone 404",
    "openid_connect_callback": "anyone 404",
    "account_reauthenticate": "signed in 302",
    "mfa_reauthenticate": "signed in 302",
    "mfa_reauthenticate_webauthn": "signed in 302",
    "mfa_index": "signed in",
    "mfa_list_webauthn": "signed in",
    "mfa_activate_totp": "signed in 302",
    "mfa_deactivate_totp": "signed in 404",
    "mfa_add_webauthn": "signed in 302",
    "mfa_remove_webauthn": "signed in 302",
    "mfa_view_recovery_codes": "signed in 404",
    "mfa_generate_recovery_codes": "signed in 302",
    "mfa_download_recovery_codes": "signed in 404",
    "home": "T O M L H D G K R 200/302",
    "registers:amend_mark": "O M L H",
    "registers:see_registers": "T O M L H D 200/302",
    "registers:see_registers_of": "T O M L H D",
    "registers:worker": "T O M L H D",
    "registers:take_register": "t O M L H D",
    "registers:save_marks": "t O M L H D 405",
    "registers:changes": "t O M L H D",
    "registers:send_register": "t O M L H D 405",
    "registers:keep_standing": "t O M L H D 405",
    "registers:cover_class": "T O M L H D 405",
    "registers:amend_marks": "O M L H",
    "registers:see_missing": "T O M L H D",
    "registers:see_proposals": "O M L H",
    "registers:decide_proposal": "O M L H 405",
    "registers:turn_n_into_o": "O M L H",
    "registers:assign_cover": "O M L H",
    "registers:end_cover": "O M L H 405",
    "registers:paper_register": "t O M L H D",
    "registers:paper_register_pdf": "t O M L H D",
    "registers:paper_registers_pdf": "O M L H D",
    "registers:rekey_register": "O M L H",
    "registers:see_entries": "t O M L H D",
    "registers:remind": "O M L H 405",
    "registers:late_desk": "O M L H",
    "registers:see_signed_out": "O M L H",
    "registers:see_slip": "O M L H",
    "registers:tablet": "O M L H",
    "registers:start_tablet": "O M L H 405",
    "registers:record_arrival": "O M L H",
    "registers:sign_pupil_out": "O M L H",
    "registers:sign_pupil_back": "O M L H 405",
    "registers:see_evacuation": "T O M L H D",
    "registers:search": "T O M L H D",
    "registers:set_demo_clock": "T O M L H D G K R 405",
    "registers:reset_demo_clock": "T O M L H D G K R 405",
    "registers:verify_record": "L H K",
    "registers:see_keeping": "H D",
    "registers:see_disposal": "H D",
    "registers:change_retention": "H D",
    "registers:approve_disposal": "H D 405",
    "registers:withdraw_approval": "H D 405",
    "registers:check_certificate": "L H K",
    "reports:see_checks": "O M L H",
    "reports:see_reports": "T M L H D",
    "reports:see_made": "T M L H D",
    "reports:made_report": "t M L H D",
    "reports:switch_report": "M L H 405",
    "reports:class_list": "t M L H D",
    "reports:parent_reports": "t M L H D",
    "reports:parent_report": "t M L H D",
    "reports:newsletter": "M L H D",
    "reports:see_awards": "M L H D",
    "reports:awards_pdf": "M L H D 404",
    "reports:census_absence": "O M L H",
    "reports:see_governor_reports": "M L H D G R",
    "reports:see_governor_report": "M L H D G R",
    "reports:governor_report_pdf": "M L H D G R",
    "reports:governor_report_file": "M L H D G R",
    "registers:issue_certificate": "O M L H",
    "registers:certificate_pdf": "O M L H",
    "registers:certificate_csv": "O M L H",
    "registers:see_pupils": "T O M L H D",
    "registers:admit_pupil": "M H",
    "registers:see_pupil": "t O M L H D",
    "registers:edit_pupil": "M H",
    "registers:see_who_looked": "H D",
    "registers:export_subject": "H D",
    "registers:edit_confidential": "L H D",
    "registers:remove_from_roll": "M H",
    "registers:keep_on_roll": "M H 405",
    "registers:change_starting_day": "M H",
    "registers:readmit_pupil": "M H",
    "registers:add_contact": "O M L H D",
    "registers:edit_contact": "O M L H D",
    "registers:move_contact_up": "O M L H D 405",
    "see_people": "K",
    "add_person": "K",
    "edit_person": "K",
    "end_membership": "K 405",
    "invite": "K 405",
    "end_second_step": "K 405",
    "add_webhook": "H K",
    "see_webhook": "H K",
    "test_webhook": "H K 405",
    "resume_webhook": "H K 405",
    "end_webhook": "H K 405",
    "see_status": "K",
    "api:see_interface": "anyone",
    "api:see_openapi": "anyone",
    "api:nowhere": "anyone 404",
    "api:school": "token",
    "api:marks": "token",
    "api:pupils": "token",
    "api:pupil_summaries": "token 422",  # it wants to know of which days
    "api:group_summaries": "token 422",
    "see_interfaces": "H K",
    "ask_token": "H K",
    "see_token": "H K",
    "open_token": "H 405",
    "revoke_token": "H K 405",
    "registers:see_setup": "K",
    "registers:edit_school": "K",
    "registers:import_school": "K",
    "registers:see_import": "K",
    "registers:start_import": "K 405",
    "registers:see_classes": "T O M L H D",
    "registers:make_class": "M H",
    "registers:move_class": "M H",
    "registers:promote_classes": "M H",
    "registers:see_class": "t O M L H D",
    "registers:remove_leavers": "M H",
    "registers:set_teaching": "M H",
    "registers:end_teaching": "M H",
    "registers:see_planned": "O M L H",
    "registers:plan_absence": "O M L H",
    "registers:cancel_absence": "O M L H",
    "registers:change_absence": "O M L H",
    "registers:see_calendar": "T O M L H D G K R",
    "registers:add_calendar_entry": "M H",
    "registers:edit_calendar_entry": "M H",
    "registers:paste_term_dates": "M H",
    "registers:begin_calendar": "K 302",
    "registers:add_bank_holidays": "M H 302",
    "registers:set_calendar": "M H 405",
    "casework:today": "O M L H D",
    "casework:close_day": "O M L H",
    "trust:see_trust": "R",
    "trust:explain_school": "R 404",
    "reports:see_dashboard": "T M L H D G R 302",
    "reports:see_school": "M L H D",
    "reports:see_class": "T M L H D",
    "reports:see_aggregates": "M L H D G R",
    "reports:see_casework": "M L H D G R",
    "reports:explain_impact": "M L H D 404",
    "reports:explain_case": "M L H D 404",
    "reports:explain_plan": "M L H D 404",
    "reports:explain_step": "M L H D",
    "reports:explain_clock": "O M L H D 404",
    "reports:explain_penalties": "M L H 404",
    "reports:explain_notice": "M L H 404",
    "reports:explain_money": "M L H 404",
    "reports:explain_aggregate": "M L H D G R 404",
    "reports:explain_casework": "M L H D G R 404",
    "reports:explain_governor_report": "M L H D G R 404",
    "reports:explain_week": "M L H D 404",
    "reports:see_groups": "M L H D",
    "reports:export_groups": "M L H D",
    "reports:explain": "T M L H D",
    "reports:see_pupils": "T M L H D",
    "reports:export_pupils": "T M L H D",
    "reports:see_pupil": "t M L H D",
    "casework:see_escalations": "M L H D",
    "casework:export_escalations": "M L H D",
    "casework:evaluate_now": "M L H 405",
    "casework:decide_proposals": "M L H 405",
    "casework:see_case": "M L H D",
    "casework:add_task": "M L H",
    "casework:finish_task": "M L H",
    "casework:see_own_class": "T M L H",
    "casework:raise_concern": "t M L H",
    "casework:praise": "t M L H",
    "casework:see_conversation": "t M L H",
    "casework:conversation_pdf": "t M L H",
    "casework:record_conversation": "t M L H",
    "casework:see_cases": "M L H D",
    "casework:open_case": "M L H",
    "casework:change_case": "M L H",
    "casework:add_barrier": "M L H",
    "casework:add_note": "M L H",
    "casework:read_confidential_notes": "M L H D",
    "casework:make_plan": "M L H",
    "casework:review_plan": "M L H",
    "casework:close_case": "M L H",
    "casework:plan_meeting": "M L H",
    "casework:see_meeting": "M L H D",
    "casework:record_meeting": "M L H",
    "casework:change_minutes": "M L H",
    "casework:meeting_calendar": "M L H D",
    "casework:see_referrals": "M L H D",
    "casework:add_agency": "M L H",
    "casework:change_agency": "M L H",
    "casework:refer": "M L H",
    "casework:answer_referral": "M L H",
    "casework:see_forms": "M L H D",
    "casework:fill_form": "M L H",
    "casework:empty_form_pdf": "M L H D",
    "casework:see_form": "M L H D",
    "casework:form_pdf": "M L H D",
    "casework:correct_form": "M L H",
    "casework:sign_form": "M L H",
    "casework:see_support_grid": "M L H D",
    "casework:fill_support_grid": "M L H",
    "casework:contact_pdf": "O M L H D",
    "casework:see_weeklies": "M L H D",
    "casework:begin_weekly": "M L H 405",
    "casework:see_weekly": "M L H D",
    "casework:end_weekly": "M L H 405",
    "casework:minute_child": "M L H",
    "casework:see_supervision": "M L H D",
    "casework:supervise": "M L H",
    "casework:supervision_agenda": "M L H D 200/302",
    "casework:see_impact": "M L H D",
    "casework:see_clocks": "O M L H D",
    "casework:record_clocks_done": "O M L H D 404",
    "casework:make_return": "O M L H",
    "casework:download_return": "O M L H",
    "casework:change_return_agreement": "L H",
    "casework:see_leave_requests": "O M L H",
    "casework:choose_child_for_leave": "O M L H",
    "casework:ask_leave": "O M L H",
    "casework:see_leave_request": "O M L H",
    "casework:decide_leave": "H",
    "casework:note_evidence": "O M L H",
    "casework:withdraw_leave": "O M L H",
    "casework:settle_taken": "O M L H 405",
    "casework:unauthorise_leave": "H",
    "casework:first_day_contact": "O M L H D",
    "casework:first_day_changes": "O M L H D 302",
    "casework:text_unexplained": "O M L H D",
    "casework:first_day_settings": "L H",
    "casework:log_try": "O M L H D 405",
    "casework:decide_step": "O M L H D 405",
    "casework:text_contact": "O M L H D 405",
    "casework:see_absence_reports": "T O M L H D",
    "casework:report_absence": "T O M L H D",
    "casework:find_children_to_report": "T O M L H D 405",
    "casework:report_absence_of": "t O M L H D",
    "casework:decide_absence": "O M L H 405",
    "casework:undo_absence": "O M L H",
    "casework:note_medical_evidence": "O M L H",
    "casework:contact_record": "O M L H D",
    "casework:record_contact": "O M L H D",
    "casework:correct_contact": "O M L H D",
    "see_feed": "T O M L H D G K R",
    "make_feed": "T O M L H D G K R 405",
    "end_feed": "T O M L H D G K R 405",
    "casework:see_policy": "M L H D",
    "casework:start_draft": "M L H 405",
    "casework:see_draft": "M L H",
    "casework:change_settings": "M L H",
    "casework:add_ladder": "M L H",
    "casework:change_ladder": "M L H",
    "casework:add_step": "M L H",
    "casework:change_step": "M L H",
    "casework:see_what_if": "M L H",
    "casework:put_into_force": "M L H",
    "casework:decline_policy": "L H",
    "casework:discard_draft": "M L H",
    "penalties:see_penalties": "M L H",
    "penalties:see_summary": "M L H",
    "penalties:see_answers": "M L H",
    "penalties:prepare_decision": "M L H",
    "penalties:record_known": "M L H",
    "penalties:see_decision": "M L H",
    "penalties:answer_questions": "M L H",
    "penalties:offer_improvement": "M L H",
    "penalties:see_improvement": "M L H",
    "penalties:improvement_pdf": "M L H 200/302",
    "penalties:see_notices": "M L H",
    "penalties:see_notice": "M L H",
    "penalties:write_draft": "M L H",
    "penalties:issue_notice": "H",
    "penalties:decline_notice": "H",
    "penalties:notice_pdf": "M L H 200/302",
    "penalties:record_copy": "M L H",
    "penalties:record_answer": "M L H",
    "penalties:begin_pack": "M L H",
    "penalties:see_pack": "M L H",
    "penalties:add_item": "M L H",
    "penalties:waive_part": "M L H",
    "penalties:item_pdf": "M L H 302",
    "penalties:remove_item": "M L H 405",
    "penalties:tick_checklist": "M L H",
    "penalties:sign_statement": "H",
    "penalties:complete_pack": "M L H 405",
    "penalties:drop_pack": "M L H",
    "penalties:pack_pdf": "M L H",
    "penalties:pack_csv": "M L H 200/302",
    "penalties:add_order": "M L H",
    "penalties:change_order": "M L H",
    "penalties:see_watch": "M L H",
    "penalties:see_readings": "M L H",
    "penalties:choose_readings": "L H",
    "penalties:see_family": "M L H",
    "penalties:see_families": "M L H",
    "penalties:authority_csv": "M L H",
    "penalties:see_signers": "M L H",
    "penalties:authorise_signer": "H",
    "penalties:withdraw_authorisation": "H",
    "penalties:add_evidence": "M L H",
    "penalties:remove_evidence": "M L H 405",
}


def elsewhere(cast: Cast, model: type[SchoolOwned]) -> int:
    """A row of the other school."""
    with acting_for(cast.other_school):
        return model.objects.first().pk


def a_proposal(school: School, pupil: Pupil, by: User) -> Proposal:
    with acting_for(school):
        proposal: Proposal = ProposalFactory(school=school, pupil=pupil, made_by=by)
    return proposal


def crossing_of(pupil: Pupil) -> int:
    """A late arrival of the child."""
    with acting_for(pupil.school):
        return CrossingFactory(pupil=pupil).pk


def a_cover(school: School, class_group: ClassGroup, user: User) -> Cover:
    with acting_for(school):
        return Cover.objects.get_or_create(
            school=school, class_group=class_group, user=user, day=TODAY, defaults={"noted_at": REGISTER_TIME}
        )[0]


def contact_of(pupil: Pupil) -> int:
    """A contact of the child, made when she has none."""
    with acting_for(pupil.school):
        return (pupil.contacts.first() or ContactFactory(pupil=pupil)).pk


def plan_of(pupil: Pupil) -> int:
    """A planned absence of the child, made when she has none."""
    with acting_for(pupil.school):
        return (pupil.planned_absences.first() or PlannedAbsenceFactory(pupil=pupil)).pk


def teaching_of(group: ClassGroup, user: User) -> int:
    """A teacher of the class, this one when it has none."""
    with acting_for(group.school):
        known = group.teachings.first()
        return (known or group.teachings.create(school=group.school, user=user, start=TODAY)).pk


def task_of(pupil: Pupil, cast: Cast) -> int:
    """Something to do about the child."""
    with acting_for(pupil.school):
        by = cast.actor(Role.MANAGER)
        task = deciding.add_task(
            school=pupil.school, pupil_id=pupil.pk, title="Call", owner="office staff", due=TODAY, by=by
        )
        return task.pk


def letter_of(cast: Cast, pupil: Pupil) -> Letter:
    """A letter of the child that was approved, made and printed."""
    with acting_for(pupil.school):
        if letter := Letter.objects.filter(pupil=pupil).first():
            return letter
        ContactFactory(pupil=pupil, priority=20)
        by = cast.actor(Role.MANAGER)
        letter = queue_letter(school=pupil.school, pupil=pupil, occasion="illness", by=by, why="Often away.")
        approve_letters(school=pupil.school, letters=[letter.pk], roles=[Role.HEAD], by=by)
        store_pdf(letter.copies.get())
        make_print_run(school=pupil.school, by=by)
        return letter


def store_pdf(copy: Copy) -> None:
    """An empty page as the letter that was made: drawing one takes longer than everybody's asking for it."""
    page = BytesIO()
    writer = PdfWriter()
    writer.add_blank_page(595, 842)
    writer.write(page)
    data = page.getvalue()
    StoredPdf.objects.create(
        school=copy.school, copy=copy, data=data, sha256=sha256(data).hexdigest(), size=len(data), pages=1,
        made_at=REGISTER_TIME,
    )  # fmt: skip
    Copy.objects.filter(pk=copy.pk).update(status=Copy.Status.RENDERED)


def elsewhere_copy(cast: Cast) -> Copy:
    letter = letter_of(cast, cast.strange_pupils[0])
    with acting_for(cast.other_school):
        return letter.copies.get()


def sensitivity_of(cast: Cast, pupil: Pupil) -> int:
    """Something that letters to the child's family must mind."""
    with acting_for(pupil.school):
        by = cast.actor(Role.MANAGER)
        return note_sensitivity(pupil=pupil, kind="bereavement", note="", start=TODAY, by=by).pk


def case_of(pupil: Pupil, cast: Cast) -> Case:
    """The open case of the child, led by the manager; opened when there is none."""
    with acting_for(pupil.school):
        lead, by = cast.people[Role.MANAGER].pk, cast.actor(Role.MANAGER)
        return Case.objects.filter(pupil=pupil).first() or cases.open_case(
            pupil=pupil, lead_id=lead, concern="Often ill.", today=TODAY, by=by
        )


def case_plan_of(pupil: Pupil, cast: Cast) -> int:
    """The plan of the child's case, made when there is none."""
    case = case_of(pupil, cast)
    with acting_for(pupil.school):
        plan = case.plans.first() or plans.make_plan(
            case=case, version=case.version, starts=TODAY, review_on=TODAY + timedelta(weeks=4), support="",
            targets=[], actions=[], by=cast.actor(Role.MANAGER),
        )  # fmt: skip
        return plan.pk


def meeting_of(pupil: Pupil, cast: Cast) -> int:
    """A meeting of the child's case, made when there is none."""
    case = case_of(pupil, cast)
    with acting_for(pupil.school):
        known = case.meetings.first() or Meeting.objects.create(
            school=pupil.school, case=case, kind="panel", at=REGISTER_TIME, place="Room 4", planned_at=REGISTER_TIME
        )
        return known.pk


def filled_form_of(pupil: Pupil) -> int:
    """A form about the child, filled in when there is none."""
    with acting_for(pupil.school):
        known = pupil.filled_forms.first() or pupil.filled_forms.create(
            school=pupil.school, form="early_help", version=1, on=TODAY, answers={"on": f"{TODAY}"},
            made_at=REGISTER_TIME, by_name="Helen Osei", by_position="Class teacher",
        )  # fmt: skip
        return known.pk


def standing_of(pupil: Pupil) -> int:
    """A step the child is on."""
    with acting_for(pupil.school):
        known = pupil.standings.first() or pupil.standings.create(
            school=pupil.school, ladder="Attendance", step="Tier 1", index=0, since=TODAY, evaluated_on=TODAY
        )
        return known.pk


def weekly_of(pupil: Pupil, user: User) -> WeeklyItem:
    """The child on the agenda of a weekly meeting."""
    with acting_for(pupil.school):
        meeting, _ = WeeklyMeeting.objects.get_or_create(
            school=pupil.school, on=TODAY, defaults={"since": TODAY, "begun_at": REGISTER_TIME, "begun_by": user}
        )
        return WeeklyItem.objects.get_or_create(
            school=pupil.school, weekly=meeting, pupil=pupil, defaults={"place": 1, "why": ["New on Tier 1"]}
        )[0]


def agency_of(school: School) -> Agency:
    """An agency of the school."""
    with acting_for(school):
        return Agency.objects.get_or_create(school=school, name="Elm early help", service="early_help")[0]


def referral_of(pupil: Pupil) -> int:
    """A referral of the child, made when there is none."""
    agency = agency_of(pupil.school)
    with acting_for(pupil.school):
        known = pupil.referrals.first() or pupil.referrals.create(
            school=pupil.school, agency=agency, sent_on=TODAY, concern="Often ill.", what="A form", consent="given",
            due=TODAY, made_at=REGISTER_TIME,
        )  # fmt: skip
        return known.pk


def leave_of(pupil: Pupil, cast: Cast) -> int:
    """A request for leave of the child, made when there is none."""
    with acting_for(pupil.school):
        found = LeaveRequest.objects.filter(pupil=pupil).first()
        asked = Application(TODAY, Span(TODAY, TODAY), ("Ms Example",), (), "exceptional", "A funeral.")
        made = found or ask_leave(
            school=pupil.school, pupils=[pupil], application=asked, by=cast.actor(Role.OFFICE)
        )[0]  # fmt: skip
        return made.pk


def certificate_of(pupil: Pupil, cast: Cast) -> int:
    """A registration certificate of the child."""
    with acting_for(pupil.school):
        first, by = TODAY - timedelta(days=7), cast.actor(Role.OFFICE)
        return certificates.issue_certificate(pupil=pupil, first=first, last=TODAY, by=by).pk


def return_of(pupil: Pupil, user: User, at: datetime = REGISTER_TIME) -> int:
    """A return to the authority about the child."""
    with acting_for(pupil.school):
        made = AuthorityReturn.objects.create(
            school=pupil.school, kind="new_pupil", made_at=at, made_by=user, pupils=[pupil.pk],
            csv=b"", csv_hash=sha256(b"").hexdigest(), pdf=b"", pdf_hash=sha256(b"").hexdigest(),
        )  # fmt: skip
        return made.pk


def governor_report_of(cast: Cast, school: School) -> int:
    """A report to governors."""
    with acting_for(school):
        return governor.make_governor_report(
            school=school, academic_year=2024, half_term=3, by=cast.actor(Role.HEAD)
        ).pk  # fmt: skip


def made_report_of(group: ClassGroup) -> int:
    """A class list that the schedule made."""
    with acting_for(group.school_id):
        made, _ = MadeReport.objects.get_or_create(
            school_id=group.school_id, kind="class-list", first=TODAY, class_group=group,
            defaults={"last": TODAY, "made_at": REGISTER_TIME, "pdf": b"%PDF"},
        )  # fmt: skip
    return made.pk


def draft_at(cast: Cast, school: School) -> int:
    """A draft of a policy, made if there is none."""
    with acting_for(school):
        by = cast.actor(Role.LEAD)
        draft = PolicyDraft.objects.first() or policy.start_draft(school=school, start_from="tiers", today=TODAY, by=by)
        return draft.pk


def evidence_of(pupil: Pupil) -> int:
    """A session another school spoke of."""
    with acting_for(pupil.school):
        known = Evidence.objects.filter(pupil=pupil).first() or Evidence.objects.create(
            school=pupil.school, pupil=pupil, day=TODAY, session=1, code=code_for("O", TODAY).number, origin="Elm",
            noted_on=TODAY,
        )  # fmt: skip
        return known.pk


def authorisation_at(school: School, cast: Cast) -> int:
    """A deputy who may sign penalty notices at a school."""
    made, _ = Authorisation.objects.get_or_create(
        school=school, person=cast.people[Role.LEAD], permission=Permission.DECIDE_PENALTY, starts=TODAY,
        defaults={
            "given_on": TODAY, "given_by": cast.people[Role.HEAD], "person_name": "Helen Osei",
            "person_position": "Attendance lead", "given_name": "Priya Iyer", "given_position": "Headteacher",
        },
    )  # fmt: skip
    return made.pk


def penalty_rows(pupil: Pupil) -> dict[str, int]:
    """A decision, a notice to improve and a prepared penalty notice about the child."""
    with acting_for(pupil.school):
        contact = pupil.contacts.first() or ContactFactory(pupil=pupil)
        who = {"school": pupil.school, "pupil": pupil, "contact": contact}
        offence = [[f"{TODAY}", 1, code_for("O", TODAY).number]]
        decision = Decision.objects.filter(pupil=pupil).first() or Decision.objects.create(
            **who, sessions=offence, counted=1, prepared_on=TODAY
        )
        improvement = ImprovementNotice.objects.filter(pupil=pupil).first() or ImprovementNotice.objects.create(
            **who, state="running", weeks=3, unit="weeks", offered_on=TODAY, starts=TODAY, until=TODAY, at_most=0,
            contents={},
        )  # fmt: skip
        notice = PenaltyNotice.objects.filter(pupil=pupil).first() or PenaltyNotice.objects.create(
            **who, decision=decision, state="prepared", scheme="national framework", prepared_on=TODAY
        )
        pack = Pack.objects.filter(pupil=pupil).first() or Pack.objects.create(
            **who, route="444(1)", first=TODAY, last=TODAY, begun_on=TODAY
        )
        item = pack.items.first() or PackItem.objects.create(
            school=pupil.school, pack=pack, part="voice", on=TODAY, text="x", noted_on=TODAY
        )
        order = Order.objects.filter(pupil=pupil).first() or Order.objects.create(
            **who, kind="contract", asked_on=TODAY, noted_on=TODAY
        )
        rows = (decision, improvement, notice, pack, item, order)
        return dict(
            zip(("decision", "improvement", "notice", "pack", "item", "order"), (r.pk for r in rows), strict=True)
        )


def run_of(school: School, user: User) -> int:
    """An import that somebody ran."""
    with acting_for(school):
        run = ImportRun.objects.create(
            school=school, kind="pack", file_name="pack.zip", uploaded_at=REGISTER_TIME, uploaded_by=user
        )
        return run.pk


def contact_record_of(pupil: Pupil) -> int:
    """An entry of the child's contact record, made when there is none."""
    with acting_for(pupil.school):
        known = pupil.contact_records.first()
        made = known or pupil.contact_records.create(
            school=pupil.school, kind="call", at=REGISTER_TIME, day=TODAY, who="Ms Ahmed", made_at=REGISTER_TIME,
            by_name="Helen Osei", by_position="Class teacher",
        )  # fmt: skip
        return made.pk


def report_of(pupil: Pupil) -> int:
    """A report of the child's absence, made when there is none."""
    with acting_for(pupil.school):
        known = pupil.absence_reports.first()
        made = known or pupil.absence_reports.create(
            school=pupil.school, source="call", who="Ms Ahmed", words="a fever", start=TODAY, end=TODAY,
            proposed=code_for("I", TODAY).number, made_at=REGISTER_TIME,
        )  # fmt: skip
        return made.pk


def disposal_at(school: School) -> Disposal:
    """A certificate of deletion; made if there is none."""
    with acting_for(school):
        return Disposal.objects.first() or Disposal.objects.create(
            school=school, at=REGISTER_TIME, number=1, category="letters", rule="Letters: 6 years", made_before=TODAY,
            removed={"letters": 3}, left={"letters": 7}, approved_at=REGISTER_TIME, approved_by_name="Helen Osei",
            approved_by_position="Headteacher", by_name="System", by_position="delete_due", transaction=0,
        )  # fmt: skip


def token_at(school: School) -> Token:
    """A partner's token that nobody opened; made if there is none."""
    with acting_for(school):
        return Token.objects.first() or TokenFactory(school=school)


def webhook_at(school: School, cast: Cast) -> int:
    """A partner's address that is told of changes; made if there is none."""
    with acting_for(school):
        known = Webhook.objects.first()
        made = known or add_webhook(
            school=school, partner="Elm", url="https://elm.example/", events=["marks.changed"],
            by=cast.actor(Role.TECHNICIAN),
        )[0]  # fmt: skip
        return made.pk


def a_partner(school: School, **values: Any) -> dict[str, str]:
    """What a partner sends with a token that opens everything at this school."""
    with acting_for(school):
        secret = open_token(token=TokenFactory(school=school, **values), by=Actor("Helen Osei", "Headteacher"))
    return {"Authorization": f"Bearer {secret}"}


# What stands in an address, by the name of its part: of our school, and of the other one where it names a row.
SAMPLES: dict[str, Callable[[Cast], Any]] = {
    "letter_id": lambda cast: letter_of(cast, cast.pupils[0]).pk,
    "copy_id": lambda cast: letter_of(cast, cast.pupils[0]).copies.get().pk,
    "print_run_id": lambda cast: letter_of(cast, cast.pupils[0]).copies.get().print_run_id,
    "sensitivity_id": lambda cast: sensitivity_of(cast, cast.pupils[0]),
    "template_id": lambda cast: letter_of(cast, cast.pupils[0]).template_id,
    "urn": lambda cast: cast.school.urn,
    "token": lambda cast: make_token(),
    "day": lambda cast: TODAY,
    "session": lambda cast: Session.AM,
    "pupil_id": lambda cast: cast.pupils[0].pk,
    "class_group_id": lambda cast: cast.own_class.pk,
    "proposal_id": lambda cast: a_proposal(cast.school, cast.pupils[0], cast.people["teacher"]).pk,
    "crossing_id": lambda cast: crossing_of(cast.pupils[0]),
    "cover_id": lambda cast: a_cover(cast.school, cast.own_class, cast.people["teacher"]).pk,
    "draft_id": lambda cast: draft_at(cast, cast.school),
    "task_id": lambda cast: task_of(cast.pupils[0], cast),
    "certificate_id": lambda cast: certificate_of(cast.pupils[0], cast),
    "governor_report_id": lambda cast: governor_report_of(cast, cast.school),
    "made_report_id": lambda cast: made_report_of(cast.own_class),
    "made_kind": lambda cast: "newsletter",
    "case_id": lambda cast: case_of(cast.pupils[0], cast).pk,
    "meeting_id": lambda cast: meeting_of(cast.pupils[0], cast),
    "filled_form_id": lambda cast: filled_form_of(cast.pupils[0]),
    "form": lambda cast: "legal_checklist",
    "standing_id": lambda cast: standing_of(cast.pupils[0]),
    "weekly_id": lambda cast: weekly_of(cast.pupils[0], cast.people[Role.MANAGER]).weekly_id,
    "weekly_item_id": lambda cast: weekly_of(cast.pupils[0], cast.people[Role.MANAGER]).pk,
    "agency_id": lambda cast: agency_of(cast.school).pk,
    "referral_id": lambda cast: referral_of(cast.pupils[0]),
    "leave_id": lambda cast: leave_of(cast.pupils[0], cast),
    "return_kind": lambda cast: "new_pupil",
    "return_id": lambda cast: return_of(cast.pupils[0], cast.people[Role.OFFICE]),
    "case_plan_id": lambda cast: case_plan_of(cast.pupils[0], cast),
    "record_id": lambda cast: contact_record_of(cast.pupils[0]),
    "report_id": lambda cast: report_of(cast.pupils[0]),
    "kind": lambda cast: "csv",
    "season": lambda cast: "spring",
    "year": lambda cast: 2024,
    "table": lambda cast: "pupils",
    "figure": lambda cast: "attendance",
    "scheduled": lambda cast: "reports",
    "trust_id": lambda cast: cast.school.trust_id,
    "ladder": lambda cast: 0,
    "step": lambda cast: 0,
    "entry_id": lambda cast: CalendarEntry.objects.filter(school=cast.school).first().pk,
    "contact_id": lambda cast: contact_of(cast.pupils[0]),
    "plan_id": lambda cast: plan_of(cast.pupils[0]),
    "evidence_id": lambda cast: evidence_of(cast.pupils[0]),
    "decision_id": lambda cast: penalty_rows(cast.pupils[0])["decision"],
    "improvement_id": lambda cast: penalty_rows(cast.pupils[0])["improvement"],
    "notice_id": lambda cast: penalty_rows(cast.pupils[0])["notice"],
    "pack_id": lambda cast: penalty_rows(cast.pupils[0])["pack"],
    "item_id": lambda cast: penalty_rows(cast.pupils[0])["item"],
    "order_id": lambda cast: penalty_rows(cast.pupils[0])["order"],
    "authorisation_id": lambda cast: authorisation_at(cast.school, cast),
    "part": lambda cast: "voice",
    "rest": lambda cast: "elsewhere/",
    "membership_id": lambda cast: cast.people[Role.OFFICE].memberships.get().pk,
    "token_id": lambda cast: token_at(cast.school).pk,
    "webhook_id": lambda cast: webhook_at(cast.school, cast),
    "category": lambda cast: "letters",
    "number": lambda cast: disposal_at(cast.school).number,
    "link": lambda cast: links.make(links.INVITATION, cast.people[Role.OFFICE]),
    "secret": lambda cast: make_feed(school=cast.school, user=cast.people[Role.HEAD], by=cast.actor(Role.HEAD)),
    "provider_id": lambda cast: "elsewhere",
    "account_id": lambda cast: 1,
    "pk": lambda cast: 1,
    "run_id": lambda cast: run_of(cast.school, cast.people[Role.TECHNICIAN]),
    "teaching_id": lambda cast: teaching_of(cast.own_class, cast.people[Role.TEACHER]),
}
ELSEWHERE: dict[str, Callable[[Cast], Any]] = {
    "letter_id": lambda cast: letter_of(cast, cast.strange_pupils[0]).pk,
    "copy_id": lambda cast: elsewhere_copy(cast).pk,
    "print_run_id": lambda cast: elsewhere_copy(cast).print_run_id,
    "sensitivity_id": lambda cast: sensitivity_of(cast, cast.strange_pupils[0]),
    "template_id": lambda cast: letter_of(cast, cast.strange_pupils[0]).template_id,
    "pupil_id": lambda cast: cast.strange_pupils[0].pk,
    "class_group_id": lambda cast: cast.strange_class.pk,
    "proposal_id": lambda cast: a_proposal(cast.other_school, cast.strange_pupils[0], cast.stranger).pk,
    "crossing_id": lambda cast: crossing_of(cast.strange_pupils[0]),
    "cover_id": lambda cast: a_cover(cast.other_school, cast.strange_class, cast.stranger).pk,
    "draft_id": lambda cast: draft_at(cast, cast.other_school),
    "task_id": lambda cast: task_of(cast.strange_pupils[0], cast),
    "certificate_id": lambda cast: certificate_of(cast.strange_pupils[0], cast),
    "governor_report_id": lambda cast: governor_report_of(cast, cast.other_school),
    "made_report_id": lambda cast: made_report_of(cast.strange_class),
    "case_id": lambda cast: case_of(cast.strange_pupils[0], cast).pk,
    "meeting_id": lambda cast: meeting_of(cast.strange_pupils[0], cast),
    "filled_form_id": lambda cast: filled_form_of(cast.strange_pupils[0]),
    "standing_id": lambda cast: standing_of(cast.strange_pupils[0]),
    "weekly_id": lambda cast: weekly_of(cast.strange_pupils[0], cast.stranger).weekly_id,
    "weekly_item_id": lambda cast: weekly_of(cast.strange_pupils[0], cast.stranger).pk,
    "agency_id": lambda cast: agency_of(cast.other_school).pk,
    "referral_id": lambda cast: referral_of(cast.strange_pupils[0]),
    "leave_id": lambda cast: leave_of(cast.strange_pupils[0], cast),
    "return_id": lambda cast: return_of(cast.strange_pupils[0], cast.stranger),
    "case_plan_id": lambda cast: case_plan_of(cast.strange_pupils[0], cast),
    "record_id": lambda cast: contact_record_of(cast.strange_pupils[0]),
    "report_id": lambda cast: report_of(cast.strange_pupils[0]),
    "entry_id": lambda cast: elsewhere(cast, CalendarEntry),
    "contact_id": lambda cast: contact_of(cast.strange_pupils[0]),
    "plan_id": lambda cast: plan_of(cast.strange_pupils[0]),
    "evidence_id": lambda cast: evidence_of(cast.strange_pupils[0]),
    "decision_id": lambda cast: penalty_rows(cast.strange_pupils[0])["decision"],
    "improvement_id": lambda cast: penalty_rows(cast.strange_pupils[0])["improvement"],
    "notice_id": lambda cast: penalty_rows(cast.strange_pupils[0])["notice"],
    "pack_id": lambda cast: penalty_rows(cast.strange_pupils[0])["pack"],
    "item_id": lambda cast: penalty_rows(cast.strange_pupils[0])["item"],
    "order_id": lambda cast: penalty_rows(cast.strange_pupils[0])["order"],
    "authorisation_id": lambda cast: authorisation_at(cast.other_school, cast),
    "membership_id": lambda cast: cast.stranger.memberships.get().pk,
    "token_id": lambda cast: token_at(cast.other_school).pk,
    "webhook_id": lambda cast: webhook_at(cast.other_school, cast),
    "run_id": lambda cast: run_of(cast.other_school, cast.stranger),
    "teaching_id": lambda cast: teaching_of(cast.strange_class, cast.stranger),
    "trust_id": lambda cast: cast.school.trust_id + 999_999,
}
# A row of our school that is not the class teacher's own.
NOT_HERS: dict[str, Callable[[Cast], Any]] = {
    "filled_form_id": lambda cast: filled_form_of(cast.other_pupils[0]),
    "standing_id": lambda cast: standing_of(cast.other_pupils[0]),
    "pupil_id": lambda cast: cast.other_pupils[0].pk,
    "class_group_id": lambda cast: cast.other_class.pk,
    "made_report_id": lambda cast: made_report_of(cast.other_class),
}


def routes(resolver: URLResolver, namespace: str = "", parts: tuple[str, ...] = ()) -> Iterator[tuple[str, Any, Any]]:
    """Every url as its full name, the parts of its address, and its view."""
    for each in resolver.url_patterns:
        inner = (*parts, *each.pattern.converters)
        if isinstance(each, URLPattern):
            yield f"{namespace}{each.name}", inner, each.callback
        else:
            below = f"{namespace}{each.namespace}:" if each.namespace else namespace
            yield from routes(each, below, inner)


ROUTES = {name: (parts, view) for name, parts, view in routes(get_resolver())}


def address(name: str, cast: Cast) -> str:
    return reverse(name, kwargs={part: SAMPLES[part](cast) for part in ROUTES[name][0]})


def expected(name: str) -> tuple[str, set[int]]:
    """Who gets in, and the status of her GET."""
    who, _, last = ACCESS[name].rpartition(" ")
    if last[:1].isdigit():
        return who, {int(status) for status in last.split("/")}
    return ACCESS[name], {200}


# Files of a school that a link on another site may open, for who may see them; every other is a `signed_file`.
HANDED_AT_ONCE = {
    "registers:worker": "a script",
    "registers:changes": "what a page of ours asks for by itself; nothing is noted",
    "reports:governor_report_pdf": "names nobody",
    "reports:governor_report_file": "names nobody",
    "casework:meeting_calendar": "when and where a meeting is; a calendar program fetches it again",
}


@pytest.fixture(autouse=True)
def _clock(clock: Any) -> None:
    """09:05 of a school day."""


def test_every_url_is_in_the_table() -> None:
    assert set(ROUTES) == set(ACCESS), "Add a line to ACCESS for each url; docs/tests.md says how."


@pytest.mark.parametrize("name", ROUTES)
def test_every_view_says_who_may_open_it(name: str) -> None:
    access = getattr(ROUTES[name][1], "access", None)
    assert isinstance(access, Permission) or access in ("anyone", "signed in", "member", "trust", "token")


@pytest.mark.parametrize("name", ACCESS)
def test_who_gets_in(name: str, cast: Cast) -> None:
    """One test a url, as making the cast costs more than asking."""
    surprises = [
        f"{who}: {answer.status_code}, not {' or '.join(map(str, sorted(wanted)))}"
        for who, answer, wanted in asked(name, cast)
        if answer.status_code not in wanted
    ]
    assert not surprises, f"expected: {ACCESS[name]}"


def asked(name: str, cast: Cast) -> Iterator[tuple[str, HttpResponse, set[int]]]:
    """Who asked, the answer, and the statuses it may have."""
    who, status = expected(name)
    letters = who.upper().split()
    parts = ROUTES[name][0]
    rows = {part: SAMPLES[part](cast) for part in parts}
    here = reverse(name, kwargs=rows)
    if who == "token":  # it takes no account: who has one and no token gets no further than nobody
        yield "the partner", Client().get(here, headers=a_partner(cast.school)), status
        for each in (Client(), *map(cast.client, ROLES.values())):
            yield "no token", each.get(here), {401}
        return
    yield "nobody", Client().get(here), status if who == "anyone" else {302}
    takes_a_file = None
    for letter, role in ROLES.items():
        gets_in = who in ("anyone", "signed in") or letter in letters
        answer = cast.client(role).get(here)
        yield letter, answer, status if gets_in else {403}
        if answer.status_code == 200 and "text/html" not in answer.headers["Content-Type"] and "urn" in parts:
            takes_a_file = role
            assert answer.headers["Content-Type"] != "application/pdf" or name in papers.KINDS
    if takes_a_file and name not in HANDED_AT_ONCE:
        from_outside = {"Sec-Fetch-Site": "cross-site"}
        yield "a link on another site", cast.client(takes_a_file).get(here, headers=from_outside), {403}
    if "urn" in parts:
        yield "the other school's head", cast.client_of(cast.stranger).get(here), {404}
    for part in set(parts) & set(ELSEWHERE):  # whoever may do it here sees no row from there
        client = cast.client(ROLES[letters[-1]])
        ask = client.post if status == {405} else client.get
        yield f"{part} of the other school", ask(reverse(name, kwargs=rows | {part: ELSEWHERE[part](cast)})), {404}
    if "t" in who.split():
        instead = {part: NOT_HERS[part](cast) for part in parts if part in NOT_HERS}
        assert instead, f"{name} names nothing that could be another class's"
        yield "another class's teacher", cast.client(Role.TEACHER).get(reverse(name, kwargs=rows | instead)), {403}
