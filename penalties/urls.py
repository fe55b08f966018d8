from django.urls import path

from penalties.views import dashboard, decisions, family, notices, packs, watch

app_name = "penalties"

urlpatterns = [
    path("", dashboard.see_penalties, name="see_penalties"),
    path("summary/", dashboard.see_summary, name="see_summary"),
    path("answers/", notices.see_answers, name="see_answers"),
    path("watch/", watch.see_watch, name="see_watch"),
    path("readings/", watch.see_readings, name="see_readings"),
    path("readings/choose/", watch.choose_readings, name="choose_readings"),
    path("pupils/<int:pupil_id>/", family.see_family, name="see_family"),
    path("pupils/<int:pupil_id>/evidence/add/", watch.add_evidence, name="add_evidence"),
    path("pupils/<int:pupil_id>/parents/<int:contact_id>/", decisions.prepare_decision, name="prepare_decision"),
    path("pupils/<int:pupil_id>/known/", notices.record_known, name="record_known"),
    path("pupils/<int:pupil_id>/pack/", packs.begin_pack, name="begin_pack"),
    path("pupils/<int:pupil_id>/orders/add/", packs.add_order, name="add_order"),
    path("orders/<int:order_id>/", packs.change_order, name="change_order"),
    path("packs/<int:pack_id>/", packs.see_pack, name="see_pack"),
    path("packs/<int:pack_id>/add/<slug:part>/", packs.add_item, name="add_item"),
    path("packs/<int:pack_id>/leave-out/<slug:part>/", packs.waive_part, name="waive_part"),
    path("packs/<int:pack_id>/checklist/", packs.tick_checklist, name="tick_checklist"),
    path("packs/<int:pack_id>/statement/", packs.sign_statement, name="sign_statement"),
    path("packs/<int:pack_id>/complete/", packs.complete_pack, name="complete_pack"),
    path("packs/<int:pack_id>/drop/", packs.drop_pack, name="drop_pack"),
    path("packs/<int:pack_id>/pdf/", packs.pack_pdf, name="pack_pdf"),
    path("packs/<int:pack_id>/csv/", packs.pack_csv, name="pack_csv"),
    path("packs/items/<int:item_id>/remove/", packs.remove_item, name="remove_item"),
    path("decisions/<int:decision_id>/", decisions.see_decision, name="see_decision"),
    path("decisions/<int:decision_id>/answer/", decisions.answer_questions, name="answer_questions"),
    path("decisions/<int:decision_id>/improvement/", decisions.offer_improvement, name="offer_improvement"),
    path("improvements/<int:improvement_id>/", decisions.see_improvement, name="see_improvement"),
    path("improvements/<int:improvement_id>/pdf/", decisions.improvement_pdf, name="improvement_pdf"),
    path("notices/<int:notice_id>/", notices.see_notice, name="see_notice"),
    path("notices/<int:notice_id>/write/", notices.write_draft, name="write_draft"),
    path("notices/<int:notice_id>/issue/", notices.issue_notice, name="issue_notice"),
    path("notices/<int:notice_id>/decline/", notices.decline_notice, name="decline_notice"),
    path("notices/<int:notice_id>/pdf/", notices.notice_pdf, name="notice_pdf"),
    path("notices/<int:notice_id>/copy/", notices.record_copy, name="record_copy"),
    path("notices/<int:notice_id>/answer/", notices.record_answer, name="record_answer"),
    path("evidence/<int:evidence_id>/remove/", watch.remove_evidence, name="remove_evidence"),
]
