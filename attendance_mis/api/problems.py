"""How an interface says no: one shape for every status (RFC 9457, problem details)."""

from collections.abc import Mapping
from typing import Any

from django.http import JsonResponse

TITLES = {
    401: "A token is needed",
    403: "The token does not open this",
    404: "There is no such address",
    405: "Only GET is answered",
    410: "The cursor is over",
    422: "A parameter is not understood",
    429: "Asked too often",
    500: "A fault of ours",
    503: "Away for a moment",
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
        {"type": "about:blank", "title": TITLES[status], "status": status, "detail": detail, **more},
        status=status,
        content_type="application/problem+json",
        headers=dict(headers or {}),
    )
