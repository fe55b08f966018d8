"""The front door. Each app brings its own urls; this file names the apps only as strings."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path, register_converter

from attendance_mis.converters import DayConverter, SessionConverter, UrnConverter
from attendance_mis.views import beginning, front, metrics, people, status

register_converter(UrnConverter, "urn")
register_converter(DayConverter, "day")
register_converter(SessionConverter, "session")

school_urls: list[URLPattern | URLResolver] = [
    path("", front.home, name="home"),
    path("people/", people.see_people, name="see_people"),
    path("people/add/", people.add_person, name="add_person"),
    path("people/<int:membership_id>/", people.edit_person, name="edit_person"),
    path("people/<int:membership_id>/end/", people.end_membership, name="end_membership"),
    path("people/<int:membership_id>/password/", people.set_password, name="set_password"),
    path("status/", status.see_status, name="see_status"),
    path("registers/", include("registers.urls")),
    path("casework/", include("casework.urls")),
    path("figures/", include("reports.urls")),
    path("letters/", include("letters.urls")),
    path("penalties/", include("penalties.urls")),
]

urlpatterns = [
    path("", front.front, name="front"),
    path("healthz", front.healthz, name="healthz"),
    path("metrics", metrics.see_metrics, name="metrics"),
    path("sign-in/", front.sign_in, name="sign_in"),
    path("sign-out/", front.sign_out, name="sign_out"),
    path("sign-out-everywhere/", front.sign_out_everywhere, name="sign_out_everywhere"),
    path("account/", front.account, name="account"),
    path("begin/<str:token>/", beginning.begin_school, name="begin_school"),
    path("s/<urn:urn>/", include(school_urls)),
    path("trust/<int:trust_id>/", include("reports.trust_urls")),
]

if settings.DEBUG:
    urlpatterns.append(path("design/", include("reports.design")))
