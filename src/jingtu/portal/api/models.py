"""What the API remembers of its own: the first answers to calls that may be repeated."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class FirstAnswer(models.Model):
    """The answer to the first call that carried an idempotency key, given again to every repetition.

    ``request_hash`` names method, address and content of that call, so that the key cannot be used
    for another one.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=128)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    content = models.TextField(blank=True)
    content_type = models.CharField(max_length=64, blank=True)
    location = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "key"], name="api_key_once_per_user"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.key}"
