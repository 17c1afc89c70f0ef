"""Template tags of runs: ``{% load runs %}``."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from jingtu.assessment.runs.words import STATE_MARKS, STATES

register = template.Library()


@register.simple_tag
def run_state(state: str) -> SafeString:
    """The state of a run as mark, colour and word."""
    key, mark = STATE_MARKS[state]
    return format_html(
        '<span class="jt-state jt-state-{}"><span class="jt-state-mark" aria-hidden="true">{}</span>{}</span>',
        key,
        mark,
        STATES[state],
    )
