"""Rule sets of listing in their versions, and the designations of a year that rest on them."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from jingtu.core.regions.models import Region
from jingtu.core.ui.middleware import interface_language

from ..definition import RuleSetContent, read

PERSON = settings.AUTH_USER_MODEL


class RuleSet(models.Model):
    """The rules by which an office lists: for the places below its region."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=64)
    name_en = models.CharField(max_length=128, blank=True)
    preset = models.CharField(max_length=32, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ("region", "name")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["region", "name"], name="listings_rule_set_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        """Its name in the reader's language."""
        return self.name_en if interface_language() == "en" and self.name_en else self.name


class RuleVersion(models.Model):
    """One version of a rule set, never changed; a listing keeps the one it was proposed by."""

    rule_set = models.ForeignKey(RuleSet, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    note = models.TextField(blank=True)
    made_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ("rule_set", "-number")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["rule_set", "number"], name="listings_rule_version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.rule_set} v{self.number}"

    @property
    def rules(self) -> RuleSetContent:
        """What it says."""
        return read(self.content)


class Designation(models.Model):
    """A region named for one year as under key supervision or warned."""

    class Kind(models.TextChoices):
        KEY = "key"
        WARNED = "warned"

    class State(models.TextChoices):
        PROPOSED = "proposed"
        DECIDED = "decided"
        NOT_TAKEN = "not_taken"

    office = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey(RuleVersion, on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=8, choices=Kind.choices)
    state = models.CharField(max_length=12, choices=State.choices, default=State.PROPOSED)
    grounds = models.TextField()
    proposed_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision = models.TextField(blank=True)
    document_number = models.CharField(max_length=64, blank=True)
    document_date = models.DateField(null=True)

    class Meta:
        ordering: ClassVar = ("-year", "kind", "id")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["office", "region", "year", "kind"],
                condition=~Q(state="not_taken"),
                name="listings_named_once_a_year",
            ),
            models.CheckConstraint(
                condition=~Q(state="decided")
                | (Q(decided_by__isnull=False, document_date__isnull=False) & ~Q(document_number="")),
                name="listings_named_by_a_person_with_document",
            ),
            models.CheckConstraint(
                condition=~Q(decided_by=models.F("proposed_by")), name="listings_namer_is_another"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.kind} {self.region_id}"
