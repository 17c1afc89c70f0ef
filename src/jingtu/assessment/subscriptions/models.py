"""Subscriptions: my indicators of my regions, every week or month, where I want them."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from jingtu.core.kernel.clock import now
from jingtu.core.notifications.models import Channel


class Subscription(models.Model):
    """What one person wants to be told of. What is told follows the person's rights of that moment.

    ``regions``: the regions' own ids; ``indicators``: codes; ``token``: lets the receiver of a message end it
    without signing in; ``next_on``: the day of the next message.
    """

    class Cadence(models.TextChoices):
        WEEKLY = "weekly", _("每周（周一）")
        MONTHLY = "monthly", _("每月（10日）")

    class Way(models.TextChoices):
        INSIDE = "inside", _("只在系统内")
        EMAIL = "email", _("系统内和电子邮件")
        GROUP = "group", _("系统内和群消息")

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=64)
    regions = models.JSONField(default=list)
    indicators = models.JSONField(default=list)
    cadence = models.CharField(max_length=8, choices=Cadence.choices, default=Cadence.WEEKLY)
    way = models.CharField(max_length=8, choices=Way.choices, default=Way.INSIDE)
    channel = models.ForeignKey(Channel, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    active = models.BooleanField(default=True)
    token = models.CharField(max_length=48, unique=True)
    next_on = models.DateField()
    last_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        ordering: ClassVar[list[str]] = ["name", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["person", "name"], name="subscription_name_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["active", "next_on"], name="subscription_due"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.person_id})"
