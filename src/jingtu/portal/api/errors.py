"""Every refusal as a problem document (RFC 9457) in the caller's language."""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from ninja.errors import AuthenticationError, HttpError, ValidationError

from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from jingtu.core.ui.middleware import interface_language
from jingtu.engine.problems import Problem, register_texts

register_texts(
    {
        "api.signed_out": (
            "请先登录，或在 Authorization 头中给出有效的接口令牌。",
            "Sign in, or send a valid API token in the Authorization header.",
        ),
        "api.password_first": (
            "您正在使用临时密码，请先在网页上设置自己的密码。",
            "You are using a temporary password; choose your own on the site first.",
        ),
        "api.csrf": (
            "以登录会话调用时，须在 X-CSRFToken 头中给出 CSRF 令牌。",
            "A call with a session cookie must send the CSRF token in the X-CSRFToken header.",
        ),
        "api.nothing_here": ("没有这个地址。", "There is nothing at this address."),
        "api.method": ("这个地址不接受 {method} 方法。", "This address does not take the method {method}."),
        "api.unreadable": (
            "请求内容无法读取：不是有效的 JSON 或表单。",
            "The content is neither valid JSON nor a form.",
        ),
        "api.too_large": (
            "请求内容过大，最多 {limit} 字节。",
            "The content is too large; at most {limit} bytes.",
        ),
        "api.too_many": (
            "请求过于频繁，请在 {seconds} 秒后重试。",
            "Too many requests; try again in {seconds} seconds.",
        ),
        "api.refused": ("请求被拒绝。", "The request was refused."),
        "api.broken": (
            "服务出错，未改动任何数据。错误编号 {reference}，请告知系统管理员。",
            "Something went wrong on our side. Reference {reference}; tell the administrator.",
        ),
        "api.field_missing": ("缺少必填项“{field}”。", 'The field "{field}" is missing.'),
        "api.field_unknown": ("没有“{field}”这一项。", 'There is no field "{field}" here.'),
        "api.field_number": ("“{field}”应为数字。", '"{field}" must be a number.'),
        "api.field_text": ("“{field}”应为文字。", '"{field}" must be text.'),
        "api.field_date": (
            "“{field}”应为日期，如 2026-10-01。",
            '"{field}" must be a date such as 2026-10-01.',
        ),
        "api.field_truth": ("“{field}”应为 true 或 false。", '"{field}" must be true or false.'),
        "api.field_choice": ("“{field}”只能取：{allowed}。", '"{field}" must be one of: {allowed}.'),
        "api.field_limit": (
            "“{field}”超出允许范围（{limit}）。",
            '"{field}" is outside its limits ({limit}).',
        ),
        "api.field_bad": ("“{field}”的内容不符合要求。", '"{field}" is not as it should be.'),
        "api.characters": (
            "“{field}”含有不允许的控制字符。",
            '"{field}" holds characters that are not allowed.',
        ),
        "api.cursor": (
            "翻页游标无效，请从第一页重新开始。",
            "The cursor is not valid here; start from the first page.",
        ),
        "api.key_bad": (
            "Idempotency-Key 须为 1—128 个可见的 ASCII 字符。",
            "Idempotency-Key must be 1 to 128 visible ASCII characters.",
        ),
        "api.key_reused": (
            "该 Idempotency-Key 已用于另一个请求，请换一个。",
            "This Idempotency-Key was used for another request; take a new one.",
        ),
    }
)

TITLES: Mapping[int, tuple[str, str]] = {
    400: ("请求无法读取", "Bad request"),
    401: ("需要登录", "Sign-in required"),
    403: ("没有权限", "Not permitted"),
    404: ("没有找到", "Not found"),
    405: ("方法不适用", "Method not allowed"),
    409: ("状态冲突", "Conflict"),
    413: ("内容过大", "Content too large"),
    422: ("内容有误", "Invalid input"),
    429: ("请求过于频繁", "Too many requests"),
    500: ("服务出错", "Internal error"),
}
CONTENT_TYPE = "application/problem+json"
_CODES = {
    "missing": "api.field_missing",
    "extra_forbidden": "api.field_unknown",
    "literal_error": "api.field_choice",
    "enum": "api.field_choice",
}
_KINDS = (
    ("int", "api.field_number"),
    ("float", "api.field_number"),
    ("decimal", "api.field_number"),
    ("string_type", "api.field_text"),
    ("date", "api.field_date"),
    ("bool", "api.field_truth"),
)
_LIMITS = ("ge", "gt", "le", "lt", "max_length", "min_length", "pattern")

_log = logging.getLogger(__name__)


def answer(status: int, problems: Sequence[Problem], **extra: Any) -> HttpResponse:
    """A problem document with one entry in ``errors`` for everything found wrong.

    The first problem's code names the type; ``extra`` are extension members.
    """
    return document(status, problems[0].code, [entry(problem) for problem in problems], **extra)


def document(status: int, code: str, errors: Sequence[Mapping[str, Any]], **extra: Any) -> HttpResponse:
    """A problem document from entries that are already in the caller's language."""
    language = interface_language()
    titles = TITLES.get(status) or TITLES[400 if status < 500 else 500]
    content = {
        "type": f"urn:jingtu:problem:{code}",
        "title": titles[0 if language == "zh" else 1],
        "status": status,
        "detail": str(errors[0]["message"]),
        "errors": list(errors),
        **extra,
    }
    return HttpResponse(json.dumps(content, ensure_ascii=False), status=status, content_type=CONTENT_TYPE)


def entry(problem: Problem, pointer: str | None = None) -> dict[str, Any]:
    """One thing wrong: its code, sentence and place (row and column of a file, or pointer into the JSON)."""
    return {
        "pointer": pointer,
        "row": problem.row,
        "column": problem.column,
        "code": problem.code,
        "message": problem.text(interface_language()),
    }


def invalid(request: HttpRequest, error: InvalidInput) -> HttpResponse:
    """422; what a service says of a column of a JSON body points at the field of that name."""
    as_json = request.method != "GET" and request.content_type == "application/json"
    entries = [
        entry(problem, f"/{problem.column}" if as_json and problem.column and problem.row is None else None)
        for problem in error.problems
    ]
    return document(422, error.problems[0].code, entries)


@contextmanager
def named_here(**names: str) -> Iterator[None]:
    """Point at the API's own field where a service names a column otherwise: ``reason="text"``."""
    try:
        yield
    except InvalidInput as error:
        raise InvalidInput(
            [problem.at(column=names.get(problem.column or "", problem.column)) for problem in error.problems]
        ) from error


def unreadable_fields(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """422 for a body or query that does not have the described shape, with a pointer to every field."""
    found = [_field_entry(detail) for detail in error.errors]
    return document(422, str(found[0]["code"]), found)


def _field_entry(detail: Mapping[str, Any]) -> dict[str, Any]:
    source, *place = [str(step) for step in detail["loc"]]
    if source in {"body", "form", "file"} and len(place) > 1 and source == "body":
        place = place[1:]  # the first step is the name that the code gives to the whole body
    field = place[-1] if place else source
    kind = str(detail["type"])
    context = detail.get("ctx") or {}
    code = _CODES.get(kind) or next((code for start, code in _KINDS if kind.startswith(start)), "")
    params: dict[str, object] = {"field": field}
    limits = [f"{name} {context[name]}" for name in _LIMITS if name in context]
    if code == "api.field_choice":
        params["allowed"] = str(context.get("expected", ""))
    elif not code and limits:
        code, params["limit"] = "api.field_limit", ", ".join(limits)
    problem = Problem(code or "api.field_bad", params)
    pointer = "/" + "/".join(_escaped(step) for step in place) if source == "body" else None
    return entry(problem.at(column=None if source == "body" else field), pointer)


def _escaped(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")


def from_exception(request: HttpRequest, error: Exception) -> HttpResponse:
    """The answer to any exception; what is not ours is logged and told only as a reference."""
    match error:
        case InvalidInput():
            return invalid(request, error)
        case ValidationError():
            return unreadable_fields(request, error)
        case PermissionDenied():
            return answer(403, [error.problem])
        case NotFound():
            return answer(404, [error.problem])
        case Conflict():
            return answer(409, [error.problem])
        case Http404():
            return answer(404, [Problem("api.nothing_here")])
        case RequestDataTooBig():
            return answer(413, [Problem("api.too_large", {"limit": settings.DATA_UPLOAD_MAX_MEMORY_SIZE})])
        case MultiPartParserError() | BadRequest() | SuspiciousOperation() | UnreadablePostError():
            return answer(400, [Problem("api.unreadable")])
        case AuthenticationError():
            return answer(401, [Problem("api.signed_out")])
        case HttpError(status_code=400, __cause__=InvalidInput() as cause):
            return invalid(request, cause)
        case HttpError(status_code=400):
            return answer(400, [Problem("api.unreadable")])
        case HttpError(status_code=403):
            return answer(403, [Problem("api.csrf")])
        case HttpError():
            return answer(error.status_code, [Problem("api.refused")])
        case _:
            reference = uuid.uuid4().hex[:12]
            _log.error("API call failed, reference %s", reference, exc_info=error)
            return answer(500, [Problem("api.broken", {"reference": reference})])


def from_status(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The problem document in place of an error answer that a layer around the API gave."""
    status = response.status_code
    by_status: dict[int, Problem] = {
        401: Problem("api.signed_out"),
        403: Problem(getattr(request, "refused_for", "api.password_first")),
        404: Problem("api.nothing_here"),
        405: Problem("api.method", {"method": request.method or ""}),
        413: Problem("api.too_large", {"limit": settings.DATA_UPLOAD_MAX_MEMORY_SIZE}),
        429: Problem("api.too_many", {"seconds": response.headers.get("Retry-After", "1")}),
    }
    fallback = Problem("api.refused") if status < 500 else Problem("api.broken", {"reference": "–"})
    told = answer(status, [by_status.get(status, fallback)])
    for name in ("Allow", "WWW-Authenticate", "Retry-After", "Content-Language", "Vary"):
        if response.has_header(name):
            told[name] = response[name]
    for cookie, morsel in response.cookies.items():
        told.cookies[cookie] = morsel
    return told
