"""Templates, letters, the steps of a letter, and partner organisations."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from jingtu.core.accounts.models import Unit
from jingtu.core.files.models import StoredFile
from jingtu.core.regions.models import Region

from .rules import LIVE, OUT, REMIND_EVERY, SIGN_DAYS, Kind, Layer, LetterAction, LetterState


def _choices(words: Any) -> list[tuple[str, str]]:
    return [(word.value, word.value) for word in words]


class Partner(models.Model):
    """A partner organisation of an office, a chamber of commerce abroad for one: no user, no place, a name."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=128)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar = ("region", "name")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["region", "name"], name="letter_partner_once")
        ]

    def __str__(self) -> str:
        return self.name


class LetterTemplate(models.Model):
    """One version of the text of a year's letters of one layer. Changing it makes the next version.

    ``kinds``: for which recipients it is meant, and so for whom a letter should exist. ``indicators``: codes of the
    indicators whose targets the field ``targets`` prints; none means all that have one. ``sign_days`` and
    ``remind_every``: working days for the signature, and between reminders once they are over. ``title_en``, ``text_en``
    and ``duties_en``: the wording of an English copy for reading, where there is one.
    """

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    layer = models.CharField(max_length=12, choices=_choices(Layer))
    name = models.CharField(max_length=64)
    version = models.PositiveIntegerField(default=1)
    newest = models.BooleanField(default=True)
    kinds = models.JSONField(default=list)
    issuer = models.CharField(max_length=64)
    title = models.CharField(max_length=128)
    text = models.TextField()
    duties = models.TextField(blank=True)
    title_en = models.CharField(max_length=128, blank=True)
    text_en = models.TextField(blank=True)
    duties_en = models.TextField(blank=True)
    indicators = models.JSONField(default=list)
    sign_days = models.PositiveSmallIntegerField(default=SIGN_DAYS)
    remind_every = models.PositiveSmallIntegerField(default=REMIND_EVERY)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    made_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ("-year", "region", "layer", "name", "-version")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["region", "year", "layer", "name", "version"], name="letter_template_version_once"
            ),
            models.UniqueConstraint(
                fields=["region", "year", "layer", "name"],
                condition=Q(newest=True),
                name="letter_template_one_newest",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"


class Letter(models.Model):
    """One letter. Its text (the first line is the title) never changes; what changes is another letter.

    ``region``: where the issuing office is; ``place``: the region whose readers may know of it (the recipient's own
    or its unit's). ``text_en``: a copy for reading, neither signed nor hashed. ``subject``: whom it binds in which layer, so that nobody holds two at a time.
    """

    template = models.ForeignKey(LetterTemplate, on_delete=models.PROTECT, related_name="letters")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    layer = models.CharField(max_length=12, choices=_choices(Layer))
    kind = models.CharField(max_length=8, choices=_choices(Kind))
    place = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, related_name="+")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True, related_name="+")
    recipient = models.CharField(max_length=32)
    recipient_name = models.CharField(max_length=128)
    subject = models.CharField(max_length=160)
    signer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    signer_name = models.CharField(max_length=64)
    issuer = models.CharField(max_length=64)
    text = models.TextField()
    text_en = models.TextField(blank=True)
    digest = models.CharField(max_length=64)
    state = models.CharField(max_length=12, choices=_choices(LetterState), default=LetterState.DRAFTED.value)
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    drafted_at = models.DateTimeField()
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    issued_at = models.DateTimeField(null=True)
    sign_by = models.DateField(null=True)
    signed_at = models.DateTimeField(null=True)
    signed_on = models.DateField(null=True)
    signed_digest = models.CharField(max_length=64, blank=True)
    scan = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    scan_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True)
    replaces = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="replacements")
    reminded_on = models.DateField(null=True)

    class Meta:
        ordering: ClassVar = ("-year", "region", "layer", "place__position", "id")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["region", "year", "subject"],
                condition=Q(state__in=sorted(OUT)),
                name="letter_one_in_force",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[LetterState.DRAFTED, LetterState.WITHDRAWN])
                | (Q(issued_at__isnull=False) & Q(sign_by__isnull=False)),
                name="letter_out_only_when_issued",
            ),
            models.CheckConstraint(
                condition=~Q(state=LetterState.SIGNED.value) | Q(signed_at__isnull=False),
                name="letter_signed_at_some_time",
            ),
            models.CheckConstraint(
                condition=Q(signed_at__isnull=True)
                | (Q(signed_on__isnull=False) & (~Q(signed_digest="") | Q(scan__isnull=False))),
                name="letter_signed_by_hash_or_scan",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["year", "state"], name="letter_by_year_and_state"),
            models.Index(fields=["place", "year"], name="letter_by_place"),
            models.Index(fields=["signer", "state"], name="letter_by_signer"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"

    @property
    def title(self) -> str:
        """The first line of the text."""
        return self.text.partition("\n")[0]

    @property
    def body(self) -> str:
        """The text below the title."""
        return self.text.partition("\n")[2].strip("\n")

    @property
    def is_live(self) -> bool:
        """Whether it counts for its recipient."""
        return self.state in LIVE


class LetterStep(models.Model):
    """What was done with a letter, by whom, when, for which reason."""

    letter = models.ForeignKey(Letter, on_delete=models.CASCADE, related_name="steps")
    action = models.CharField(max_length=12, choices=_choices(LetterAction))
    to_state = models.CharField(max_length=12)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField()
    reason = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ("at", "id")

    def __str__(self) -> str:
        return f"{self.action} {self.at:%Y-%m-%d %H:%M}"
