from django.urls import path

from reports.views import trust

app_name = "trust"

urlpatterns = [
    path("", trust.see_trust, name="see_trust"),
    path("export/<slug:kind>/", trust.export_trust, name="export_trust"),
]
