"""The pages of the second step and of school accounts: django-allauth's views, behind our guards and in our look."""

from allauth.account.views import ReauthenticateView
from allauth.mfa.base.views import AuthenticateView, IndexView
from allauth.mfa.base.views import ReauthenticateView as CodeAgainView
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as app
from allauth.mfa.webauthn import views as passkeys
from allauth.socialaccount.providers.openid_connect import views as accounts
from csp.decorators import csp_update
from django.views.decorators.cache import never_cache

from attendance_mis.permissions import open_to
from attendance_mis.views.front import LEADS_TO_ACCOUNTS

# On the way in
authenticate = open_to("anyone")(AuthenticateView.as_view())
sign_in_with_passkey = open_to("anyone")(passkeys.LoginWebAuthnView.as_view())
lead_to_account = open_to("anyone")(csp_update(LEADS_TO_ACCOUNTS)(accounts.login))  # type: ignore[arg-type]
come_from_account = open_to("anyone")(accounts.callback)

# Once more, before ways in change or a school is entered
confirm_password = open_to("signed in")(never_cache(ReauthenticateView.as_view()))
confirm_code = open_to("signed in")(never_cache(CodeAgainView.as_view()))
confirm_passkey = open_to("signed in")(never_cache(passkeys.ReauthenticateWebAuthnView.as_view()))

# One's own
see_ways = open_to("signed in")(never_cache(IndexView.as_view()))
add_app = open_to("signed in")(never_cache(app.ActivateTOTPView.as_view()))
remove_app = open_to("signed in")(never_cache(app.DeactivateTOTPView.as_view()))
add_passkey = open_to("signed in")(never_cache(passkeys.AddWebAuthnView.as_view()))
remove_passkey = open_to("signed in")(never_cache(passkeys.RemoveWebAuthnView.as_view()))
see_codes = open_to("signed in")(codes.ViewRecoveryCodesView.as_view())
make_codes = open_to("signed in")(never_cache(codes.GenerateRecoveryCodesView.as_view()))
download_codes = open_to("signed in")(codes.DownloadRecoveryCodesView.as_view())
