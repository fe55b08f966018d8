from django.urls import path

from penalties.views import family, watch

app_name = "penalties"

urlpatterns = [
    path("watch/", watch.see_watch, name="see_watch"),
    path("readings/", watch.see_readings, name="see_readings"),
    path("readings/choose/", watch.choose_readings, name="choose_readings"),
    path("pupils/<int:pupil_id>/", family.see_family, name="see_family"),
    path("pupils/<int:pupil_id>/evidence/add/", watch.add_evidence, name="add_evidence"),
    path("evidence/<int:evidence_id>/remove/", watch.remove_evidence, name="remove_evidence"),
]
