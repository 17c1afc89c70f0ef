"""Printing the official papers of a listing: once, as Word and PDF, each with its number."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.db import transaction
from django.urls import reverse

from jingtu.assessment.bulletins import pdf, word
from jingtu.core.files.models import StoredFile
from jingtu.core.files.services import keep_made
from jingtu.core.kernel.actor import Actor, Permission, person_behind
from jingtu.core.kernel.clock import now, today
from jingtu.core.kernel.errors import Conflict, PermissionDenied, Problem, register_texts
from jingtu.core.kernel.languages import in_both
from jingtu.core.numbering.models import NumberSeries, OfficialNumber
from jingtu.core.numbering.queries import series_visible
from jingtu.core.numbering.services import allocate

from ..composing import available, compose
from ..models import Listing, ListingPaper
from ..reading import reading_copy
from ..rules import text_problem
from ..visibility import may_above
from ..words import PAPERS
from .common import demand, locked, take_step

PAPER_PURPOSE = "listings.paper"

register_texts(
    {
        "listings.paper_early": ("还不到印制这份文书的时候。", "It is too early for this paper."),
        "listings.series": (
            "请选择列出的文号系列，或填写文号。",
            "Choose a series that is offered, or give a number.",
        ),
    }
)


def series_offered(actor: Actor, listing: Listing) -> list[NumberSeries]:
    """Series of the offices above the place for which the actor prepares or decides. One query."""
    region = listing.region
    found = series_visible(actor, Permission.LISTINGS_PREPARE) | series_visible(
        actor, Permission.LISTINGS_DECIDE
    )
    return list(
        found.filter(
            region__tree_id=region.tree_id,
            region__position__lt=region.position,
            region__last__gte=region.position,
        ).distinct()
    )


def print_paper(
    actor: Actor, listing_id: int, kind: str, *, issuer: str, series_id: int | None = None, number: str = ""
) -> ListingPaper:
    """Print a paper and keep it, with an English copy to read beside it. It takes the next number of a series, or bears the number given.

    The notice of listing and of delisting may bear the number of their decision. Raises PermissionDenied, Conflict,
    InvalidInput.
    """
    person = person_behind(actor, Permission.LISTINGS_PREPARE)
    with transaction.atomic():
        listing = locked(actor, listing_id)
        if not any(
            may_above(actor, permission, listing.region)
            for permission in (Permission.LISTINGS_PREPARE, Permission.LISTINGS_DECIDE)
        ):
            raise PermissionDenied(Permission.LISTINGS_PREPARE)
        acceptance = listing.acceptances.filter(dropped_at__isnull=True).first()
        if kind not in available(listing, acceptance):
            raise Conflict(Problem("listings.paper_early"))
        series = None if series_id is None else next(
            (one for one in series_offered(actor, listing) if one.pk == series_id), None
        )  # fmt: skip
        demand(
            text_problem(issuer, "issuer"),
            Problem("listings.series", column="series") if series_id is not None and series is None else None,
            text_problem(number, "number") if series is None else None,
            Problem("listings.too_long", {"most": 64}, column="number") if len(number.strip()) > 64 else None,
        )
        official = _number(actor, listing, kind, series) if series else None
        text = official.text if official else number.strip()
        said: dict[str, Any] = {
            "issuer": issuer.strip(),
            "number": text,
            "day": today(),
            "acceptance": acceptance,
        }
        made = compose(kind, listing, **said)
        english = reading_copy(kind, listing, **said)
        name = f"{listing.subject}_{made.title}"[:120]
        paper = ListingPaper.objects.create(
            listing=listing,
            kind=kind,
            number=text,
            official=official,
            word=_keep(actor, listing, word.render(made), f"{name}.docx"),
            pdf=_keep(actor, listing, pdf.render(made), f"{name}.pdf"),
            reading=_keep(actor, listing, pdf.render(english), f"{english.title[:100]}.pdf"),
            made_by_id=person,
            made_at=now(),
        )
        take_step(
            actor, listing, "paper", action="listings.paper", note={"code": "paper", "kind": kind, "number": text},
            after={"kind": kind, "number": text},
        )  # fmt: skip
    return paper


def _number(actor: Actor, listing: Listing, kind: str, series: NumberSeries) -> OfficialNumber:
    zh, en = in_both(PAPERS[kind])
    return allocate(
        actor,
        series.pk,
        subject=f"{zh}：{listing.region.name}",
        subject_en=f"{en}: {listing.region.name}",
        target=f"listing:{listing.pk}:{kind}",
        link=reverse("listings:detail", args=[listing.pk]),
    )


def _keep(actor: Actor, listing: Listing, content: bytes, name: str) -> StoredFile:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "printed"
        path.write_bytes(content)
        return keep_made(actor, path, name, purpose=PAPER_PURPOSE, region_id=listing.region_id)
