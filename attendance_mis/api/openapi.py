"""The OpenAPI document of an interface, made from its endpoints: what is declared is what is checked and answered."""

from collections.abc import Iterable
from typing import Any

from django import forms

from attendance_mis.api.door import Endpoint
from attendance_mis.api.fields import DAY, MOMENT, Schema, row_schema
from attendance_mis.api.problems import CONTENT_TYPE, PROBLEM, TITLES

VERSION = "1.0.0"
JSON = "application/json"


def document(endpoints: Iterable[Endpoint], *, title: str, says: str, base: str) -> dict[str, Any]:
    """An OpenAPI 3.1 document of these endpoints below the address `base`."""
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": VERSION, "description": says},
        "servers": [{"url": base.rstrip("/")}],
        "security": [{"token": []}],
        "paths": {f"/{endpoint.path}": {"get": _operation(endpoint)} for endpoint in endpoints},
        "components": {
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "The secret that the school handed over."}
            },
            "schemas": {"Problem": PROBLEM},
        },
    }


def answer_schema(endpoint: Endpoint) -> Schema:
    """The JSON Schema of an endpoint's answer."""
    return {
        "type": "object",
        "properties": {
            "data": {"type": "array", "items": row_schema(endpoint.fields)},
            "cursor": {"type": ["string", "null"], "description": "Where to go on, now or later, if one may."},
            "more": {"type": "boolean", "description": "Whether there is more to read at once."},
        },
        "required": ["data", "cursor", "more"],
        "additionalProperties": False,
    }


def parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    """The parameters of an endpoint, from the fields of its form."""
    form = endpoint.form()
    return [
        {
            "name": form.add_prefix(name),
            "in": "query",
            "required": field.required,
            "description": str(field.help_text),
            "schema": _schema(field),
        }
        for name, field in form.fields.items()
    ]


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    refused = [400, 401, 403, 405, 410, 422, 429, 500, 503]
    return {
        "operationId": endpoint.name,
        "summary": endpoint.title,
        "description": endpoint.says + (f" Scope: {endpoint.scope.value}." if endpoint.scope else ""),
        "parameters": parameters(endpoint),
        "responses": {
            "200": {"description": "What was asked for", "content": {JSON: {"schema": answer_schema(endpoint)}}},
            **{str(status): _refusal(status) for status in refused},
        },
    }


def _refusal(status: int) -> dict[str, Any]:
    headers = {401: "WWW-Authenticate", 429: "Retry-After", 503: "Retry-After"}
    told: dict[str, Any] = {
        "description": TITLES[status],
        "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if status in headers:
        told["headers"] = {headers[status]: {"schema": {"type": "string"}}}
    return told


def _schema(field: forms.Field) -> Schema:
    match field:
        case forms.IntegerField():
            return {"type": "integer", "minimum": field.min_value, "maximum": field.max_value, "default": field.initial}
        case forms.DateTimeField():
            return MOMENT
        case forms.DateField():
            return DAY
        case forms.ChoiceField():
            return {"type": "string", "enum": [value for value, _ in field.widget.choices]}
        case forms.CharField():
            return {"type": "string", "maxLength": field.max_length}
    raise TypeError(f"No schema is written for {type(field).__name__}.")
