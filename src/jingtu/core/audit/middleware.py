"""Puts door and address of a request into the audit context."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from .context import Channel, acting_through


def client_address(request: HttpRequest) -> str:
    """The caller's network address.

    Behind ``settings.TRUSTED_PROXIES`` reverse proxies the address is the one that the outermost
    of them saw; what a client itself writes into X-Forwarded-For is never believed.
    """
    address = request.META.get("REMOTE_ADDR") or ""
    proxies: int = settings.TRUSTED_PROXIES
    if proxies:
        forwarded = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
        if len(forwarded) >= proxies and forwarded[-proxies]:
            address = forwarded[-proxies]
    return address[:45]


class AuditContextMiddleware:
    """Every audit entry written during the request carries its address and whether it is page or API."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        channel = Channel.API if request.path_info.startswith("/api/") else Channel.WEB
        with acting_through(channel, client_address(request)):
            return self.get_response(request)
