"""Normative documents: the laws, standards and notices that indicators are held to."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

_NO_OFFICE = {"公开报道": _("公开报道"), "未注明": _("未注明")}


class NormativeDocument(models.Model):
    """A law, rule, standard, report or notice that definitions cite by ``code``.

    ``keeper``: the place whose office keeps the document; none for what comes with the catalogue.
    ``supersedes``: the version before. ``by_hand``: what an office wrote itself and no import changes again.
    """

    class Kind(models.TextChoices):
        LAW = "law", _("法律")
        REGULATION = "regulation", _("法规规章")
        STANDARD = "standard", _("标准")
        REPORT = "report", _("报告")
        NOTICE = "notice", _("通知")
        RESPONSIBILITY = "responsibility", _("责任制")
        MEASURES = "measures", pgettext_lazy("document", "办法措施")
        DELIBERATION = "deliberation", _("议事规则")
        EVALUATION = "evaluation", _("考评办法")

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
    keeper = models.ForeignKey("regions.Region", on_delete=models.PROTECT, null=True, related_name="+")
    supersedes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="superseded_by"
    )
    by_hand = models.JSONField(default=list)
    expiry_told_for = models.DateField(null=True)
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

    @property
    def title_language(self) -> str:
        """In which language :attr:`title` stands, for the page to say so."""
        english = (get_language() or "").startswith("en")
        return "en" if english and self.title_en else "zh-Hans"


class Article(models.Model):
    """One article of a document, so that a citation may name it: ``code#number``."""

    document = models.ForeignKey(NormativeDocument, on_delete=models.PROTECT, related_name="articles")
    position = models.PositiveIntegerField()
    number = models.CharField(max_length=32)
    text = models.TextField()
    updated_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ("document", "position", "id")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["document", "number"], name="documents_article_number_once"),
            models.CheckConstraint(condition=~models.Q(text=""), name="documents_article_says_something"),
        ]

    def __str__(self) -> str:
        return self.number
