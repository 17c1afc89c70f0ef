"""Template tags of runs: ``{% load runs %}``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext

from jingtu.assessment.runs.words import (
    FINDING_MARKS,
    FINDING_STATES,
    SEVERITIES,
    STATE_MARKS,
    STATES,
    UNRANKED,
)
from jingtu.core.ui.middleware import interface_language
from jingtu.core.ui.templatetags.ui import state_badge
from jingtu.core.ui.words import rank_text
from jingtu.engine.derivation import Step

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


@register.simple_tag
def rank_of(row: Any) -> SafeString:
    """The rank of a place, shared ones marked so; without one the word for why."""
    if row.rank is None:
        return format_html('<span class="jt-missing">{}</span>', UNRANKED[row.unranked])
    return format_html('<span class="jt-num">{}</span>', rank_text(row.rank, tied=row.tied))


@register.filter
def why_unranked(reason: str) -> object:
    """Why a place has no rank, in words."""
    return UNRANKED[reason]


@register.simple_tag
def movement_note(ranking: Any) -> str:
    """Which period movement is told against, or why none is told."""
    if ranking.previous is None:
        return gettext("没有可比的上期")
    said = {"period": ranking.previous.period_label}
    if not ranking.comparable:
        return gettext("上期（%(period)s）排名的对象与本期不同，不比较名次") % said
    return gettext("箭头为较上期（%(period)s）名次") % said


@register.simple_tag
def finding_state(state: str) -> SafeString:
    """The state of a finding as mark, colour and word."""
    return _marked(*FINDING_MARKS[state], FINDING_STATES[state])


@register.simple_tag
def finding_severity(severity: str) -> SafeString:
    """How serious a finding is, as mark, colour and word."""
    return _marked(*(("below", "◆") if severity == "error" else ("watch", "▲")), SEVERITIES[severity])


def _marked(key: str, mark: str, word: object) -> SafeString:
    return format_html(
        '<span class="jt-state jt-state-{}"><span class="jt-state-mark" aria-hidden="true">{}</span>{}</span>',
        key,
        mark,
        word,
    )


@register.simple_tag
def ranked_word(kind: str) -> str:
    """What a tree of this kind ranks: places or member units."""
    return pgettext("one", "成员单位") if kind == "units" else gettext("地区")


@register.simple_tag
def group_mark(mark: str) -> SafeString:
    """The state of a framework; it is met or not, but has no red line of its own."""
    words = {"below": gettext("未守住"), "none": gettext("不能判断")}
    return state_badge(mark, words.get(mark, ""))


@register.filter
def in_a_row(streak: int) -> str:
    """A streak in words: rises or falls in a row; a dash for none."""
    if not streak:
        return "–"
    word = gettext("%(n)s连升") if streak > 0 else gettext("%(n)s连降")
    return word % {"n": abs(streak)}


@register.filter
def label_of(step: Step) -> str:
    """The text of a step of a derivation in the reader's language."""
    return step.label(interface_language())


@register.filter
def at(rows: Sequence[Any], index: int) -> Any:
    """The entry of a list at a position."""
    return rows[index]
