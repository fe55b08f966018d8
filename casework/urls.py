from django.urls import path

from casework.views import cases, escalations, own_class, policy

app_name = "casework"

urlpatterns = [
    path("", escalations.see_escalations, name="see_escalations"),
    path("export/<slug:kind>/", escalations.export_escalations, name="export_escalations"),
    path("evaluate/", escalations.evaluate_now, name="evaluate_now"),
    path("decide/", escalations.decide_proposals, name="decide_proposals"),
    path("pupils/<int:pupil_id>/", cases.see_case, name="see_case"),
    path("pupils/<int:pupil_id>/open-case/", cases.open_case, name="open_case"),
    path("own-class/", own_class.see_own_class, name="see_own_class"),
    path("own-class/<int:pupil_id>/concern/", own_class.raise_concern, name="raise_concern"),
    path("own-class/<int:pupil_id>/conversation/", own_class.record_conversation, name="record_conversation"),
    path("cases/", cases.see_cases, name="see_cases"),
    path("cases/<int:case_id>/change/", cases.change_case, name="change_case"),
    path("cases/<int:case_id>/barriers/add/", cases.add_barrier, name="add_barrier"),
    path("cases/<int:case_id>/notes/add/", cases.add_note, name="add_note"),
    path("cases/<int:case_id>/notes/", cases.read_confidential_notes, name="read_confidential_notes"),
    path("cases/<int:case_id>/plan/", cases.make_plan, name="make_plan"),
    path("cases/<int:case_id>/close/", cases.close_case, name="close_case"),
    path("plans/<int:case_plan_id>/review/", cases.review_plan, name="review_plan"),
    path("pupils/<int:pupil_id>/tasks/add/", escalations.add_task, name="add_task"),
    path("tasks/<int:task_id>/", escalations.finish_task, name="finish_task"),
    path("policy/", policy.see_policy, name="see_policy"),
    path("policy/start/", policy.start_draft, name="start_draft"),
    path("policy/drafts/<int:draft_id>/", policy.see_draft, name="see_draft"),
    path("policy/drafts/<int:draft_id>/settings/", policy.change_settings, name="change_settings"),
    path("policy/drafts/<int:draft_id>/ladders/add/", policy.add_ladder, name="add_ladder"),
    path("policy/drafts/<int:draft_id>/ladders/<int:ladder>/", policy.change_ladder, name="change_ladder"),
    path("policy/drafts/<int:draft_id>/ladders/<int:ladder>/add/", policy.add_step, name="add_step"),
    path("policy/drafts/<int:draft_id>/ladders/<int:ladder>/<int:step>/", policy.change_step, name="change_step"),
    path("policy/drafts/<int:draft_id>/what-if/", policy.see_what_if, name="see_what_if"),
    path("policy/drafts/<int:draft_id>/put-into-force/", policy.put_into_force, name="put_into_force"),
    path("policy/drafts/<int:draft_id>/decline/", policy.decline_policy, name="decline_policy"),
    path("policy/drafts/<int:draft_id>/discard/", policy.discard_draft, name="discard_draft"),
]
