"""Template tags of alerts: ``{% load alerts %}``."""

from __future__ import annotations

from django import template
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString

from jingtu.assessment.alerts.words import SEVERITIES, SEVERITY_MARKS, STATE_MARKS, STATES

register = template.Library()


@register.simple_tag
def alert_state(state: str) -> SafeString:
    """The state of an alert as mark, colour and word."""
    return _marked(STATE_MARKS[state], STATES[state])


@register.simple_tag
def alert_severity(severity: str) -> SafeString:
    """How urgent an alert is, as mark, colour and word."""
    return _marked(SEVERITY_MARKS[severity], SEVERITIES[severity])


def _marked(shown: tuple[str, str], word: str | Promise) -> SafeString:
    return format_html(
        '<span class="jt-state jt-state-{}"><span class="jt-state-mark" aria-hidden="true">{}</span>{}</span>',
        *shown,
        word,
    )
