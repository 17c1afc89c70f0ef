"""Template tags and filters of the interface: ``{% load ui %}``. docs/guide/ui.md shows each in use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect, Select
from django.http import HttpRequest, QueryDict
from django.template.context import Context
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.ui import drawing, words
from jingtu.core.ui.charts import Chart
from jingtu.core.ui.context import actor_of
from jingtu.core.ui.middleware import interface_language
from jingtu.engine.catalogue.thresholds import Threshold
from jingtu.engine.elements import unit_after

register = template.Library()


# --- marks, numbers, movement


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """A symbol of the sprite; without ``label`` it is decoration and hidden from screen readers."""
    href = f"{_sprite()}#{name}"
    if label:
        return format_html(
            '<svg class="jt-icon" role="img" aria-label="{}"><use href="{}"></use></svg>', label, href
        )
    return format_html('<svg class="jt-icon" aria-hidden="true"><use href="{}"></use></svg>', href)


@cache  # asked for some forty times on a page
def _sprite() -> str:
    return static("ui/icons.svg")


@register.filter
def enumerated(names: Iterable[object]) -> str:
    """Names one after the other, parted as the language does."""
    return pgettext("between names", "、").join(str(name) for name in names)


@register.filter
def threshold(requirement: Threshold | str | None) -> str:
    """A requirement as readers see it, ``≥98`` for the ``>= 98`` of the catalogue; a dash where none is set."""
    if not requirement:
        return "–"
    parsed = requirement if isinstance(requirement, Threshold) else Threshold.parse(requirement)
    return parsed.label(language=interface_language())


@register.simple_tag
def state_badge(state: object, word: str = "") -> SafeString:
    """Shape, colour and word of a state; ``word`` replaces the usual one."""
    shown = words.state_of(state)
    return format_html(
        '<span class="jt-state jt-state-{}"><span class="jt-state-mark" aria-hidden="true">{}</span>{}</span>',
        shown.key,
        shown.mark,
        word or shown.word,
    )


@register.simple_tag
def state_mark(state: object) -> SafeString:
    """Only shape and colour for dense tables; the word is there for screen readers and on hover."""
    shown = words.state_of(state)
    return format_html(
        '<span class="jt-state jt-state-{0}" title="{2}"><span class="jt-state-mark" aria-hidden="true">{1}</span>'
        '<span class="visually-hidden">{2}</span></span>',
        shown.key,
        shown.mark,
        shown.word,
    )


@register.filter
def signed(label: str) -> str:
    """Whose act it was, as kept with it; what the machine did by itself says so in the reader's language."""
    return _("系统") if label == SYSTEM.label else label


@register.simple_tag
def num(
    value: object,
    unit: str | None = None,
    decimals: int | None = None,
    state: object = "missing",
    qualifier: object = "",
) -> SafeString:
    """A number with separators, qualifier and unit; when there is none, the word for ``state`` (缺报， 不适用…)."""
    text = words.format_number(value, decimals)
    if text is None:
        key = "missing" if state in (None, "", 0) else state
        return format_html('<span class="jt-missing">{}</span>', words.state_of(key).word)
    sign = words.QUALIFIERS.get(str(getattr(qualifier, "value", qualifier) or ""), "")
    before, after = ("", pgettext("qualifier", "余")) if sign == "+" else (sign, "")
    shown_unit = unit_after(text, unit, interface_language()) if unit else ""
    tail = format_html('<span class="jt-unit">{}</span>', shown_unit) if unit else ""
    return format_html('<span class="jt-num">{}{}{}{}</span>', before, text, after, tail)


@register.simple_tag
def delta(change: object, unit: str = "", good: str = "none", decimals: int | None = None) -> SafeString:
    """Arrow and size of a change; ``good`` (up, down, none) decides whether it is better or worse."""
    return _moved(words.movement(change, good, decimals), unit)


@register.simple_tag
def rank_move(places: object) -> SafeString:
    """Places gained (positive) or lost since the period before; a dash when there was no rank before."""
    return _moved(words.rank_movement(places), "")


def _moved(moved: words.Movement | None, unit: str) -> SafeString:
    if moved is None:
        return format_html(
            '<span class="jt-missing" title="{0}"><span aria-hidden="true">–</span>'
            '<span class="visually-hidden">{0}</span></span>',
            _("无可比数据"),
        )
    return format_html(
        '<span class="jt-move jt-move-{}"><span aria-hidden="true">{}</span>'
        '<span class="visually-hidden">{}</span>{}{}</span>',
        moved.tone,
        moved.arrow,
        moved.word,
        moved.size,
        unit,
    )


# --- drawings


@register.simple_tag(takes_context=True)
def invented_list(context: Context) -> SafeString:
    """The notice of invented data over a list of whatever the reader may see, when some may be invented."""
    if context.get("fictional"):
        return render_to_string("ui/components/fictional.html")
    if getattr(actor_of(context["request"]), "sees_fiction", False):
        return render_to_string("ui/components/invented_list.html")
    return SafeString("")


@register.inclusion_tag("ui/components/sparkline.html")
def sparkline(values: Sequence[object], label: str = "", reference: object = None) -> dict[str, object]:
    """A small line from oldest to newest; ``label`` says in words what it shows."""
    values = list(values)
    first = next((value for value in values if value is not None), None)
    last = values[-1] if values else None
    return {"line": drawing.sparkline(values, reference), "label": label, "first": first, "last": last}


@register.inclusion_tag("ui/components/bar.html")
def bar(
    value: object,
    maximum: object,
    low: object = None,
    high: object = None,
    target: object = None,
    state: str = "",
    label: str = "",
) -> dict[str, object]:
    """A horizontal bar from zero with its noise band (``low`` to ``high``) and target mark."""
    return {"bar": drawing.bar(value, maximum, low, high, target), "state": state, "label": label}


@register.inclusion_tag("ui/components/dot_strip.html")
def dot_strip(
    rows: Iterable[tuple[str, object]], own: str | None = None, unit: str = ""
) -> dict[str, object]:
    """The distribution of (name, value) pairs as dots; outliers and ``own`` are named."""
    return {"strip": drawing.dot_strip(list(rows), own), "unit": unit}


@register.inclusion_tag("ui/components/progress.html")
def progress(done: float | None, total: float | None = 100, label: str = "") -> dict[str, object]:
    """A progress bar; ``done`` None means that the end is not known yet."""
    whole = total or 100
    percent = None if done is None else int(100 * done / whole)
    return {"done": done, "total": whole, "percent": percent, "label": label}


# --- charts


@register.inclusion_tag("ui/components/chart.html")
def chart(chart_id: str, spec: Chart, download_url: str = "", height: str = "md") -> dict[str, object]:
    """A chart with its table twin and its downloads; ``height``: sm, md, lg or xl."""
    return {
        "chart_id": chart_id,
        "option_id": f"{chart_id}-option",
        "table_id": f"{chart_id}-table",
        "spec": spec,
        "option": spec.option(),
        "rows": _twin(spec),
        "download_url": download_url,
        "height": height,
    }


def _twin(spec: Chart) -> list[list[tuple[str, bool, str]]]:
    """The body of the table twin: (text, numeric, address) by row."""
    columns, links = spec.columns(), spec.links()
    return [
        [
            (cell, numeric, links[number] if links and column == spec.linked_column else "")
            for column, (cell, (_label, numeric)) in enumerate(zip(row, columns, strict=True))
        ]
        for number, row in enumerate(spec.rows())
    ]


# --- tables, pages, links


def _query(context: Mapping[str, Any]) -> QueryDict:
    request: HttpRequest | None = context.get("request")
    return request.GET.copy() if request is not None else QueryDict(mutable=True)


def _link(query: QueryDict, **changes: str | None) -> str:
    for name, value in changes.items():
        if value is None:
            query.pop(name, None)
        else:
            query[name] = value
    return f"?{query.urlencode()}" if query else "?"


@register.inclusion_tag("ui/components/sort_header.html", takes_context=True)
def sort_header(
    context: Mapping[str, Any],
    label: str,
    key: str,
    unit: str = "",
    numeric: bool = False,
    default: str = "",
) -> dict[str, object]:
    """A column head that sorts on the server through ``?sort=key`` / ``?sort=-key``; ``default``: order without it."""
    query = _query(context)
    current = query.get("sort", default)
    order = {key: "ascending", f"-{key}": "descending"}.get(current, "none")
    # Numbers are first wanted largest first, names from the beginning.
    first, second = (f"-{key}", key) if numeric else (key, f"-{key}")
    link = _link(query, sort=second if current == first else first, page=None)
    return {"label": label, "unit": unit, "numeric": numeric, "order": order, "link": link}


@register.inclusion_tag("ui/components/pagination.html", takes_context=True)
def pagination(context: Mapping[str, Any], page: Page[Any], param: str = "page") -> dict[str, object]:
    """Links to the pages around ``page``; everything else in the address stays."""

    def link(number: int | None) -> str | None:
        return None if number is None else _link(_query(context), **{param: str(number)})

    numbers = [
        (number, link(number) if isinstance(number, int) else None)
        for number in page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
    ]
    return {
        "page": page,
        "numbers": numbers,
        "previous": link(page.previous_page_number()) if page.has_previous() else None,
        "next": link(page.next_page_number()) if page.has_next() else None,
    }


@register.inclusion_tag("ui/components/hidden_query.html", takes_context=True)
def hidden_query(context: Mapping[str, Any], *without: str) -> dict[str, object]:
    """Hidden inputs that carry the address's query through a GET form, except the named fields and the page."""
    query = _query(context)
    kept = [
        (name, value) for name in query if name not in {*without, "page"} for value in query.getlist(name)
    ]
    return {"kept": kept}


@register.inclusion_tag("ui/components/empty_state.html")
def empty_state(
    title: str, text: str = "", action_url: str = "", action_label: str = "", symbol: str = "inbox"
) -> dict[str, object]:
    """What will be here and how it gets here."""
    return {
        "title": title,
        "text": text,
        "action_url": action_url,
        "action_label": action_label,
        "symbol": symbol,
    }


@register.inclusion_tag("ui/components/copy_link.html")
def copy_link(url: str = "", label: str = "") -> dict[str, object]:
    """A button that copies ``url`` (by default the address of the page)."""
    return {"url": url, "label": label or _("复制链接")}


# --- pickers


@register.inclusion_tag("ui/components/period_picker.html", takes_context=True)
def period_picker(
    context: Mapping[str, Any],
    period: Any,
    kinds: Iterable[str] = ("month", "quarter", "half_year", "year", "ytd", "range"),
    param: str = "period",
    show_neighbours: bool = True,
) -> dict[str, object]:
    """A picker of every cadence; ``period`` is an ``engine.periods.Period`` (or None). Sets ``?period=KEY``."""
    labels = period_kind_labels()
    chosen = [
        (str(getattr(kind, "value", kind)), labels[str(getattr(kind, "value", kind))]) for kind in kinds
    ]
    result: dict[str, object] = {
        "request": context.get("request"),
        "period": period,
        "kinds": chosen,
        "param": param,
        "label": "",
        "kind": chosen[0][0],
    }
    if period is not None:
        result["label"] = period.label(interface_language())
        result["kind"] = str(getattr(period.kind, "value", period.kind))
        if show_neighbours:
            neighbours = {"earlier": period.previous()}
            if hasattr(period, "next"):
                neighbours["later"] = period.next()
            for name, neighbour in neighbours.items():
                result[name] = _link(_query(context), **{param: neighbour.key, "page": None})
                result[f"{name}_label"] = neighbour.label(interface_language())
    return result


def period_kind_labels() -> dict[str, str]:
    """Names of the cadences."""
    return {
        "day": _("日"),
        "week": _("周"),
        "dekad": _("旬"),
        "half_month": _("半月"),
        "month": _("月"),
        "quarter": _("季"),
        "half_year": _("半年"),
        "year": _("年"),
        "ytd": _("年初至今"),
        "range": _("任意月份"),
    }


@register.inclusion_tag("ui/components/region_picker.html", takes_context=True)
def region_picker(
    context: Mapping[str, Any],
    path: Sequence[tuple[str, object]],
    search_url: str,
    param: str = "region",
    children: Sequence[tuple[str, object]] = (),
) -> dict[str, object]:
    """Breadcrumb and picker of a region.

    ``path``: (name, value) from the root to the current region; ``children``: the regions just below;
    ``search_url``: answers ``?q=`` with ``ui/components/region_options.html``. Sets ``?region=VALUE``.
    """

    def option(row: tuple[str, object]) -> tuple[str, str]:
        return row[0], _link(_query(context), **{param: str(row[1]), "page": None})

    return {
        "request": context.get("request"),
        "ancestors": [option(row) for row in path[:-1]],
        "current": path[-1][0] if path else "",
        "children": [option(row) for row in children],
        "search_url": search_url,
        "param": param,
    }


# --- forms


@register.inclusion_tag("ui/components/field.html")
def field(bound: BoundField, label: str = "", mark_optional: bool = True) -> dict[str, object]:
    """One form field: label, control, help and errors, tied together for screen readers.

    ``mark_optional``: say 选填 beside the label of a field that may stay empty (not in filters, where all may).
    """
    widget = bound.field.widget
    group = isinstance(widget, RadioSelect | CheckboxSelectMultiple)
    check = isinstance(widget, CheckboxInput)
    if group or check:
        css = "form-check-input"
    elif isinstance(widget, Select):
        css = "form-select"
    else:
        css = "form-control"
    described = [f"{bound.auto_id}_helptext"] if bound.help_text else []
    attributes: dict[str, str | bool] = {"class": f"{widget.attrs.get('class', '')} {css}".strip()}
    if bound.errors:
        described.append(f"{bound.auto_id}_errors")
        attributes["class"] = f"{attributes['class']} is-invalid"
        attributes["aria-invalid"] = "true"
    if described:
        attributes["aria-describedby"] = " ".join(described)
    return {
        "bound": bound,
        "label": label or bound.label,
        "control": bound.as_widget(attrs=attributes),
        "check": check,
        "group": group,
        "hidden": bound.is_hidden,
        "optional": mark_optional and not bound.field.required,
    }


@register.simple_tag
def heat_class(lost: object, points: object) -> str:
    """The shade of a scorecard cell, ``jt-heat-0`` (nothing lost) to ``jt-heat-5``; empty when nothing is known."""
    level = drawing.heat_level(lost, points)
    return "" if level is None else f"jt-heat-{level}"
