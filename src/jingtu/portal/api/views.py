"""The description of the API, for programs and for people."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from .routes import api


@lru_cache(maxsize=1)
def description() -> dict[str, Any]:
    """The OpenAPI 3.1 document; it does not depend on who asks."""
    return dict(api.get_openapi_schema())


@require_GET
def openapi(request: HttpRequest) -> JsonResponse:
    """The OpenAPI document."""
    return JsonResponse(description(), json_dumps_params={"ensure_ascii": False})


@require_GET
def docs(request: HttpRequest) -> HttpResponse:
    """Every operation with its parameters, by part, drawn from the OpenAPI document."""
    document = description()
    parts: dict[str, list[dict[str, Any]]] = {tag["name"]: [] for tag in document["tags"]}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            parts[operation["tags"][0]].append({"method": method.upper(), "path": path, **_plain(operation)})
    shown = [
        {"name": tag["name"], "title": part_title(tag["description"]), "operations": parts[tag["name"]]}
        for tag in document["tags"]
    ]
    return render(request, "api/docs.html", {"parts": shown})


def part_title(description: str) -> str:
    """The reader's half of a part's title; the document itself gives both languages."""
    zh, _, en = description.partition(" · ")
    return en.capitalize() if (get_language() or "").startswith("en") else zh


def _plain(operation: dict[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = operation.get("requestBody", {}).get("content", {})
    schema: dict[str, Any] = next((content["schema"] for content in body.values()), {})
    return {
        "id": operation["operationId"],
        "summary": operation["summary"],
        "description": operation.get("description", ""),
        "parameters": operation["parameters"],
        "body": next(iter(body), ""),
        "fields": _fields(schema),
        "statuses": [str(status) for status in operation["responses"] if status != "default"],
    }


def _fields(schema: dict[str, Any]) -> list[dict[str, Any]]:
    if "$ref" in schema:
        schema = description()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    required = schema.get("required", [])
    return [
        {"name": name, "required": name in required, "description": entry.get("description", "")}
        for name, entry in schema.get("properties", {}).items()
    ]
