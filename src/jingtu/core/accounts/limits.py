"""Rate limits at the doors: a bucket of tokens per door and caller, refilled steadily.

The buckets stand in the memory of the process that serves (``jingtu serve`` has one): nothing is written for a
reader, and a restart fills them. They keep one caller from taking the house's time from the others; guessing of
passwords is slowed by :mod:`.lockout`, which is in the database and survives a restart.
"""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from jingtu.core.audit.middleware import client_address

from .rules import Rate, refilled

MOST_BUCKETS = 20_000
_lock = threading.Lock()
_buckets: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()  # (tokens, when counted)


def seconds_to_wait(door: str, caller: str, moment: float | None = None) -> int:
    """Take a token of the caller's bucket; 0 when there was one, else in how many seconds there will be."""
    rate: Rate | None = settings.RATE_LIMITS.get(door)
    if rate is None:
        return 0
    moment = time.monotonic() if moment is None else moment
    with _lock:
        tokens, counted = _buckets.pop((door, caller), (float(rate.burst), moment))
        tokens = refilled(rate, tokens, moment - counted)
        enough = tokens >= 1
        _buckets[(door, caller)] = (tokens - 1 if enough else tokens, moment)
        while len(_buckets) > MOST_BUCKETS:
            _buckets.popitem(last=False)  # the one unused for longest, which is full or nearly so
    return 0 if enough else max(1, math.ceil((1 - tokens) / rate.per_second))


def forget() -> None:
    """Fill all buckets."""
    with _lock:
        _buckets.clear()


def door_of(request: HttpRequest, view_name: str) -> str | None:
    """Which door a request wants to pass; None where nothing is counted."""
    if request.path_info.startswith("/api/"):
        return "api"
    door: str | None = settings.LIMITED_VIEWS.get(view_name)
    reading = request.method in {"GET", "HEAD"}
    return None if reading and door not in {"search", "export"} else door


def caller_of(request: HttpRequest) -> str:
    """The account, or the address of somebody who is not signed in."""
    user = request.user
    return f"user:{user.pk}" if user.is_authenticated else f"address:{client_address(request)}"


def refusal(request: HttpRequest, seconds: int) -> HttpResponse:
    """Too many requests: when to try again, in the reader's language. The API words its own from the status."""
    headers = {"Retry-After": str(seconds)}
    sentence = _("请求过于频繁，请在 %(seconds)s 秒后重试。") % {"seconds": seconds}
    if request.path_info.startswith("/api/"):
        return HttpResponse(status=429, headers=headers)
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(sentence, status=429, headers=headers, content_type="text/plain; charset=utf-8")
    response = render(request, "accounts/too_many.html", {"sentence": sentence}, status=429)
    response.headers["Retry-After"] = str(seconds)
    return response
