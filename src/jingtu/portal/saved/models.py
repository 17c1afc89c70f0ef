"""Addresses of pages that people keep under a name."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from jingtu.core.kernel.clock import now
from jingtu.core.regions.models import Region


class SavedView(models.Model):
    """A page with its filters under a name: an address and nothing else, so what it shows is always what its
    reader may see. Shared with a region or unit, it is offered to whoever holds a post there or below."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="saved_views")
    name = models.CharField(max_length=60)
    address = models.CharField(max_length=1500)
    shared_with = models.ForeignKey(
        Region, on_delete=models.PROTECT, null=True, blank=True, related_name="saved_views"
    )
    is_home = models.BooleanField(default=False)
    place = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=now, editable=False)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["place", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["owner", "name"], condition=Q(removed_at__isnull=True), name="saved_view_name_once"
            ),
            models.UniqueConstraint(
                fields=["owner"],
                condition=Q(is_home=True, removed_at__isnull=True),
                name="saved_view_one_home",
            ),
        ]

    def __str__(self) -> str:
        return self.name
