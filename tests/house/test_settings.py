"""Settings come from the environment; production takes nothing for granted."""

import re
import sys
from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import environ
import pytest
from django.conf import settings as configured
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.http import HttpResponse
from django.test import Client, RequestFactory

from attendance_mis.middleware import ProxyMiddleware

ROOT = Path(configured.BASE_DIR)
PRODUCTION = {
    "SECRET_KEY": "long and random",
    "ALLOWED_HOSTS": "attendance.example, www.attendance.example",
    "DATABASE_URL": "postgres://attendance@db.example/attendance",
}
Load = Callable[..., dict[str, Any]]


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Load:
    """The settings that an environment of nothing but these variables makes."""

    def load(**environment: str) -> dict[str, Any]:
        for name in _variables_read():
            monkeypatch.delenv(name, raising=False)
        for name, value in {"VAR_DIR": str(tmp_path), **environment}.items():
            monkeypatch.setenv(name, value)
        spec = spec_from_file_location("settings_of_this_environment", ROOT / "attendance_mis" / "settings.py")
        assert spec
        assert spec.loader
        settings = module_from_spec(spec)
        spec.loader.exec_module(settings)
        return vars(settings)

    monkeypatch.setattr(environ.Env, "read_env", lambda *_: None)
    return load


def _variables_read() -> set[str]:
    """Every environment variable that the settings or the web server read."""
    settings = (ROOT / "attendance_mis" / "settings.py").read_text()
    server = (ROOT / "gunicorn.conf.py").read_text()
    return set(re.findall(r'(?:env\.\w+|_required)\(\s*"([A-Z_]+)"', settings)) | set(
        re.findall(r'environ\.get\("([A-Z_]+)"', server)
    )


@pytest.mark.parametrize("missing", PRODUCTION)
def test_production_says_what_is_missing(load: Load, missing: str) -> None:
    given = {name: value for name, value in PRODUCTION.items() if name != missing}
    with pytest.raises(ImproperlyConfigured, match=rf"^Set {missing}, for example {missing}="):
        load(**given)


def test_a_command_needs_a_database_only(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["manage.py", "import_school"])
    one, other = (load(DATABASE_URL=PRODUCTION["DATABASE_URL"]) for _ in range(2))
    assert one["SECRET_KEY"] != other["SECRET_KEY"]
    assert one["ALLOWED_HOSTS"] == []
    with pytest.raises(ImproperlyConfigured, match=r"^Set DATABASE_URL"):
        load()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"ATTENDANCE_MIS_ENV": "staging"}, "Set ATTENDANCE_MIS_ENV to production or development"),
        ({"DEBUG": "1"}, "Unset DEBUG"),
        ({"SECRET_KEY": "development-only-key"}, "known to everybody"),
        ({"DATABASE_URL": "sqlite:///db.sqlite3"}, "PostgreSQL"),
    ],
)
def test_production_refuses(load: Load, given: dict[str, str], sentence: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=sentence):
        load(**{**PRODUCTION, **given})


def test_production_is_the_default_and_is_safe(load: Load) -> None:
    settings = load(**PRODUCTION)
    assert settings["DEBUG"] is False
    assert settings["ALLOWED_HOSTS"] == ["attendance.example", "www.attendance.example"]
    assert (
        settings["SESSION_COOKIE_SECURE"] is settings["CSRF_COOKIE_SECURE"] is settings["SECURE_SSL_REDIRECT"] is True
    )
    assert settings["SECURE_HSTS_SECONDS"] >= 365 * 24 * 60 * 60
    assert "SECURE_PROXY_SSL_HEADER" not in settings
    assert "Manifest" in settings["STORAGES"]["staticfiles"]["BACKEND"]


def test_a_proxy_is_believed_only_when_named(load: Load) -> None:
    settings = load(**PRODUCTION, BEHIND_PROXY="1")
    assert "SECURE_PROXY_SSL_HEADER" in settings
    assert settings["MIDDLEWARE"][0] == "attendance_mis.middleware.ProxyMiddleware"


def test_the_machine_that_asks_is_the_one_the_proxy_names(rf: RequestFactory) -> None:
    request = rf.get("/", headers={"X-Forwarded-For": "1.1.1.1, 192.0.2.7"}, REMOTE_ADDR="127.0.0.1")
    ProxyMiddleware(lambda _: HttpResponse())(request)
    assert request.META["REMOTE_ADDR"] == "192.0.2.7"


def test_development_needs_nothing(load: Load) -> None:
    settings = load(ATTENDANCE_MIS_ENV="development")
    assert settings["DEBUG"] is False
    assert settings["CELERY_BROKER_URL"] == "filesystem://localhost"
    assert "host" in settings["DATABASES"]["default"]["OPTIONS"]


def test_a_connection_is_kept_and_looked_at_before_each_request(load: Load) -> None:
    database = load(**PRODUCTION)["DATABASES"]["default"]
    assert (database["CONN_MAX_AGE"], database["CONN_HEALTH_CHECKS"]) == (600, True)


def test_behind_a_pooler_nothing_stays_on_a_connection(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    """Web and worker; a command goes to the database itself, as if there were no pooler."""
    direct = load(**PRODUCTION)["DATABASES"]["default"]
    addresses = {
        "DATABASE_URL": "postgres://attendance@pooler.example/attendance",
        "DIRECT_URL": PRODUCTION["DATABASE_URL"],
    }
    pooled = load(**{**PRODUCTION, **addresses})["DATABASES"]["default"]
    assert (pooled["HOST"], pooled["DISABLE_SERVER_SIDE_CURSORS"]) == ("pooler.example", True)
    assert pooled["OPTIONS"]["prepare_threshold"] is None
    assert "options" not in pooled["OPTIONS"]
    monkeypatch.setattr(sys, "argv", ["manage.py", "backup"])
    assert load(**{**PRODUCTION, **addresses})["DATABASES"]["default"] == direct


def test_the_example_names_every_variable() -> None:
    named = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    own = {"DEBUG", "GUNICORN_PID", "SECURE_SSL_REDIRECT"}  # a developer's, the web server's, a test's
    assert named == _variables_read() - own


def test_every_static_file_resolves(settings: Any, tmp_path: Path) -> None:
    """The production storage fails on a style sheet that names a file which is not there."""
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {
            "BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
        },  # uncompressed: quick
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    assert (tmp_path / "staticfiles.json").exists()


@pytest.mark.django_db
def test_healthz_answers_without_login(client: Client) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok")


@pytest.mark.django_db
def test_the_browser_may_run_our_own_files_only(client: Client) -> None:
    policy = client.get("/healthz").headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    for directive in (
        "default-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
    ):
        assert directive in policy
