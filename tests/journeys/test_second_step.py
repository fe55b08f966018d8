"""Passkeys and school accounts in a real browser, under the pages' own Content-Security-Policy."""

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.conf import settings as configured
from playwright.sync_api import Page, expect

from attendance_mis.models import School
from attendance_mis.permissions import Role
from tests.attendance_mis import openid_server
from tests.journeys.browser import assert_accessible, assert_fits, screenshot

PASSWORD = "a long walk to school"


@pytest.fixture
def head(cast):
    School.objects.filter(pk=cast.school.pk).update(second_step=School.SecondStep.WHOLE_SCHOOL)
    head = cast.people[Role.HEAD]
    head.set_password(PASSWORD)
    head.save()
    return head


def device(page: Page) -> None:
    """A device with a finger on it, as far as Chromium knows."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    facts = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {"options": {**facts, "isUserVerified": True, "automaticPresenceSimulation": True}},
    )


def looked_at(page: Page, name: str) -> None:
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 900})
        screenshot(page, f"{name}-{width}")
        assert_fits(page)
        assert_accessible(page)


def sign_in(page: Page, email: str) -> None:
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_a_head_sets_up_a_passkey_and_needs_no_password_any_more(cast, head, open_page) -> None:
    page = open_page(cast.url("registers/pupils/"))
    device(page)
    looked_at(page, "sign-in")
    sign_in(page, head.email)
    expect(page.get_by_text("Your school asks for a second step")).to_be_visible()
    looked_at(page, "second-step-asked")
    page.get_by_role("button", name="Add a passkey").click()
    looked_at(page, "second-step-passkey")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    looked_at(page, "second-step-codes")
    page.get_by_role("button", name="I have them. Go on").click()
    expect(page).to_have_url(cast.url("registers/pupils/"))
    page.goto("/account/second-step/")
    looked_at(page, "second-step")
    page.goto("/account/")
    looked_at(page, "account")
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page).to_have_url(f"/s/{cast.school.urn}/casework/")

    page.get_by_role("button", name="Sign out", exact=True).click()
    sign_in(page, head.email)
    expect(page.get_by_role("heading", name="Second step")).to_be_visible()
    looked_at(page, "second-step-on-the-way-in")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("link", name=head.name)).to_be_visible()


def set_up_app(page: Page) -> None:
    """From the page that asks for a second step to where the person was going."""
    page.get_by_role("button", name="Set up an app").click()
    show_code(page)


def show_code(page: Page) -> None:
    """What the app would show, and on past the recovery codes."""
    secret = page.locator("details code").text_content()
    counter = list(yield_hotp_counters_from_time())[1]
    page.get_by_label("Code").fill(format_hotp_value(hotp_value(secret, counter)))
    page.get_by_role("button", name="Set up this app").click()
    page.get_by_role("button", name="I have them. Go on").click()


def test_an_app_is_set_up_and_leads_on(cast, head, open_page) -> None:
    page = open_page(cast.url("registers/pupils/"))
    sign_in(page, head.email)
    page.get_by_role("button", name="Set up an app").click()
    looked_at(page, "second-step-app")
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Set up this app").click()
    expect(page.get_by_role("alert")).to_contain_text("Incorrect code")
    show_code(page)
    expect(page).to_have_url(cast.url("registers/pupils/"))


def test_a_school_account_leads_away_and_back(cast, open_page, settings) -> None:
    head = cast.people[Role.HEAD]
    head.email = "ewa@school.example"
    head.save()
    with openid_server.running() as provider:
        for name, value in openid_server.settings_of(provider).items():
            setattr(settings, name, value)
        provider.claims = {"sub": "1", "email": head.email, "hd": "school.example"}
        configured.OIDC_ORIGINS.append(provider.issuer)  # the list that the page's policy holds
        try:
            page = open_page("/account/")
            looked_at(page, "sign-in-school-account")
            page.get_by_role("button", name="Sign in with Google").click()
            expect(page).to_have_url("/account/")
        finally:
            configured.OIDC_ORIGINS.remove(provider.issuer)
    expect(page.get_by_role("link", name=head.name)).to_be_visible()
    expect(page.get_by_text("Google, since")).to_be_visible()
