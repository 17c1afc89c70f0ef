"""The one door of the API: who may call, what every call is checked for, and its description."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation
from ninja.parser import Parser
from ninja.security import HttpBearer, SessionAuth

from jingtu.core.accounts.access import actor_of
from jingtu.core.accounts.actors import UserActor
from jingtu.core.accounts.middleware import by_token
from jingtu.core.accounts.models import User
from jingtu.core.kernel.characters import unprintable
from jingtu.core.kernel.errors import Conflict, NotFound, PermissionDenied
from jingtu.engine.problems import InvalidInput, Problem, refuse

from . import errors, idempotency
from .schemas import ProblemDocument

FORM_OVERHEAD = 64 * 1024  # boundaries and fields around an uploaded file
Run = Callable[..., HttpResponseBase]

DESCRIPTION = """\
Regions, definitions, facts, runs and their results, and the chain of responsibility, for programs.

A call acts with the rights its user has today; what the site hides from that user, the API hides too.
Lists are paged by cursor. Errors are problem documents (RFC 9457) in Chinese or English, as
`Accept-Language` asks. POST calls take an `Idempotency-Key`. Decimals are strings, so that nothing is
rounded on the way.
"""


class Token(HttpBearer):
    """A personal API token; the middleware has already found out whose it is."""

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        return request.user if by_token(request) and isinstance(request.user, User) else None


class Session(SessionAuth):
    """The cookie of a signed-in browser, with the CSRF token for whatever writes."""


class JingtuAPI(NinjaAPI):
    """The API with one way of refusing and a complete description."""

    def set_default_exception_handlers(self) -> None:
        # Each of the framework's own errors is named, because the nearest class decides.
        for known in (
            Exception,
            HttpError,
            AuthenticationError,
            ValidationError,
            InvalidInput,
            PermissionDenied,
            NotFound,
            Conflict,
        ):
            self.add_exception_handler(known, errors.from_exception)  # type: ignore[arg-type]

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """The framework's description, completed by what holds for every call."""
        schema = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        components = schema["components"]["schemas"]
        described = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
        components.update(described.pop("$defs", {}))
        components["ProblemDocument"] = described
        refused = {"$ref": "#/components/schemas/ProblemDocument"}
        for operations in schema["paths"].values():
            for method, operation in operations.items():
                operation["responses"]["default"] = {
                    "description": "Refused",
                    "content": {errors.CONTENT_TYPE: {"schema": refused}},
                }
                if method == "post":
                    operation["parameters"].append(dict(_KEY_PARAMETER))
        return schema


_KEY_PARAMETER: dict[str, Any] = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "description": "Repeat a call with the same key and it is done once; kept for 24 hours.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[!-~]+$"},
}


def checked(run: Run) -> Run:
    """What every operation is checked for before its own parameters: size, unknown names, characters, key."""
    operation: Operation = run.__self__  # type: ignore[attr-defined]
    known = {
        name
        for model in operation.models
        if model.__ninja_param_source__ == "query"
        for name in model.__ninja_flatten_map__
    }

    @wraps(run)
    def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        try:
            too_large = _too_large(request)
            if too_large is not None:
                return errors.answer(413, [too_large])
            _check_names(request, known)
            _check_characters({**request.GET.dict(), **kwargs})
            key = request.headers.get("Idempotency-Key")
            actor = actor_of(request)
            if request.method == "POST" and key is not None and isinstance(actor, UserActor):
                return idempotency.once(request, actor.user_id, key, lambda: run(request, **kwargs))
        except InvalidInput as error:
            return errors.invalid(request, error)
        return run(request, **kwargs)

    return guarded


def _too_large(request: HttpRequest) -> Problem | None:
    length = int(request.META.get("CONTENT_LENGTH") or 0)
    limit: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if request.content_type == "multipart/form-data":
        limit = settings.UPLOAD_LIMIT_BYTES + FORM_OVERHEAD
    return Problem("api.too_large", {"limit": limit}) if length > limit else None


def _check_names(request: HttpRequest, known: set[str]) -> None:
    unknown = sorted(set(request.GET) - known)
    if unknown:
        raise InvalidInput(
            [Problem("api.field_unknown", {"field": name[:80]}, column=name[:80]) for name in unknown]
        )


def _check_characters(values: Any, name: str = "") -> None:
    if isinstance(values, str):
        if unprintable(values):
            raise refuse("api.characters", column=name, field=name)
    elif isinstance(values, dict):
        for key, value in values.items():
            _check_characters(key, "")
            _check_characters(value, str(key)[:80])
    elif isinstance(values, list):
        for value in values:
            _check_characters(value, name)


class JsonParser(Parser):
    """Reads JSON; refuses characters that cannot be stored."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        content: dict[str, Any] = super().parse_body(request)
        _check_characters(content)
        return content
