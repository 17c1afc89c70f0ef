"""Jobs: the row is the truth, the queue only says when to look at it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Job(models.Model):
    """One piece of work done outside a request, with the rights its owner has when it runs."""

    class State(models.TextChoices):
        QUEUED = "queued", _("排队")
        RUNNING = "running", _("进行中")
        DONE = "done", _("完成")
        FAILED = "failed", _("失败")
        CANCELLED = "cancelled", _("已取消")

    kind = models.CharField(max_length=64)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    region = models.ForeignKey("regions.Region", on_delete=models.PROTECT, null=True, related_name="+")
    params = models.JSONField(default=dict)
    state = models.CharField(max_length=16, choices=State.choices, default=State.QUEUED)
    progress = models.PositiveSmallIntegerField(default=0)
    message_code = models.CharField(max_length=96, blank=True)
    message_params = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-created_at", "-pk")
        indexes = (
            models.Index(fields=("owner", "-created_at"), name="jobs_job_owner"),
            models.Index(fields=("state",), name="jobs_job_state"),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(progress__lte=100), name="jobs_job_progress_is_percent"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen unless somebody retries it."""
        return self.state in {self.State.DONE, self.State.FAILED, self.State.CANCELLED}
