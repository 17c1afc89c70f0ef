"""Bodies in the search of everything, in what waits for a person today, and among those who cite a document."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from jingtu.core.documents.registry import Citation
from jingtu.core.documents.rules import parse_reference
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.clock import today
from jingtu.core.ui.search import Hit
from jingtu.core.ui.today import Duty

from .models import Body
from .queries import Wanted, bodies, drafts_waiting, terms_ending, visible
from .words import kind_word


def find_bodies(actor: Actor, text: str, limit: int) -> list[Hit]:
    """Bodies by name, place or duties. One query."""
    return [
        Hit(body.title, reverse("bodies:detail", args=[body.pk]), f"{body.region.name} · {kind_word(body)}")
        for body in bodies(actor, Wanted(search=text))[:limit]
    ]


def citations(actor: Actor, code: str) -> Sequence[Citation]:
    """Bodies whose duties rest on a document, or on an article of it. One query."""
    rows = Body.objects.filter(visible(actor), document__startswith=code, dissolved__isnull=True)
    found = []
    for body in rows:
        cited, article = parse_reference(body.document)
        if cited == code:
            address = reverse("bodies:detail", args=[body.pk])
            found.append(Citation(_("组织机构"), body.title, address, article))
    return found


def waiting(actor: Actor) -> list[Duty]:
    """Terms that end soon, and reports of others to be issued. At most three queries."""
    duties = []
    if actor.can(Permission.BODIES_MANAGE):
        ending = terms_ending(actor, today()).count()
        if ending:
            duties.append(Duty(_("任期即将届满的成员"), reverse("bodies:terms"), count=ending, tone="watch"))
    if actor.can(Permission.SUPERVISION_ISSUE):
        for report in drafts_waiting(actor).select_related("body")[:5]:
            url = reverse("bodies:report", args=[report.pk])
            duties.append(
                Duty(_("待签发的机构报告"), url, f"{report.body.title} · {report.period_label}", tone="watch")
            )
    return duties
