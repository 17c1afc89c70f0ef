"""Region trees and their dated history.

A :class:`Region` row is a place as it is today (or as it last was); :class:`RegionVersion` keeps what it
was called and where it belonged before. Every structural change leaves a :class:`RegionChange`.
Dates are half-open: ``valid_from`` is the first day, ``valid_to`` the first day no longer; an empty
``valid_from`` means "before the data set's date, start unknown".
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from jingtu.core.regions.rules import LEVEL_NAMES
from jingtu.engine.notation import plain_number


class RegionTree(models.Model):
    """A named region tree with one root: the nation, a fictional city, the member units of a committee."""

    class Kind(models.TextChoices):
        PLACES = "places", _("行政区划")
        UNITS = "units", _("成员单位")

    slug = models.SlugField(max_length=64, unique=True)
    name_zh = models.CharField(max_length=64)
    name_en = models.CharField(max_length=128)
    fictional = models.BooleanField(default=False)
    kind = models.CharField(max_length=16, choices=Kind.choices, default=Kind.PLACES)
    # {level key: {"zh": …, "en": …}}; keys absent here use the common names of rules.LEVEL_NAMES.
    level_names = models.JSONField(default=dict, blank=True)
    source = models.CharField(max_length=200, blank=True)
    source_date = models.DateField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=0)
    # Names the content: changes with every revision, so caches keyed by it never serve an older tree.
    fingerprint = models.CharField(max_length=64, blank=True)
    # The content last loaded, so that loading it again changes nothing.
    loaded_digest = models.CharField(max_length=64, blank=True)

    # Not stored: how many regions of today the tree has, where a query counted them.
    region_count: int = 0

    class Meta:
        ordering: ClassVar[list[str]] = ["fictional", "slug"]

    def __str__(self) -> str:
        return self.name_zh

    @property
    def name(self) -> str:
        """The tree's name in the reader's language."""
        return self.name_en if (get_language() or "").startswith("en") else self.name_zh

    def level_name(self, level: str) -> str:
        """A level's name in the reader's language; the key itself where none is known."""
        names = self.level_names.get(level) or LEVEL_NAMES.get(level) or {}
        language = "en" if (get_language() or "").startswith("en") else "zh"
        return str(names.get(language) or level)


class Region(models.Model):
    """A place (or a member unit) of a tree. Its own id is the key everywhere: padded codes collide.

    ``position`` and ``last`` number the current tree in pre-order: a region lies in the subtree of another
    when its position lies between that one's ``position`` and ``last``. Ended regions have neither.
    """

    tree = models.ForeignKey(RegionTree, on_delete=models.PROTECT, related_name="regions")
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    code = models.CharField(max_length=32)
    level = models.CharField(max_length=32)
    name = models.CharField(max_length=128)
    depth = models.PositiveSmallIntegerField(default=0)
    position = models.IntegerField(null=True, blank=True)
    last = models.IntegerField(null=True, blank=True)
    pinyin = models.CharField(max_length=255, blank=True)
    initials = models.CharField(max_length=128, blank=True)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)

    # Not stored: the other name by which a search found this region.
    matched_alias: str = ""

    class Meta:
        ordering: ClassVar[list[str]] = ["tree_id", "position", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["tree", "code", "level"],
                condition=Q(valid_to__isnull=True),
                name="region_code_once_per_level",
            ),
            models.UniqueConstraint(
                fields=["tree"],
                condition=Q(parent__isnull=True, valid_to__isnull=True),
                name="region_one_root",
            ),
            models.UniqueConstraint(fields=["tree", "position"], name="region_position_once"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True)
                | Q(valid_from__isnull=True)
                | Q(valid_to__gt=F("valid_from")),
                name="region_dates_in_order",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(position__isnull=True, last__isnull=True),
                name="region_ended_has_no_position",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["tree", "code"], name="region_by_code"),
            models.Index(fields=["tree", "level", "position"], name="region_by_level"),
            models.Index(fields=["tree", "name"], name="region_by_name"),
            models.Index(fields=["tree", "initials"], name="region_by_initials"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_current(self) -> bool:
        """Whether the region exists in today's tree."""
        return self.valid_to is None

    @property
    def level_name(self) -> str:
        """The name of its level in the reader's language."""
        return self.tree.level_name(self.level)


class RegionChange(models.Model):
    """One dated act on a tree: creation, renaming, merger, split or move, with the document that ordered it."""

    class Kind(models.TextChoices):
        CREATE = "create", _("设立")
        RENAME = "rename", _("更名")
        MERGE = "merge", _("合并")
        SPLIT = "split", _("分设")
        MOVE = "move", _("划转")

    tree = models.ForeignKey(RegionTree, on_delete=models.PROTECT, related_name="changes")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    date = models.DateField()
    document = models.CharField(max_length=200, blank=True)
    note = models.CharField(max_length=500, blank=True)
    actor_label = models.CharField(max_length=128)
    recorded_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["-date", "-id"]

    def __str__(self) -> str:
        return f"{self.date} {self.get_kind_display()} {self.region_id}"


class RegionVersion(models.Model):
    """What a region was before a change: its name, code, level and parent from one day until another."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="versions")
    change = models.ForeignKey(RegionChange, on_delete=models.PROTECT, related_name="versions")
    name = models.CharField(max_length=128)
    code = models.CharField(max_length=32)
    level = models.CharField(max_length=32)
    parent = models.ForeignKey(
        Region, on_delete=models.PROTECT, null=True, blank=True, related_name="former_children"
    )
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField()

    class Meta:
        ordering: ClassVar[list[str]] = ["region_id", "valid_to"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["region", "valid_to"], name="region_version_ends_once"),
            models.CheckConstraint(
                condition=Q(valid_from__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="region_version_dates_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"


class RegionAlias(models.Model):
    """Another name a region is found by, usually an old one (祁阳县 for 祁阳市)."""

    region = models.ForeignKey(Region, on_delete=models.CASCADE, related_name="aliases")
    name = models.CharField(max_length=128)
    pinyin = models.CharField(max_length=255, blank=True)
    initials = models.CharField(max_length=128, blank=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["region_id", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["region", "name"], name="region_alias_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["name"], name="region_alias_by_name")]

    def __str__(self) -> str:
        return self.name


class RegionSuccession(models.Model):
    """Which region went over into which by a merger or split; ``share`` is the part of the former (0–1)."""

    change = models.ForeignKey(RegionChange, on_delete=models.PROTECT, related_name="successions")
    from_region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="successors")
    to_region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="predecessors")
    share = models.DecimalField(max_digits=7, decimal_places=6, null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["change_id", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["change", "from_region", "to_region"], name="region_succession_once"
            ),
            models.CheckConstraint(
                condition=Q(share__isnull=True) | Q(share__gt=0, share__lte=1),
                name="region_share_is_a_part",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_region_id} → {self.to_region_id}"

    @property
    def percent(self) -> str:
        """The share as the document states it, in per cent; empty where it does not."""
        return "" if self.share is None else plain_number(self.share * 100)


class PeerGroup(models.Model):
    """Regions of one tree that are assessed against each other (分类考核)."""

    tree = models.ForeignKey(RegionTree, on_delete=models.PROTECT, related_name="peer_groups")
    code = models.SlugField(max_length=64)
    name_zh = models.CharField(max_length=64)
    name_en = models.CharField(max_length=128)
    note = models.CharField(max_length=200, blank=True)
    members = models.ManyToManyField(Region, related_name="peer_groups", blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["tree_id", "code"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["tree", "code"], name="peer_group_code_once"),
        ]

    def __str__(self) -> str:
        return self.name_zh

    @property
    def name(self) -> str:
        """The group's name in the reader's language."""
        return self.name_en if (get_language() or "").startswith("en") else self.name_zh
