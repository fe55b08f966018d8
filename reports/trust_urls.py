from django.urls import path

from attendance_mis.replica import on_replica
from reports.views import trust

app_name = "trust"

urlpatterns = [
    path("", on_replica(trust.see_trust), name="see_trust"),
    path("explain/<slug:figure>/", on_replica(trust.explain_school), name="explain_school"),
]
