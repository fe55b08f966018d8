"""What django-allauth asks of us: nobody signs up, secrets lie encrypted, a school account opens known people only."""

import time
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from attendance_mis import actions, known_browsers, mails, second_step
from attendance_mis.boxes import box
from attendance_mis.models import User

FRESH_SECONDS = 5 * 60  # for so long after signing in nobody is asked again before she changes her ways in
PURPOSE = "attendance_mis.second_step"
CLOSED = "This account is closed. Ask the technician of your school."


class AccountAdapter(DefaultAccountAdapter):
    """The front door."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """People are invited."""
        return False

    def login(self, request: Any, user: Any) -> None:
        """The last step of every way in."""
        super().login(request, user)
        actions.note_sign_in(request, user=user)

    def post_login(self, request: Any, user: Any, **kwargs: Any) -> HttpResponse:
        """The answer with which she is in."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        known_browsers.remember(request, response, user)
        return response

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponse:
        messages.error(request, CLOSED)
        return redirect("sign_in")

    def send_notification_mail(self, template_prefix: str, user: Any, *args: Any, **kwargs: Any) -> None:
        """A way in was added or taken away: told in our words, and never in the way of the page."""
        what = (
            template_prefix.rpartition("/")[2].replace("_", " ").replace("webauthn", "passkey").replace("totp", "app")
        )
        mails.send(
            user=user,
            subject="Your account for attendance was changed",
            body=f"Dear {user.name},\n\non your account was changed: {what}.\n\n"
            "If it was not you, choose a new password now and tell the technician of your school.\n",
        )

    def add_message(self, request: Any, level: int, message_template: str | None = None, *args: Any, **kw: Any) -> None:
        """That somebody is signed in is seen."""
        if message_template != "account/messages/logged_in.txt":
            super().add_message(request, level, message_template, *args, **kw)

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Who has just proved who she is is not asked again."""
        records = self.request.session.get(second_step.METHODS) or [{"at": 0}]
        is_fresh: bool = time.time() - records[-1]["at"] < FRESH_SECONDS
        return not is_fresh

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Password, code or passkey; who has none of them signs in again."""
        again = {"id": "sign_in", "description": "Sign in again", "url": reverse("sign_in")}
        return super().get_reauthentication_methods(user) or [again]


class SecondStepAdapter(DefaultMFAAdapter):
    """Passkeys and the codes of an app."""

    def encrypt(self, text: str) -> str:
        """With SECRET_KEY: who reads the database, or a backup of it, makes no codes."""
        return box(PURPOSE).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return box(PURPOSE).decrypt(encrypted_text.encode()).decode()

    def generate_authenticator_name(self, user: Any, type: Any) -> str:  # noqa: A002  allauth's name
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return f"Passkey {count + 1}" if count else "Passkey"

    def _get_site_name(self) -> str:
        return "Attendance"


class SchoolAccountAdapter(DefaultSocialAccountAdapter):
    """Google and Microsoft: an account of the school's own opens the pages of the person with its e-mail address."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """People are invited."""
        return False

    def pre_social_login(self, request: Any, sociallogin: SocialLogin) -> None:
        """Let in who is known and whose account is of the school, and nobody else.

        An e-mail address alone proves nothing: anybody makes an account that says so. So the provider must also say
        what only the school's own directory says (`must`: Google's `hd`, Microsoft's `tid`).
        """
        rules = sociallogin.provider.app.settings
        said = _said(sociallogin)
        if any(str(said.get(claim)) != wanted for claim, wanted in rules["must"].items()):
            raise _turned_away(request, "That is not an account of the school. Choose your school account.")
        if sociallogin.is_existing:
            return
        email = str(said.get("email") or "").strip().lower()
        user = User.objects.filter(email=email, is_active=True).first()
        if user is None or email.rpartition("@")[2] not in rules["domains"]:
            raise _turned_away(
                request, "Nobody was invited with this e-mail address. Ask the technician of your school to add you."
            )
        sociallogin.connect(request, user)
        actions.signing_in.record(user, "connect_account", f"Connected the school account at {rules['name']}.")

    def on_authentication_error(self, request: Any, provider: Any, *args: Any, **kwargs: Any) -> None:
        """Cancelled there, or something went wrong on the way: back to the door with a sentence."""
        raise _turned_away(
            request,
            "The school account did not answer as it should, or you cancelled. Try again, or use your password.",
        )


def _said(sociallogin: SocialLogin) -> dict[str, Any]:
    data = sociallogin.account.extra_data
    return {**(data.get("id_token") or {}), **(data.get("userinfo") or {})}


def _turned_away(request: HttpRequest, sentence: str) -> ImmediateHttpResponse:
    messages.error(request, sentence)
    return ImmediateHttpResponse(redirect("sign_in"))
