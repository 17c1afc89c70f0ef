"""A call that carries an Idempotency-Key is done once, however often a shaky line makes a program repeat it."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from jingtu.core.kernel.clock import now
from jingtu.engine.problems import refuse

from .models import FirstAnswer

KEPT_FOR = dt.timedelta(hours=24)
_KEY = re.compile(r"[\x21-\x7e]{1,128}")


def once(
    request: HttpRequest, user_id: int, key: str, run: Callable[[], HttpResponseBase]
) -> HttpResponseBase:
    """The answer of ``run``, or the stored one when this call was answered before.

    The deed and the note that it was done are one transaction, so a crash leaves both or neither. Only
    successes are kept: a refused call may be mended and sent again with the same key. Raises InvalidInput
    for a malformed key, or one used for another call within :data:`KEPT_FOR`.
    """
    if not _KEY.fullmatch(key):
        raise refuse("api.key_bad", column="Idempotency-Key")
    request_hash = _hash(request)
    moment = now()
    try:
        with transaction.atomic():
            FirstAnswer.objects.filter(created_at__lt=moment - KEPT_FOR).delete()
            known = FirstAnswer.objects.filter(user_id=user_id, key=key).first()
            if known is not None:
                return _again(known, request_hash)
            # Of two calls at once the second waits here for the first, then finds its answer below.
            row = FirstAnswer.objects.create(
                user_id=user_id, key=key, request_hash=request_hash, created_at=moment
            )
            response = run()
            _keep(row, response)
            return response
    except IntegrityError:
        return _again(FirstAnswer.objects.get(user_id=user_id, key=key), request_hash)


def _keep(row: FirstAnswer, response: HttpResponseBase) -> None:
    if not isinstance(response, HttpResponse) or not 200 <= response.status_code < 300:
        row.delete()
        return
    row.status = response.status_code
    row.content = response.content.decode()
    row.content_type = response["Content-Type"]
    row.location = response.get("Location", "")
    row.save()


def _again(known: FirstAnswer, request_hash: str) -> HttpResponse:
    if known.request_hash != request_hash:
        raise refuse("api.key_reused", column="Idempotency-Key")
    response = HttpResponse(known.content, status=known.status, content_type=known.content_type)
    if known.location:
        response["Location"] = known.location
    response["Idempotent-Replayed"] = "true"
    return response


def _hash(request: HttpRequest) -> str:
    """SHA-256 of method, address and content; of a form its fields and files, whatever its boundaries."""
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    if request.content_type == "multipart/form-data":
        for name, values in sorted(request.POST.lists()):
            digest.update(repr((name, values)).encode("utf-8", "surrogatepass"))
        for name, uploads in sorted(request.FILES.lists()):
            for upload in uploads:
                digest.update(repr((name, upload.name, upload.size)).encode("utf-8", "surrogatepass"))
                for chunk in upload.chunks():
                    digest.update(chunk)
                upload.seek(0)
    else:
        digest.update(request.body)
    return digest.hexdigest()
