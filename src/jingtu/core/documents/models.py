"""Normative documents: the laws, standards and notices that indicators are held to."""

from __future__ import annotations

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

_NO_OFFICE = {"公开报道": _("公开报道"), "未注明": _("未注明")}


class NormativeDocument(models.Model):
    """A law, regulation, standard, report or notice that definitions cite by ``code``."""

    class Kind(models.TextChoices):
        LAW = "law", _("法律")
        REGULATION = "regulation", _("法规规章")
        STANDARD = "standard", _("标准")
        REPORT = "report", _("报告")
        NOTICE = "notice", _("通知")

    code = models.CharField(max_length=96, unique=True)
    title_zh = models.CharField(max_length=255)
    title_en = models.CharField(max_length=255, blank=True)
    issuer = models.CharField(max_length=255, blank=True)
    number = models.CharField(max_length=128, blank=True)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    date = models.CharField(max_length=10, blank=True, help_text="2018-06-26, 2018-06 or 2018")
    in_force_from = models.DateField(null=True)
    in_force_to = models.DateField(null=True)
    url = models.URLField(max_length=500, blank=True)
    text = models.TextField(blank=True)
    file = models.ForeignKey("files.StoredFile", on_delete=models.PROTECT, null=True, related_name="+")
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ("kind", "-date", "code")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(in_force_to__isnull=True)
                | models.Q(in_force_from__isnull=True)
                | models.Q(in_force_to__gte=models.F("in_force_from")),
                name="documents_force_ends_after_it_begins",
            ),
        )

    def __str__(self) -> str:
        return self.title_zh

    @property
    def issuer_name(self) -> str:
        """The issuer; where no office is named, that is said in the reader's language."""
        return str(_NO_OFFICE.get(self.issuer, self.issuer))

    @property
    def title(self) -> str:
        """The title in the reader's language; Chinese where there is no English."""
        english = (get_language() or "").startswith("en")
        return self.title_en if english and self.title_en else self.title_zh
