"""Duty reports as files."""

from __future__ import annotations

from jingtu.assessment.bulletins import pdf, word
from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.errors import NotFound
from jingtu.engine.problems import Language

from .queries import get_report
from .sections import sections_of
from .services import record_printing
from .writer import document

FORMATS = {"docx": word.render, "pdf": pdf.render}
LANGUAGES: tuple[Language, ...] = ("zh", "en")


def printed(actor: Actor, report_id: int, language: Language, extension: str) -> tuple[str, bytes]:
    """The file's name and content; that it was taken out is recorded. Raises NotFound."""
    report = get_report(actor, report_id)
    if extension not in FORMATS:
        raise NotFound(extension)
    content = FORMATS[extension](document(report, sections_of(actor, report), language))
    record_printing(actor, report, extension)
    return f"duty-report-{report.year}-{report.pk}.{extension}", content
