"""Bulletins that were issued: their number, signature and the files that were printed."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from jingtu.assessment.runs.models import Run
from jingtu.core.accounts.models import ROLE_LABELS, Unit
from jingtu.core.accounts.rules import Role
from jingtu.core.files.models import StoredFile
from jingtu.core.regions.models import Region

from .rules import BulletinKind, EntryKind


class Bulletin(models.Model):
    """One bulletin of one published run. Its files are printed once, when it is issued, and never again."""

    run = models.OneToOneField(Run, on_delete=models.PROTECT, related_name="bulletin")
    number = models.CharField(max_length=64, blank=True)
    kind = models.CharField(
        max_length=8,
        choices=[(kind.value, kind.value) for kind in BulletinKind],
        default=BulletinKind.FULL.value,
    )
    issuer_zh = models.CharField(max_length=64)
    issuer_en = models.CharField(max_length=128)
    distribution = models.JSONField(default=list)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    issued_at = models.DateTimeField()
    # The head of the audit trail that the files print, so that a trail cut off afterwards shows.
    audit_mark = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering: ClassVar = ("-issued_at", "-id")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["number"], condition=~models.Q(number=""), name="bulletin_number_unique"
            )
        ]

    def __str__(self) -> str:
        return self.number or f"bulletin {self.pk}"


class BulletinFile(models.Model):
    """A printed form of a bulletin: one format in one language."""

    bulletin = models.ForeignKey(Bulletin, on_delete=models.CASCADE, related_name="files")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    format = models.CharField(max_length=8)
    language = models.CharField(max_length=2)

    class Meta:
        ordering: ClassVar = ("-language", "format")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["bulletin", "format", "language"], name="bulletin_file_unique")
        ]

    def __str__(self) -> str:
        return f"{self.bulletin_id} {self.language} {self.format}"

    @property
    def label(self) -> str:
        """What a reader is offered: the program's name and the text's language."""
        program = {"docx": "Word", "pdf": "PDF", "xlsx": "Excel"}[self.format]
        return f"{program} · {'English' if self.language == 'en' else '中文'}"


class DistributionList(models.Model):
    """Whom an office sends its bulletins to, under a name of its own; used again and again."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=64)
    updated_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ("region", "name")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["region", "name"], name="bulletin_list_name"),
        ]

    def __str__(self) -> str:
        return self.name


class DistributionEntry(models.Model):
    """One line of a list: a region, every region of a level, a member unit, or the holders of a post."""

    list = models.ForeignKey(DistributionList, on_delete=models.CASCADE, related_name="entries")
    kind = models.CharField(max_length=8, choices=[(kind.value, kind.value) for kind in EntryKind])
    region = models.ForeignKey(Region, on_delete=models.PROTECT, null=True, related_name="+")
    level = models.CharField(max_length=32, blank=True)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, related_name="+")
    role = models.CharField(max_length=32, blank=True)

    class Meta:
        ordering: ClassVar = ("id",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(kind=EntryKind.UNIT.value, unit__isnull=False)
                | (~models.Q(kind=EntryKind.UNIT.value) & models.Q(region__isnull=False)),
                name="bulletin_entry_names_somebody",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.region_id or self.unit_id}"


class Addressee(models.Model):
    """One person a bulletin was sent to, as whom, and when they said that they had read it."""

    bulletin = models.ForeignKey(Bulletin, on_delete=models.CASCADE, related_name="addressees")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    place = models.CharField(max_length=128, blank=True)
    role = models.CharField(max_length=32, blank=True)
    sent_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ("place", "user")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["bulletin", "user"], name="bulletin_addressee_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["user", "read_at"], name="bulletin_unread")]

    def __str__(self) -> str:
        return f"{self.bulletin_id} → {self.user_id}"

    @property
    def as_whom(self) -> str:
        """Place or unit and role, in the reader's language."""
        return " ".join(filter(None, (self.place, str(ROLE_LABELS[Role(self.role)]) if self.role else "")))


class BulletinDraft(models.Model):
    """What the bulletin of a run is to be, written down before the run is published; a person issues it."""

    run = models.OneToOneField(Run, on_delete=models.CASCADE, related_name="bulletin_draft")
    kind = models.CharField(max_length=8, choices=[(kind.value, kind.value) for kind in BulletinKind])
    list = models.ForeignKey(DistributionList, on_delete=models.SET_NULL, null=True, related_name="+")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ("-made_at",)

    def __str__(self) -> str:
        return f"{self.kind} {self.run_id}"
