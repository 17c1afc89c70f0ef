"""Template tags of sheets: ``{% load outputs %}``."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from jingtu.assessment.outputs.layout import Layout, Row
from jingtu.assessment.outputs.models import Sheet
from jingtu.assessment.outputs.rules import Origin, Status
from jingtu.assessment.outputs.words import ORIGINS, STATUSES
from jingtu.core.ui.middleware import interface_language

register = template.Library()


@register.simple_tag
def item_status(status: Status) -> SafeString:
    """Where an item stands as mark, colour and word."""
    word, key, mark = STATUSES[status]
    return format_html(
        '<span class="jt-state jt-state-{}"><span class="jt-state-mark" aria-hidden="true">{}</span>{}</span>',
        key,
        mark,
        word,
    )


@register.filter
def origin_word(origin: Origin) -> str:
    """What a value rests on, in words."""
    return str(ORIGINS[origin])


@register.filter
def title_in(row: Row) -> str:
    """The title of a row in the reader's language."""
    return row.title(interface_language())


@register.filter
def note_in(thing: Row | Layout) -> str:
    """The remark of a row or layout in the reader's language."""
    return thing.note(interface_language())


@register.filter
def name_in(layout: Layout) -> str:
    return layout.name(interface_language())


@register.filter
def evaluation_in(layout: Layout) -> str:
    return layout.evaluation(interface_language())


@register.filter
def document_in(layout: Layout) -> str:
    return layout.document(interface_language())


@register.simple_tag
def sheet_period(sheet: Sheet) -> str:
    """The period in words."""
    return sheet.period_label(interface_language())


@register.filter
def column_heads(layout: Layout) -> str:
    """The heads of the columns in a row."""
    at = 2 if interface_language() == "en" else 1
    return (", " if at == 2 else "、").join(column[at] for column in layout.columns)


@register.filter
def asks_for(row: Row) -> str:
    """The code of what a row is filled with."""
    return f"{row.kind}: {row.of}" if row.of else row.kind
