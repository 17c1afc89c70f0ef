"""Marks of situation reports: ``{% load situation %}``."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from jingtu.core.ui.middleware import interface_language

from ..models import SituationReport
from ..rules import ReportState

register = template.Library()


@register.simple_tag
def situation_state(state: str) -> SafeString:
    """Shape, colour and word of where a report stands."""
    tone, mark, word = {
        ReportState.DRAFT: ("none", "◌", _("编写中")),
        ReportState.REVIEW: ("watch", "▲", _("待签发")),
        ReportState.ISSUED: ("met", "●", _("已签发")),
    }[ReportState(state)]
    return format_html(
        '<span class="jt-state jt-state-{}"><span class="jt-state-mark" aria-hidden="true">{}</span>{}</span>',
        tone,
        mark,
        word,
    )


@register.simple_tag
def situation_period(report: SituationReport) -> str:
    """The period in words."""
    return report.period_label(interface_language())
