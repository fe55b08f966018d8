"""The addresses below /api/v1/."""

from django.urls import path

from registers.api import views
from registers.api.endpoints import ENDPOINTS

app_name = "api"
urlpatterns = [
    path("", views.see_interface, name="see_interface"),
    path("openapi.json", views.see_openapi, name="see_openapi"),
    *(path(endpoint.path, endpoint.view(), name=endpoint.name) for endpoint in ENDPOINTS),
    path("<path:rest>", views.nowhere, name="nowhere"),
]
