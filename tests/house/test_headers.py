"""What the browser is told with a page: what it may run, load, frame and tell others."""

import re
from typing import Any

import pytest
from django.http import HttpResponse
from django.middleware.security import SecurityMiddleware
from django.test import Client, RequestFactory

from attendance_mis.permissions import Role
from attendance_mis.views.front import LEADS_TO_ACCOUNTS
from tests.conftest import Cast
from tests.house.test_settings import PRODUCTION, Load, load

__all__ = ["load"]  # the fixture


def test_a_page_carries_every_header(cast: Cast, clock: object) -> None:
    headers = cast.client(Role.TECHNICIAN).get(cast.url("status/")).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert policy["default-src"] == policy["form-action"] == "'self'"
    assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


EVERYWHERE = {
    "Content-Security-Policy": "default-src 'self'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
KEPT_NOWHERE = {"Cache-Control": "no-store"}


@pytest.mark.parametrize(
    ("role", "path", "status", "headers"),
    [
        (None, "/sign-in/", 200, EVERYWHERE | KEPT_NOWHERE),
        (None, "/sign-in/forgotten/", 200, EVERYWHERE | KEPT_NOWHERE),
        (None, "/nothing/", 404, EVERYWHERE),
        (Role.HEAD, "/account/", 200, EVERYWHERE | KEPT_NOWHERE),
        (Role.HEAD, "pupils", 200, EVERYWHERE | KEPT_NOWHERE),
        (Role.HEAD, "pupil", 200, EVERYWHERE | KEPT_NOWHERE),
        (Role.HEAD, "figures", 200, EVERYWHERE | KEPT_NOWHERE),
        (Role.HEAD, "file", 200, EVERYWHERE | KEPT_NOWHERE),
        (Role.HEAD, "people", 403, EVERYWHERE | KEPT_NOWHERE),
        (Role.HEAD, "elsewhere", 404, EVERYWHERE | KEPT_NOWHERE),
        (Role.TECHNICIAN, "people", 200, EVERYWHERE | KEPT_NOWHERE),
    ],
)
def test_every_kind_of_answer_is_graded(
    cast: Cast, clock: object, role: str | None, path: str, status: int, headers: dict[str, str]
) -> None:
    """The table that securityheaders.com or the Observatory would make, by kind of answer."""
    pupil = f"registers/pupils/{cast.pupils[0].pk}/"
    paths = {
        "pupils": cast.url("registers/pupils/"),
        "pupil": cast.url(pupil),
        "file": cast.url(f"registers/classes/{cast.own_class.pk}/?file=pupils.csv"),
        "figures": cast.url("figures/school/"),
        "people": cast.url("people/"),
        "elsewhere": f"/s/{cast.other_school.urn}/registers/pupils/",
    }
    client = cast.client(role) if role else Client()
    answer = client.get(paths.get(path, path))
    assert answer.status_code == status
    lacking = {name: answer.headers.get(name) for name, part in headers.items() if part not in answer.get(name, "")}
    assert lacking == {}
    assert "Server" not in answer.headers


def test_there_is_no_admin(settings: Any) -> None:
    """Nothing reads or writes a table as it is: each verb has its page, its permission and its audit row."""
    assert not [app for app in settings.INSTALLED_APPS if "admin" in app]
    assert Client().get("/admin/").status_code == 404


def test_a_page_has_no_script_or_style_of_its_own(cast: Cast, clock: object) -> None:
    page = cast.client(Role.TECHNICIAN).get(cast.url("status/")).content.decode()
    assert re.findall(r"<script(?![^>]*\b(?:src|nonce)=)|<style(?![^>]*\bnonce=)|\sstyle=|\son[a-z]+=", page) == []


def test_cookies_are_for_the_server_alone(cast: Cast, settings: Any, clock: object) -> None:
    client, person = Client(), cast.people[Role.TECHNICIAN]
    person.set_password("kingfisher-by-nine")
    person.save()
    client.get("/sign-in/")
    assert client.post("/sign-in/", {"email": person.email, "password": "kingfisher-by-nine"}).status_code == 302
    for name in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME):
        assert client.cookies[name]["httponly"]
        assert client.cookies[name]["samesite"] == "Lax"


def test_a_form_without_its_token_is_refused(cast: Cast, clock: object) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.people[Role.TECHNICIAN])
    assert client.post(cast.url("people/add/"), {"name": "A Forger"}).status_code == 403


def test_production_speaks_https_only(load: Load, settings: Any, rf: RequestFactory) -> None:
    for name, value in load(**PRODUCTION).items():
        if name.startswith("SECURE_"):
            setattr(settings, name, value)
    settings.ALLOWED_HOSTS = ["testserver"]
    middleware = SecurityMiddleware(lambda _: HttpResponse())
    assert middleware(rf.get("/sign-in/")).headers["Location"] == "https://testserver/sign-in/"
    says = middleware(rf.get("/sign-in/", secure=True)).headers["Strict-Transport-Security"]
    assert says == "max-age=31536000; includeSubDomains; preload"


@pytest.mark.parametrize("name", ["SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE"])
def test_production_cookies_travel_by_https(load: Load, name: str) -> None:
    assert load(**PRODUCTION)[name] is True


def test_the_sign_in_page_may_lead_to_school_accounts(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LEADS_TO_ACCOUNTS, "form-action", ["https://accounts.example"])
    assert "form-action 'self' https://accounts.example" in client.get("/sign-in/").headers["Content-Security-Policy"]
    assert "accounts.example" not in client.get("/account/").headers["Content-Security-Policy"]
