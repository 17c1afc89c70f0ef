from __future__ import annotations

from django.db import models


class RegionTree(models.Model):
    """A named region tree with one root."""

    slug = models.SlugField(max_length=64, unique=True)
    name_zh = models.CharField(max_length=64)
    name_en = models.CharField(max_length=128)

    def __str__(self) -> str:
        return self.name_zh


class Region(models.Model):
    """A place in a tree; its own id is the key (padded codes collide)."""

    tree = models.ForeignKey(RegionTree, on_delete=models.PROTECT, related_name="regions")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    code = models.CharField(max_length=32)
    name = models.CharField(max_length=128)

    def __str__(self) -> str:
        return self.name
