from __future__ import annotations

from typing import Any, ClassVar, NoReturn

from django.db import models

from .context import Channel


class AppendOnly(Exception):
    """An audit entry was about to be changed or deleted."""


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    """Refuses the bulk ways around :meth:`AuditEntry.save`."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise AppendOnly("audit entries are never updated")

    def delete(self) -> NoReturn:
        raise AppendOnly("audit entries are never deleted")

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnly("audit entries are never updated")


class AuditEntry(models.Model):
    """One deed. Entries form a chain: each hash covers the entry's content and the hash before it."""

    sequence = models.PositiveBigIntegerField(primary_key=True)
    moment = models.DateTimeField(db_index=True)
    actor_id = models.CharField(max_length=64)
    actor_label = models.CharField(max_length=160)
    action = models.CharField(max_length=64)
    target_type = models.CharField(max_length=64)
    target_id = models.CharField(max_length=128)
    region_id = models.BigIntegerField(null=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    reason = models.TextField(blank=True)
    address = models.CharField(max_length=45, blank=True)
    channel = models.CharField(max_length=8, choices=[(channel.value, channel.value) for channel in Channel])
    prev_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    objects: ClassVar[models.Manager[AuditEntry]] = AuditQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-sequence"]
        indexes: ClassVar = [
            models.Index(fields=["actor_id", "-sequence"], name="audit_by_actor"),
            models.Index(fields=["action", "-sequence"], name="audit_by_action"),
            models.Index(fields=["target_type", "target_id", "-sequence"], name="audit_by_target"),
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.action} {self.target_type}:{self.target_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert only: a second save of the same entry raises :class:`AppendOnly`."""
        if not self._state.adding:
            raise AppendOnly("audit entries are never updated")
        kwargs["force_insert"] = True
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnly("audit entries are never deleted")


class AuditHead(models.Model):
    """The last link of the chain, in one row that every writer locks before adding the next."""

    sequence = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64)

    def __str__(self) -> str:
        return str(self.sequence)
