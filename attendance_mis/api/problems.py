"""How an interface says no: one shape for every status (RFC 9457, problem details)."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse, JsonResponse

CONTENT_TYPE = "application/problem+json"
TITLES = {
    400: "The request is not understood",
    401: "A token is needed",
    403: "The token does not open this",
    404: "There is no such address",
    405: "Only GET is answered",
    410: "The cursor is over",
    413: "The request is too large",
    422: "A parameter is not understood",
    429: "Asked too often",
    500: "A fault of ours",
    503: "Away for a moment",
}
# What to do where the answer was made by something that knows nothing of the interface.
DETAILS = {
    400: "Its address, host or headers are malformed, or it has too many parameters. Put it right, and ask again.",
    403: "It is not open to you. Ask the school for a token that has the scope.",
    404: "See /api/v1/openapi.json for what there is.",
    405: "This interface is for reading.",
    413: "Send no body: every parameter stands in the address.",
    429: "Ask again in a minute.",
}
PROBLEM = {
    "type": "object",
    "properties": {
        "type": {"type": "string", "const": "about:blank"},
        "title": {"type": "string", "enum": list(TITLES.values())},
        "status": {"type": "integer", "enum": list(TITLES)},
        "detail": {"type": "string", "description": "What to do."},
        "errors": {
            "type": "array",
            "description": "At 422: each parameter that is not understood.",
            "items": {
                "type": "object",
                "properties": {"parameter": {"type": "string"}, "detail": {"type": "string"}},
                "required": ["parameter", "detail"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["type", "title", "status", "detail"],
    "additionalProperties": False,
}


def problem(status: int, detail: str, headers: Mapping[str, str] | None = None, **more: Any) -> JsonResponse:
    """An answer of this status; `detail` says what to do."""
    return JsonResponse(
        {
            "type": "about:blank",
            "title": TITLES.get(status, TITLES[400 if status < 500 else 500]),
            "status": status,
            "detail": detail,
            **more,
        },
        status=status,
        content_type=CONTENT_TYPE,
        headers=dict(headers or {}),
    )


def told_as_problem(response: HttpResponse) -> HttpResponse:
    """The same refusal, with its headers, as the interface says it; nothing is changed of one that is so already."""
    status = response.status_code
    if status >= 400 and response.headers.get("Content-Type") != CONTENT_TYPE:
        told = problem(status, DETAILS.get(status, "Ask again in a minute; tell the school if it stays so."))
        response.content = told.content
        response.headers["Content-Type"] = CONTENT_TYPE
        response.headers["Content-Length"] = str(len(response.content))
        response.headers.setdefault("Cache-Control", "no-store, private")
    return response
