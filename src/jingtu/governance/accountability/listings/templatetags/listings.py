"""Template tags of listings: ``{% load listings %}``."""

from __future__ import annotations

from django import template
from django.forms import BoundField, CheckboxInput, Select
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from jingtu.core.ui.middleware import interface_language
from jingtu.engine.catalogue.thresholds import Threshold

register = template.Library()
SOON_DAYS = 30


@register.filter
def asked(requirement: str) -> str:
    """What a criterion asks, in signs people know: ``>= 3`` becomes ≥3."""
    return Threshold.parse(requirement).label(language=interface_language()) if requirement else ""


@register.simple_tag
def time_left(days: int | None) -> SafeString | str:
    """The days left of a term, marked where it ends soon or is over; a dash where none runs."""
    if days is None:
        return "–"
    if days < 0:
        return _marked("below", "◆", _("超期%(days)s天") % {"days": -days})
    if days == 0:
        return _marked("watch", "▲", _("今天到期"))
    text = _("余%(days)s天") % {"days": days}
    return _marked("watch", "▲", text) if days <= SOON_DAYS else text


def _marked(state: str, mark: str, word: str) -> SafeString:
    return format_html(
        '<span class="jt-state jt-state-{}"><span class="jt-state-mark" aria-hidden="true">{}</span>{}</span>',
        state,
        mark,
        word,
    )


@register.simple_tag
def cell_field(bound: BoundField) -> SafeString:
    """A field inside a table whose head names the column: named for readers of screens, its errors below."""
    widget = bound.field.widget
    css = (
        "form-check-input"
        if isinstance(widget, CheckboxInput)
        else "form-select"
        if isinstance(widget, Select)
        else "form-control"
    )
    attributes: dict[str, str | bool] = {"class": css, "aria-label": str(bound.label)}
    if bound.errors:
        attributes |= {"class": f"{css} is-invalid", "aria-invalid": "true"}
    control = bound.as_widget(attrs=attributes)
    errors = format_html_join(
        "", '<span class="invalid-feedback d-block">{}</span>', ((error,) for error in bound.errors)
    )
    return format_html("{}{}", control, errors)
