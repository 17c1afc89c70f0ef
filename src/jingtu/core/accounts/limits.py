"""Rate limits at the doors: a bucket of tokens per door and caller, refilled steadily.

The buckets stand in the database, so that all processes that serve count together and a restart fills none. A
process fetches tokens of a generous door some at a time and hands them out from its memory: of a bucket of
thousands no call writes for each request, and at the doors that matter (sign-in, export, upload) every one counts.
They keep one caller from taking the house's time from the others; guessing of passwords is slowed by :mod:`.lockout`.
"""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict

from django.conf import settings
from django.db import IntegrityError, OperationalError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from jingtu.core.audit.middleware import client_address

from .models import RateBucket
from .rules import Rate, refilled, taken_at_once

MOST_FETCHED = 20_000
FETCHED_FOR = 10.0  # seconds after which fetched tokens are given up: the shared bucket has refilled by then
FORGOTTEN_AFTER = 24 * 3600.0
_lock = threading.Lock()
_fetched: OrderedDict[tuple[str, str], tuple[int, float]] = OrderedDict()  # (tokens, when fetched)


def seconds_to_wait(door: str, caller: str, moment: float | None = None) -> int:
    """Take a token of the caller's bucket; 0 when there was one, else in how many seconds there will be."""
    rate: Rate | None = settings.RATE_LIMITS.get(door)
    if rate is None:
        return 0
    moment = time.time() if moment is None else moment
    key = (door, caller)
    if _take_fetched(key, moment):
        return 0
    try:
        tokens, wait = _fetch(rate, f"{door} {caller}", taken_at_once(rate), moment)
    except OperationalError:  # a long import holds the only writer's lock: whoever wants to read may
        return 0
    if tokens > 1:
        with _lock:
            _fetched[key] = (tokens - 1, moment)
            while len(_fetched) > MOST_FETCHED:
                _fetched.popitem(last=False)
    return wait


def _take_fetched(key: tuple[str, str], moment: float) -> bool:
    with _lock:
        tokens, since = _fetched.pop(key, (0, moment))
        if tokens <= 0 or not 0 <= moment - since < FETCHED_FOR:
            return False
        _fetched[key] = (tokens - 1, since)
        return True


def _fetch(rate: Rate, key: str, wanted: int, moment: float) -> tuple[int, int]:
    """Take up to ``wanted`` tokens of the shared bucket; none, and how long to wait, when it is empty."""
    with transaction.atomic():
        bucket = RateBucket.objects.select_for_update().filter(key=key).first()
        if bucket is None:
            RateBucket.objects.filter(counted_at__lt=moment - FORGOTTEN_AFTER).delete()
            bucket = RateBucket(key=key, tokens=float(rate.burst), counted_at=moment)
            try:
                with transaction.atomic():
                    bucket.save(force_insert=True)
            except IntegrityError:  # another process was faster
                bucket = RateBucket.objects.select_for_update().get(key=key)
        tokens = refilled(rate, bucket.tokens, moment - bucket.counted_at)
        got = min(wanted, int(tokens))
        RateBucket.objects.filter(pk=bucket.pk).update(
            tokens=tokens - got, counted_at=max(moment, bucket.counted_at)
        )
    return got, 0 if got else max(1, math.ceil((1 - tokens) / rate.per_second))


def forget() -> None:
    """Give up what this process has fetched, as its end does."""
    with _lock:
        _fetched.clear()


def door_of(request: HttpRequest, view_name: str) -> str | None:
    """Which door a request wants to pass; None where nothing is counted."""
    if request.path_info.startswith("/api/"):
        return "api"
    door: str | None = settings.LIMITED_VIEWS.get(view_name)
    reading = request.method in {"GET", "HEAD"}
    return None if reading and door not in {"search", "export", "calendar"} else door


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
