"""Marks of reporting: ``{% load reporting %}``."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from jingtu.core.regions.models import RegionTree
from jingtu.core.ui.templatetags.ui import period_kind_labels
from jingtu.engine.periods import Period

from ..definition import Deadline, Definition
from ..queries.forms import WhoNames
from ..queries.grid import CellView
from ..rules import ReportAction, ReportState, Timeliness
from ..words import ACTIONS, MARKS, STATES, TIME_MARKS, TIMES, interface_language

register = template.Library()


@register.simple_tag
def report_state(state: str) -> SafeString:
    """Shape, colour and word of where a report stands."""
    known = ReportState(state)
    return _mark(*MARKS[known], str(STATES[known]))


@register.simple_tag
def report_time(timeliness: str) -> SafeString:
    """Shape, colour and word of how a report stands to its deadline."""
    known = Timeliness(timeliness)
    return _mark(*TIME_MARKS[known], str(TIMES[known]))


@register.simple_tag
def report_action(action: str) -> str:
    """What somebody did."""
    return str(ACTIONS[ReportAction(action)])


@register.simple_tag
def period_label(period: Period) -> str:
    """The period as offices write it."""
    return period.label(interface_language())


@register.simple_tag
def period_kind(cadence: str) -> str:
    """The name of a cadence."""
    return period_kind_labels().get(cadence, cadence)


@register.simple_tag
def form_name(definition: Definition) -> str:
    """The name of this version in the reader's language."""
    return definition.name(interface_language())


@register.simple_tag
def form_instructions(definition: Definition) -> str:
    """The instructions in the reader's language."""
    return definition.instructions(interface_language())


@register.simple_tag
def who_fills(tree: RegionTree, definition: Definition, names: WhoNames) -> str:
    """Whom the form asks, in words."""
    who, parts = definition.who, []
    if who.level:
        parts.append(_("各%(level)s") % {"level": tree.level_name(who.level)})
    if who.within:
        parts.append(_("%(name)s之内") % {"name": names.within})
    if who.group:
        parts.append(_("分组“%(name)s”") % {"name": names.group})
    if who.listed:
        parts.append(_("点名%(number)s个单位") % {"number": len(who.listed)})
    return " · ".join(parts)


@register.simple_tag
def deadline_words(deadline: Deadline) -> str:
    """Until when, in words."""
    values = {"days": deadline.days, "at": deadline.at}
    if deadline.counting == "working_days":
        return _("期满后%(days)s个工作日 %(at)s") % values
    return _("期满后%(days)s天 %(at)s") % values


@register.simple_tag
def chain_words(tree: RegionTree, definition: Definition) -> str:
    """The steps of the review, in words."""
    return " → ".join(
        tree.level_name(step.level) if step.level else _("本单位") for step in definition.review
    )


@register.simple_tag
def report_cell(cell: CellView, label: str) -> SafeString:
    """A cell's field, or its figure where nobody types. Drawn here because a large table holds a thousand."""
    if cell.open:
        return format_html(
            '<input class="rp-input" id="{}" type="text" inputmode="decimal" autocomplete="off" maxlength="40"'
            ' value="{}" aria-label="{}" data-rp-cell data-key="{}" data-region="{}" data-version="{}"'
            ' data-decimals="{}" data-name="{}">',
            cell.dom_id,
            cell.shown,
            label,
            cell.key,
            cell.region_id,
            cell.version,
            cell.decimals,
            cell.name,
        )
    return format_html(
        '<output class="rp-locked{}" id="{}" data-rp-fixed data-key="{}" data-region="{}" data-name="{}"'
        ' aria-label="{}" tabindex="-1">{}</output>',
        " rp-total" if cell.kind == "total" else "",
        cell.dom_id,
        cell.key,
        cell.region_id,
        cell.name,
        label,
        cell.figure or "–",
    )


def _mark(tone: str, mark: str, word: str) -> SafeString:
    return format_html(
        '<span class="jt-state jt-state-{}"><span class="jt-state-mark" aria-hidden="true">{}</span>{}</span>',
        tone,
        mark,
        word,
    )
