"""Marks of targets: ``{% load targets %}``."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString

from jingtu.core.ui.middleware import interface_language
from jingtu.core.ui.templatetags.ui import state_badge, threshold

from .. import words
from ..models import Target

register = template.Library()


@register.simple_tag
def target_state(state: str) -> SafeString:
    """Where a version stands: shape, colour, word."""
    return state_badge(words.TONES[state], str(words.STATES[state]))


@register.simple_tag
def standing(key: str) -> SafeString:
    """How a value stands on its trajectory."""
    word, tone = words.STANDINGS[key]
    return state_badge(tone, str(word))


@register.simple_tag
def turn(key: str) -> SafeString:
    """What a series shows of a turning point."""
    word, tone = words.TURNS[key]
    return state_badge(tone, str(word))


@register.filter
def origin(key: str) -> str:
    """Where a requirement comes from, in a word."""
    return str(words.SCOPES[key])


@register.filter
def level_word(target: Target) -> str:
    """The name of the level that a target means."""
    return target.tree.level_name(target.level)


@register.filter
def group_word(target: Target) -> str:
    """The name of the peer group that a target means; its code where the name is not at hand."""
    named = getattr(target, "group_en" if interface_language() == "en" else "group_zh", None)
    return str(named or target.group)


@register.filter
def asked(target: Target) -> str:
    """Requirement and red line in one line; the red line is named."""
    parts = [threshold(target.requirement)] if target.requirement else []
    if target.red_line:
        parts.append(f"{words.RED_LINE}{threshold(target.red_line)}")
    return "；".join(parts)
