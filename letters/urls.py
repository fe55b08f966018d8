from django.urls import path

from letters.views import letters, printing, proposals, schedule, templates

app_name = "letters"

urlpatterns = [
    path("", proposals.see_proposals, name="see_proposals"),
    path("decide/", proposals.decide_letters, name="decide_letters"),
    path("propose/", proposals.propose_letters, name="propose_letters"),
    path("pupils/<int:pupil_id>/write/", proposals.write_letter, name="write_letter"),
    path("pupils/<int:pupil_id>/", letters.see_correspondence, name="see_correspondence"),
    path("pupils/<int:pupil_id>/export/", letters.export_correspondence, name="export_correspondence"),
    path("pupils/<int:pupil_id>/sensitivities/add/", letters.note_sensitivity, name="note_sensitivity"),
    path("sensitivities/<int:sensitivity_id>/end/", letters.end_sensitivity, name="end_sensitivity"),
    path("all/", letters.see_letters, name="see_letters"),
    path("<int:letter_id>/", letters.see_letter, name="see_letter"),
    path("<int:letter_id>/values/", letters.give_values, name="give_values"),
    path("<int:letter_id>/siblings/", letters.join_siblings, name="join_siblings"),
    path("<int:letter_id>/correct/", letters.correct_letter, name="correct_letter"),
    path("copies/<int:copy_id>/pdf/", letters.copy_pdf, name="copy_pdf"),
    path("copies/<int:copy_id>/returned/", letters.note_returned, name="note_returned"),
    path("copies/<int:copy_id>/again/", letters.try_again, name="try_again"),
    path("copies/<int:copy_id>/cancel/", letters.cancel_copy, name="cancel_copy"),
    path("print/", printing.see_print_runs, name="see_print_runs"),
    path("print/<int:print_run_id>/", printing.see_print_run, name="see_print_run"),
    path("print/<int:print_run_id>/pdf/", printing.print_run_pdf, name="print_run_pdf"),
    path("templates/", templates.see_templates, name="see_templates"),
    path("templates/letterhead/", templates.change_letterhead, name="change_letterhead"),
    path("templates/<int:template_id>/", templates.edit_template, name="edit_template"),
    path("templates/<int:template_id>/preview/", templates.preview_template, name="preview_template"),
    path("templates/<int:template_id>/sending/", templates.change_sending, name="change_sending"),
    path("templates/<int:template_id>/versions/", templates.see_versions, name="see_versions"),
    path("schedule/", schedule.see_schedule, name="see_schedule"),
    path("schedule/<slug:scheduled>/", schedule.change_schedule, name="change_schedule"),
]
