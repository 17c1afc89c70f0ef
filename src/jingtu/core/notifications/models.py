from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import get_language

from jingtu.core.kernel.clock import now

from .texts import worded


class Notice(models.Model):
    """One message to one person. ``link`` is a path of this site, empty when there is nothing to open."""

    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    code = models.CharField(max_length=64)
    params = models.JSONField(default=dict)
    link = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField(default=now)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at", "-id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["recipient", "-created_at"], name="notice_by_recipient"),
            models.Index(
                fields=["recipient"], condition=models.Q(read_at__isnull=True), name="notice_unread"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} → {self.recipient_id}"

    def _words(self) -> tuple[str, str]:
        english = (get_language() or "").startswith("en")
        return worded(self.code, self.params, "en" if english else "zh")

    @property
    def subject(self) -> str:
        """The subject in the reader's language."""
        return self._words()[0]

    @property
    def body(self) -> str:
        """The text in the reader's language."""
        return self._words()[1]
