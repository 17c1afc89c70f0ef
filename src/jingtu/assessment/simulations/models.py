"""Named scenarios: what somebody tried out on a run. Nothing reads them but the page that shows them."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from jingtu.assessment.runs.models import Run


class Scenario(models.Model):
    """One simulation of its owner's, kept as the address that shows it."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=128)
    query = models.TextField()
    made_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ("-made_at", "-id")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "owner", "name"], name="scenario_name_once")
        ]

    def __str__(self) -> str:
        return self.name
