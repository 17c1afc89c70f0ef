"""Looking at a draft or a version as a whole: differences, history, integrity, impact, what is retired."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods

from jingtu.core.accounts.access import actor_of, require
from jingtu.core.kernel.ids import id_in
from jingtu.engine.catalogue.editing import entry_yaml, field_changes
from jingtu.engine.catalogue.integrity import TOPICS, Remark

from . import queries, services, words
from .drafting_views import PAGE_SIZE, tabs, trail
from .forms import CompareForm
from .standing import READERS

FIRST_OF_TOPIC = 10


@require(*READERS)
@require_GET
def difference(request: HttpRequest, draft_id: int) -> HttpResponse:
    """What a draft says otherwise than the version it was begun from."""
    draft, found = queries.compare_draft(actor_of(request), draft_id)
    context = {
        "draft": draft,
        "found": found,
        "page": Paginator(found.changes, PAGE_SIZE).get_page(request.GET.get("page")),
        "old": _("第%(number)s版") % {"number": draft.base.number},
        "new": pgettext("one", "草案"),
        "tabs": tabs(draft_id, "draft-difference"),
        "steps": trail(draft, (_("改了什么"), "")),
    }
    return render(request, "indicators/difference.html", context)


@require_GET
def compare(request: HttpRequest) -> HttpResponse:
    """Any two versions side by side."""
    actor = actor_of(request)
    versions = queries.versions(actor)
    choices = [
        (version.number, f"v{version.number} · {version.in_force_from:%Y-%m-%d}") for version in versions
    ]
    start = {"old": versions[min(1, len(versions) - 1)].number, "new": versions[0].number} if versions else {}
    form = CompareForm(request.GET if "old" in request.GET else start, versions=choices)
    found, page = None, None
    if versions and form.is_valid():
        _old, _new, found = queries.compare_versions(
            actor, form.cleaned_data["old"], form.cleaned_data["new"]
        )
        page = Paginator(found.changes, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "found": found,
        "page": page,
        "old": f"v{form.cleaned_data.get('old', '')}" if found else "",
        "new": f"v{form.cleaned_data.get('new', '')}" if found else "",
        "number": form.cleaned_data.get("new") if found else None,
        "versions": versions,
        "steps": [
            (_("指标目录"), reverse("indicators:catalogue")),
            (_("历次版本"), reverse("indicators:versions")),
            (_("比较版本"), ""),
        ],
    }
    return render(request, "indicators/compare.html", context, status=400 if form.errors else 200)


@require(*READERS)
@require_GET
def history(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Every edit of a draft; one of them opened."""
    actor = actor_of(request)
    draft = queries.get_draft(actor, draft_id)
    number = id_in(request.GET.get("edit"))
    opened = queries.edit_of(actor, draft_id, number) if number is not None else None
    context = {
        "draft": draft,
        "page": Paginator(queries.edits(actor, draft_id), PAGE_SIZE).get_page(request.GET.get("page")),
        "opened": opened,
        "changes": [(change, field_changes(change)) for change in opened.listed] if opened else [],
        "tabs": tabs(draft_id, "draft-history"),
        "steps": trail(draft, (_("修改记录"), "")),
    }
    return render(request, "indicators/history.html", context)


@dataclass(frozen=True)
class _RemarkGroup:
    """The remarks of one topic; on the page of all topics only the first of them."""

    topic: str
    remarks: Sequence[Remark]

    @property
    def word(self) -> str:
        return str(words.TOPICS[self.topic])

    @property
    def count(self) -> int:
        return len(self.remarks)

    @property
    def first(self) -> Sequence[Remark]:
        return self.remarks[:FIRST_OF_TOPIC]

    @property
    def more(self) -> bool:
        return self.count > FIRST_OF_TOPIC

    @property
    def harmless(self) -> bool:
        return self.topic == "idle"


@require(*READERS)
@require_GET
def integrity(request: HttpRequest, draft_id: int | None = None) -> HttpResponse:
    """What deserves a look: in a draft, or in the catalogue in force."""
    actor = actor_of(request)
    draft = None if draft_id is None else queries.get_draft(actor, draft_id)
    found = queries.integrity_page(actor, draft_id)
    asked = request.GET.get("topic", "")
    topic = asked if asked in TOPICS else ""
    shown = [remark for remark in found.remarks if remark.topic == topic]
    groups = [_RemarkGroup(key, [one for one in found.remarks if one.topic == key]) for key in TOPICS]
    steps = (
        trail(draft, (_("完整性"), ""))
        if draft
        else [
            (_("指标目录"), reverse("indicators:catalogue")),
            (_("完整性"), ""),
        ]
    )
    context = {
        "draft": draft,
        "found": found,
        "groups": groups,
        "total": len(found.remarks),
        "troubling": any(group.count for group in groups if not group.harmless),
        "topic": topic,
        "heading": words.TOPICS.get(topic, ""),
        "page": Paginator(shown, PAGE_SIZE).get_page(request.GET.get("page")),
        "tabs": tabs(draft_id, "draft-integrity") if draft_id is not None else None,
        "steps": steps,
    }
    return render(request, "indicators/integrity.html", context)


@require(*READERS)
@require_http_methods(["GET", "POST"])
def impact(request: HttpRequest, draft_id: int) -> HttpResponse:
    """What a draft would have made of the latest published results."""
    actor = actor_of(request)
    draft = queries.get_draft(actor, draft_id)
    if request.method == "POST":
        job = services.measure(actor, draft_id)
        if job is not None:
            messages.success(request, _("正在后台测算，完成后再来查看。"))
            return redirect("jobs:detail", job.pk)
        messages.success(request, _("测算完成。"))
        return redirect("indicators:draft-impact", draft_id)
    context = {
        "draft": draft,
        "impacts": queries.impact_views(actor, draft),
        "may_measure": queries.may_draft(actor),
        "tabs": tabs(draft_id, "draft-impact"),
        "steps": trail(draft, (_("影响"), "")),
    }
    return render(request, "indicators/impact.html", context)


@require_GET
def version_entry(request: HttpRequest, number: int, kind: str, code: str) -> HttpResponse:
    """A definition as a version had it: what is retired stays readable."""
    actor = actor_of(request)
    version, entry = queries.entry_in_version(actor, number, kind, code)
    context = {
        "version": version,
        "kind": kind,
        "code": code,
        "name": queries.name_of(entry, words.interface_language()),
        "text": entry_yaml(entry),
        "retired": code not in getattr(queries.current_catalogue(actor), kind),
        "steps": [
            (_("指标目录"), reverse("indicators:catalogue")),
            (_("历次版本"), reverse("indicators:versions")),
            (f"v{number} · {code}", ""),
        ],
    }
    return render(request, "indicators/version_entry.html", context)
