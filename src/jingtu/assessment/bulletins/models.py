"""Bulletins that were issued: their number, signature and the files that were printed."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from jingtu.assessment.runs.models import Run
from jingtu.core.files.models import StoredFile


class Bulletin(models.Model):
    """One bulletin of one published run. Its files are printed once, when it is issued, and never again."""

    run = models.OneToOneField(Run, on_delete=models.PROTECT, related_name="bulletin")
    number = models.CharField(max_length=64, blank=True)
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
