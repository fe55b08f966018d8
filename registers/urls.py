from django.urls import include, path

from registers.views import (
    amending,
    calendar,
    certificates,
    classes,
    contacts,
    covering,
    demo_clock,
    importing,
    missing,
    no_reason,
    paper,
    planning,
    proposals,
    pupil_page,
    pupils,
    record,
    school,
    taking,
)

app_name = "registers"

# One class's register of one session.
register_urls = [
    path("", taking.take_register, name="take_register"),
    path("save/", taking.save_marks, name="save_marks"),
    path("changes/", taking.changes, name="changes"),
    path("send/", taking.send_register, name="send_register"),
    path("keep/", taking.keep_standing, name="keep_standing"),
    path("cover/", taking.cover_class, name="cover_class"),
    path("rekey/", paper.rekey_register, name="rekey_register"),
    path("entries/", record.see_entries, name="see_entries"),
]

urlpatterns = [
    path("", taking.see_registers, name="see_registers"),
    path("worker.js", taking.worker, name="worker"),
    path("<day:day>/", taking.see_registers, name="see_registers_of"),
    path("<int:class_group_id>/<day:day>/<session:session>/", include(register_urls)),
    # On paper
    path("<int:class_group_id>/<day:day>/paper/", paper.paper_register, name="paper_register"),
    path("<int:class_group_id>/<day:day>/paper.pdf", paper.paper_register_pdf, name="paper_register_pdf"),
    path("<day:day>/paper.pdf", paper.paper_registers_pdf, name="paper_registers_pdf"),
    # Putting registers right
    path("pupils/<int:pupil_id>/<day:day>/<session:session>/amend/", amending.amend_mark, name="amend_mark"),
    path("put-right/amend/", amending.amend_marks, name="amend_marks"),
    path("put-right/", missing.see_missing, name="see_missing"),
    path("put-right/to-decide/", proposals.see_proposals, name="see_proposals"),
    path("put-right/to-decide/<int:proposal_id>/", proposals.decide_proposal, name="decide_proposal"),
    path("put-right/no-reason/", no_reason.turn_n_into_o, name="turn_n_into_o"),
    path("put-right/cover/", covering.assign_cover, name="assign_cover"),
    path("put-right/cover/<int:cover_id>/end/", covering.end_cover, name="end_cover"),
    path("record/", record.verify_record, name="verify_record"),
    path("record/certificate/", certificates.check_certificate, name="check_certificate"),
    path("pupils/<int:pupil_id>/certificate/", certificates.issue_certificate, name="issue_certificate"),
    path("certificates/<int:certificate_id>.pdf", certificates.certificate_pdf, name="certificate_pdf"),
    path("certificates/<int:certificate_id>.csv", certificates.certificate_csv, name="certificate_csv"),
    # The demonstration's clock
    path("demo-clock/set/", demo_clock.set_demo_clock, name="set_demo_clock"),
    path("demo-clock/reset/", demo_clock.reset_demo_clock, name="reset_demo_clock"),
    # The admission register
    path("pupils/", pupils.see_pupils, name="see_pupils"),
    path("pupils/admit/", pupils.admit_pupil, name="admit_pupil"),
    path("pupils/<int:pupil_id>/", pupil_page.see_pupil, name="see_pupil"),
    path("pupils/<int:pupil_id>/edit/", pupils.edit_pupil, name="edit_pupil"),
    path("pupils/<int:pupil_id>/confidential/", pupils.edit_confidential, name="edit_confidential"),
    path("pupils/<int:pupil_id>/remove/", pupils.remove_from_roll, name="remove_from_roll"),
    path("pupils/<int:pupil_id>/keep/", pupils.keep_on_roll, name="keep_on_roll"),
    path("pupils/<int:pupil_id>/starting-day/", pupils.change_starting_day, name="change_starting_day"),
    path("pupils/<int:pupil_id>/readmit/", pupils.readmit_pupil, name="readmit_pupil"),
    path("pupils/<int:pupil_id>/contacts/add/", contacts.add_contact, name="add_contact"),
    path("pupils/<int:pupil_id>/contacts/<int:contact_id>/", contacts.edit_contact, name="edit_contact"),
    path("pupils/<int:pupil_id>/contacts/<int:contact_id>/up/", contacts.move_contact_up, name="move_contact_up"),
    # The school
    path("set-up/", school.see_setup, name="see_setup"),
    path("set-up/settings/", school.edit_school, name="edit_school"),
    # Classes
    path("classes/", classes.see_classes, name="see_classes"),
    path("classes/add/", classes.make_class, name="make_class"),
    path("classes/move/", classes.move_class, name="move_class"),
    path("classes/new-year/", classes.promote_classes, name="promote_classes"),
    path("classes/<int:class_group_id>/", classes.see_class, name="see_class"),
    path("classes/<int:class_group_id>/leavers/", classes.remove_leavers, name="remove_leavers"),
    path("classes/<int:class_group_id>/teaching/", classes.set_teaching, name="set_teaching"),
    path("classes/teaching/<int:teaching_id>/end/", classes.end_teaching, name="end_teaching"),
    # What is planned
    path("planned/", planning.see_planned, name="see_planned"),
    path("planned/add/", planning.plan_absence, name="plan_absence"),
    path("planned/<int:plan_id>/cancel/", planning.cancel_absence, name="cancel_absence"),
    # The calendar
    path("calendar/", calendar.see_calendar, name="see_calendar"),
    path("calendar/add/", calendar.add_calendar_entry, name="add_calendar_entry"),
    path("calendar/<int:entry_id>/", calendar.edit_calendar_entry, name="edit_calendar_entry"),
    path("calendar/paste/", calendar.paste_term_dates, name="paste_term_dates"),
    path("calendar/bank-holidays/", calendar.add_bank_holidays, name="add_bank_holidays"),
    path("calendar/set/", calendar.set_calendar, name="set_calendar"),
    # Bringing a school in
    path("import/", importing.import_school, name="import_school"),
    path("import/<int:run_id>/", importing.see_import, name="see_import"),
    path("import/<int:run_id>/start/", importing.start_import, name="start_import"),
]
