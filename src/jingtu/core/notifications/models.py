from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

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


class Channel(models.Model):
    """A way out of the system. ``secret`` is the address with its key, encrypted; nobody is shown it again.

    An e-mail channel reaches every person by their own address. A group channel reaches a group, and
    ``responsible`` answers for it: a message holds only what that person may see.
    """

    class Kind(models.TextChoices):
        EMAIL = "email", _("电子邮件")
        DINGTALK = "dingtalk", _("钉钉群机器人")
        WECOM = "wecom", _("企业微信群机器人")
        FEISHU = "feishu", _("飞书群机器人")
        WEBHOOK = "webhook", _("内网消息接口")

    name = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    secret = models.TextField()
    responsible = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=now)
    changed_at = models.DateTimeField(default=now)

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(kind="email") | models.Q(responsible__isnull=False),
                name="channel_group_has_somebody",
            ),
            models.UniqueConstraint(
                fields=["kind"], condition=models.Q(kind="email", enabled=True), name="channel_one_email"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Preference(models.Model):
    """How one person wants to be told outside the system. ``muted``: kinds of notices that stay inside."""

    class Mode(models.TextChoices):
        OFF = "off", _("不发送")
        IMMEDIATE = "immediate", _("立即")
        DAILY = "daily", _("每天汇总")
        WEEKLY = "weekly", _("每周汇总")

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="message_preference"
    )
    mode = models.CharField(max_length=10, choices=Mode.choices, default=Mode.DAILY)
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_to = models.TimeField(null=True, blank=True)
    muted = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{self.person_id} {self.mode}"


class Delivery(models.Model):
    """One message on its way out. The text is made when it is sent, with the receiver's rights of then.

    ``source`` names what makes the text, ``reference`` what it is about; both with the receiver are one
    message only. ``together``: sent with others that are due, as one digest.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("待发送")
        SENDING = "sending", _("发送中")
        SENT = "sent", _("已发送")
        FAILED = "failed", _("发送失败")
        DROPPED = "dropped", _("未发送")

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, null=True, related_name="deliveries")
    source = models.CharField(max_length=32)
    reference = models.CharField(max_length=64)
    together = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    problem = models.CharField(max_length=96, blank=True)
    created_at = models.DateTimeField(default=now)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["person", "source", "reference", "channel"],
                condition=models.Q(channel__isnull=False),
                name="delivery_once_by_channel",
            ),
            models.UniqueConstraint(
                fields=["person", "source", "reference"],
                condition=models.Q(channel__isnull=True),
                name="delivery_once_by_mail",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "due_at"], name="delivery_due"),
        ]

    def __str__(self) -> str:
        return f"{self.source}:{self.reference} → {self.person_id} ({self.state})"
