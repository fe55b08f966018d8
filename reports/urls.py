from django.urls import path

from attendance_mis.replica import on_replica
from reports.views import (
    below,
    checks,
    clocks,
    dashboards,
    equity,
    explain,
    frozen,
    governor,
    made,
    notices,
    people,
    pupils,
    steps,
)

app_name = "reports"

urlpatterns = [
    path("", dashboards.see_dashboard, name="see_dashboard"),
    path("school/", on_replica(dashboards.see_school), name="see_school"),
    path("class/", on_replica(dashboards.see_class), name="see_class"),
    path("governors/", on_replica(dashboards.see_aggregates), name="see_aggregates"),
    path("governors/explain/<slug:figure>/", on_replica(dashboards.explain_aggregate), name="explain_aggregate"),
    path("governors/casework/", on_replica(equity.see_casework), name="see_casework"),
    path("governors/casework/explain/<slug:figure>/", on_replica(equity.explain_casework), name="explain_casework"),
    path("casework/explain/<slug:figure>/", on_replica(below.explain_impact), name="explain_impact"),
    # Opened from pages where it was written a moment ago: not from a copy that may be behind.
    path("casework/cases/<int:case_id>/explain/<slug:figure>/", frozen.explain_case, name="explain_case"),
    path(
        "casework/plans/<int:case_plan_id>/explain/<slug:figure>/",
        frozen.explain_plan,
        name="explain_plan",
    ),
    path("casework/steps/<int:standing_id>/explain/", steps.explain_step, name="explain_step"),
    path("casework/clocks/explain/", clocks.explain_clock, name="explain_clock"),
    path("penalties/explain/<slug:figure>/", on_replica(below.explain_penalties), name="explain_penalties"),
    path("penalties/money/explain/<slug:figure>/", on_replica(notices.explain_money), name="explain_money"),
    path(
        "penalties/notices/<int:notice_id>/explain/<slug:figure>/",
        on_replica(notices.explain_notice),
        name="explain_notice",
    ),
    path("groups/", on_replica(dashboards.see_groups), name="see_groups"),
    path("groups/export/<slug:kind>/", dashboards.export_groups, name="export_groups"),
    path("explain/<slug:figure>/", on_replica(explain.explain), name="explain"),
    path("pupils/", on_replica(pupils.see_pupils), name="see_pupils"),
    path("pupils/export/<slug:kind>/", pupils.export_pupils, name="export_pupils"),
    path("pupils/<int:pupil_id>/", on_replica(pupils.see_pupil), name="see_pupil"),
    # For people
    path("reports/", people.see_reports, name="see_reports"),
    path("reports/made/", made.see_made, name="see_made"),
    path("reports/made/<int:made_report_id>.pdf", made.made_report, name="made_report"),
    path("reports/made/<slug:made_kind>/switch/", made.switch_report, name="switch_report"),
    path("reports/classes/<int:class_group_id>/<day:day>/", people.class_list, name="class_list"),
    path("reports/classes/<int:class_group_id>/parents.pdf", people.parent_reports, name="parent_reports"),
    path("reports/pupils/<int:pupil_id>/parents.pdf", people.parent_report, name="parent_report"),
    path("reports/newsletter/<day:day>/", people.newsletter, name="newsletter"),
    path("reports/newsletter/<day:day>/explain/<slug:figure>/", people.explain_week, name="explain_week"),
    path("reports/certificates/", people.see_awards, name="see_awards"),
    path("reports/certificates.pdf", people.awards_pdf, name="awards_pdf"),
    path(
        "reports/census/<slug:season>/<int:year>/<slug:table>/<slug:kind>/",
        people.census_absence,
        name="census_absence",
    ),
    path("checks/", checks.see_checks, name="see_checks"),
    # Reports to governors
    path("governors/reports/", governor.see_governor_reports, name="see_governor_reports"),
    path("governors/reports/<int:governor_report_id>/", governor.see_governor_report, name="see_governor_report"),
    path("governors/reports/<int:governor_report_id>.pdf", governor.governor_report_pdf, name="governor_report_pdf"),
    path(
        "governors/reports/<int:governor_report_id>/explain/<slug:figure>/",
        governor.explain_governor_report,
        name="explain_governor_report",
    ),
    path(
        "governors/reports/<int:governor_report_id>/<slug:kind>/",
        governor.governor_report_file,
        name="governor_report_file",
    ),
]
