"""The door for partners: who shows a token reads what it opens, of its one school."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import wraps
from typing import Any

import structlog
from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from attendance_mis import tokens
from attendance_mis.actions.interfaces import note_use
from attendance_mis.api.fields import Field
from attendance_mis.api.problems import problem
from attendance_mis.models import School, Scope, Token
from attendance_mis.models.tokens import MINUTE
from attendance_mis.permissions import open_to
from attendance_mis.promises import promised
from attendance_mis.tenancy import acting_for

log = structlog.get_logger(__name__)
REALM = 'Bearer realm="attendance"'


@dataclass(frozen=True, slots=True)
class Page:
    """What an endpoint answers: rows, how to go on, and of which days they speak (for the record of uses)."""

    rows: list[dict[str, Any]]
    cursor: str | None = None
    has_more: bool = False
    days: tuple[date, date] | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """One request of a partner who got in: its token, its school, and its parameters, which are well-formed."""

    token: Token
    school: School
    values: dict[str, Any]


class NoParameters(forms.Form):
    """An endpoint that takes none."""


class BadParameter(Exception):
    """What one parameter asks is no use; `detail` says what to do instead."""

    def __init__(self, name: str, detail: str) -> None:
        super().__init__(detail)
        self.name, self.detail = name, detail


class CursorOver(Exception):
    """The cursor leads on from a place that is no longer there."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One address of the interface. `answer` makes the page; without `scope` every token opens it.

    `pages`: whether it may answer in pages, with a cursor."""

    name: str
    path: str
    title: str
    says: str
    fields: tuple[Field, ...]
    answer: Callable[[Asked], Page]
    scope: Scope | None = None
    form: type[forms.Form] = NoParameters
    pages: bool = False

    def view(self) -> Callable[..., HttpResponse]:
        """The view behind the door; it wants no session, and none that is there changes what happens."""

        @open_to("token")
        @csrf_exempt  # nothing is written, and nothing is done in the name of a cookie
        @login_not_required
        @wraps(self.answer)
        def view(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            return _answered(self, request)

        view.idle_minutes = math.inf  # type: ignore[attr-defined]
        view.is_poll = view.is_on_tablet = True  # type: ignore[attr-defined]
        return view


def _answered(endpoint: Endpoint, request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return _unknown("Send the header “Authorization: Bearer” with the token.", "")
    school = School.objects.filter(urn=tokens.urn_of(secret)).first()
    if school is None:
        return _unknown("The token is not known here.")
    with acting_for(school):
        token = Token.objects.in_use(now).filter(digest=tokens.digest(secret)).first()
        if token is None:
            return _unknown("The token is not known here, is revoked, or its last day is over.")
        token.school = school
        if not Token.objects.filter(pk=token.pk).take_turn(now, settings.API_REQUESTS_PER_MINUTE):
            return _too_often(token.pk, now)
        if endpoint.scope and endpoint.scope not in token.scopes:
            needs = f"It needs the scope “{endpoint.scope.value}”; ask the school for a token that has it."
            return problem(403, needs, {"WWW-Authenticate": f'{REALM}, error="insufficient_scope"'})
        if request.method not in ("GET", "HEAD"):
            return problem(405, "This interface is for reading.", {"Allow": "GET, HEAD"})
        return _page(endpoint, request, token, school, now)


def _page(endpoint: Endpoint, request: HttpRequest, token: Token, school: School, now: datetime) -> HttpResponse:
    form = endpoint.form(request.GET)
    names = [form.add_prefix(name) for name in form.fields]
    errors = [(name, "There is no such parameter here.") for name in request.GET if name not in names]
    errors += [(name, "Give it once.") for name in names if len(request.GET.getlist(name)) > 1]
    if not form.is_valid():
        errors += [(form.add_prefix(name), " ".join(map(str, texts))) for name, texts in form.errors.items()]
    if errors:
        return _not_understood(errors)
    try:
        page = endpoint.answer(Asked(token, school, form.cleaned_data))
    except BadParameter as bad:
        return _not_understood([(bad.name, bad.detail)])
    except CursorOver as over:
        return problem(410, str(over))
    first, last = page.days or (None, None)
    note_use(token=token, what=endpoint.name, rows=len(page.rows), first=first, last=last, at=now)
    log.info("partner_read", token=token.pk, school=school.urn, what=endpoint.name, rows=len(page.rows))
    return JsonResponse({"data": page.rows, "cursor": page.cursor, "more": page.has_more})


def _unknown(detail: str, error: str = ', error="invalid_token"') -> HttpResponse:
    return problem(401, detail, {"WWW-Authenticate": REALM + error})


def _too_often(token_id: int, now: datetime) -> HttpResponse:
    began = Token.objects.values_list("minute_began", flat=True).get(pk=token_id)
    wait = max(1, math.ceil((promised(began) + MINUTE - now).total_seconds()))
    detail = f"{settings.API_REQUESTS_PER_MINUTE} requests a minute are answered. Ask again in {wait} seconds."
    return problem(429, detail, {"Retry-After": str(wait)})


def _not_understood(errors: Iterable[tuple[str, str]]) -> HttpResponse:
    told = [{"parameter": name[:100], "detail": detail} for name, detail in errors]
    return problem(422, "Put right what “errors” names, and ask again.", errors=told)
