"""Handing out documents: counted in the audit trail."""

from __future__ import annotations

from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.errors import NotFound

from ..composing import restored
from ..models import QuarterBulletin
from ..papers import compose, has_paper
from ..printing import printed
from ..queries import get_bulletin, get_measure
from ..rules import Act
from .common import written

LANGUAGES = ("zh", "en")


def take_paper(actor: Actor, measure_id: int, step_id: int, language: str, extension: str) -> bytes:
    """The document of a step as a file. Raises NotFound."""
    measure = get_measure(actor, measure_id)
    step = measure.steps.filter(pk=step_id).first()
    known = step is not None and has_paper(Act(step.act)) and language in LANGUAGES
    if step is None or not known or extension == "xlsx":
        raise NotFound(f"#{step_id}", "document")
    content = printed(compose(step, "en" if language == "en" else "zh"), extension)
    after = {"step": step.act, "file": f"{language}.{extension}"}
    written(actor, "paper_taken", "measure", measure.pk, measure.region_id, after=after)
    return content


def take_bulletin(
    actor: Actor, bulletin_id: int, language: str, extension: str
) -> tuple[QuarterBulletin, bytes]:
    """An issued bulletin as a file. Raises NotFound."""
    bulletin = get_bulletin(actor, bulletin_id)
    if language not in LANGUAGES:
        raise NotFound(language, "document")
    content = printed(restored(bulletin.content[language]), extension)
    after = {"file": f"{language}.{extension}"}
    written(actor, "bulletin_taken", "measure_bulletin", bulletin.pk, bulletin.region_id, after=after)
    return bulletin, content
