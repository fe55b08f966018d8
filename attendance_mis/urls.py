"""The front door. Each app brings its own urls; this file names the apps only as strings."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path, register_converter

from attendance_mis.converters import DayConverter, SessionConverter, UrnConverter
from attendance_mis.views import (
    account,
    beginning,
    front,
    interfaces,
    links,
    metrics,
    people,
    second_step,
    status,
    webhooks,
)

register_converter(UrnConverter, "urn")
register_converter(DayConverter, "day")
register_converter(SessionConverter, "session")

school_urls: list[URLPattern | URLResolver] = [
    path("registers/", include("registers.urls")),
    path("", front.home, name="home"),
    path("people/", people.see_people, name="see_people"),
    path("people/add/", people.add_person, name="add_person"),
    path("people/<int:membership_id>/", people.edit_person, name="edit_person"),
    path("people/<int:membership_id>/end/", people.end_membership, name="end_membership"),
    path("people/<int:membership_id>/invite/", people.invite, name="invite"),
    path("people/<int:membership_id>/second-step/", people.end_second_step, name="end_second_step"),
    path("status/", status.see_status, name="see_status"),
    path("interfaces/", interfaces.see_interfaces, name="see_interfaces"),
    path("interfaces/tokens/ask/", interfaces.ask_token, name="ask_token"),
    path("interfaces/tokens/<int:token_id>/", interfaces.see_token, name="see_token"),
    path("interfaces/tokens/<int:token_id>/open/", interfaces.open_token, name="open_token"),
    path("interfaces/tokens/<int:token_id>/revoke/", interfaces.revoke_token, name="revoke_token"),
    path("interfaces/webhooks/add/", webhooks.add_webhook, name="add_webhook"),
    path("interfaces/webhooks/<int:webhook_id>/", webhooks.see_webhook, name="see_webhook"),
    path("interfaces/webhooks/<int:webhook_id>/test/", webhooks.test_webhook, name="test_webhook"),
    path("interfaces/webhooks/<int:webhook_id>/resume/", webhooks.resume_webhook, name="resume_webhook"),
    path("interfaces/webhooks/<int:webhook_id>/end/", webhooks.end_webhook, name="end_webhook"),
    path("calendar/", include("casework.calendar_urls")),
    path("casework/", include("casework.urls")),
    path("figures/", include("reports.urls")),
    path("letters/", include("letters.urls")),
    path("penalties/", include("penalties.urls")),
]

# By the names that django-allauth asks for.
ways_in: list[URLPattern | URLResolver] = [
    path("sign-in/", front.sign_in, name="account_login"),
    path("sign-in/second-step/", second_step.authenticate, name="mfa_authenticate"),
    path("sign-in/passkey/", second_step.sign_in_with_passkey, name="mfa_login_webauthn"),
    path("sign-in/<slug:provider_id>/", second_step.lead_to_account, name="openid_connect_login"),
    path("sign-in/<slug:provider_id>/back/", second_step.come_from_account, name="openid_connect_callback"),
    path("account/confirm/", second_step.confirm_password, name="account_reauthenticate"),
    path("account/confirm/code/", second_step.confirm_code, name="mfa_reauthenticate"),
    path("account/confirm/passkey/", second_step.confirm_passkey, name="mfa_reauthenticate_webauthn"),
    path("account/second-step/", second_step.see_ways, name="mfa_index"),
    path("account/second-step/", second_step.see_ways, name="mfa_list_webauthn"),
    path("account/second-step/app/", second_step.add_app, name="mfa_activate_totp"),
    path("account/second-step/app/remove/", second_step.remove_app, name="mfa_deactivate_totp"),
    path("account/second-step/passkey/", second_step.add_passkey, name="mfa_add_webauthn"),
    path("account/second-step/passkey/<int:pk>/remove/", second_step.remove_passkey, name="mfa_remove_webauthn"),
    path("account/second-step/codes/", second_step.see_codes, name="mfa_view_recovery_codes"),
    path("account/second-step/codes/new/", second_step.make_codes, name="mfa_generate_recovery_codes"),
    path("account/second-step/codes/file/", second_step.download_codes, name="mfa_download_recovery_codes"),
]

handler500 = front.failed

urlpatterns = [
    path("s/<urn:urn>/", include(school_urls)),  # first, as the registers below it are: asked by every class at nine
    path("", front.front, name="front"),
    path("healthz", front.healthz, name="healthz"),
    path("metrics", metrics.see_metrics, name="metrics"),
    path("sign-in/", front.sign_in, name="sign_in"),
    path("sign-in/forgotten/", links.recover, name="recover"),
    path("invitation/<str:link>/", links.invitation, name="invitation"),
    path("recovery/<str:link>/", links.recovery, name="recovery"),
    path("sign-out/", front.sign_out, name="sign_out"),
    path("sign-out-everywhere/", account.sign_out_everywhere, name="sign_out_everywhere"),
    path("account/", account.account, name="account"),
    path("begin/<str:token>/", beginning.begin_school, name="begin_school"),
    path("account/still-here/", account.still_here, name="still_here"),
    path("account/end-session/", account.end_place, name="end_place"),
    path("account/school-account/<int:account_id>/", account.disconnect_school_account, name="disconnect_account"),
    *ways_in,
    path("feed/", include("casework.feed_urls")),
    path("trust/<int:trust_id>/", include("reports.trust_urls")),
    path("api/v1/", include("registers.api.urls")),
]

if settings.DEBUG:
    urlpatterns.append(path("design/", include("reports.design")))
