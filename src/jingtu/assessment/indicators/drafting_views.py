"""Drawing up the next version: the list of drafts, a draft, its definitions, its source."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jingtu.core.accounts.access import actor_of, require
from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound
from jingtu.core.kernel.ids import id_in
from jingtu.core.regions.queries import get_region
from jingtu.core.ui.middleware import interface_language
from jingtu.engine.catalogue.editing import KINDS, entry_yaml
from jingtu.engine.problems import Problem

from . import queries, services, words
from .entryforms import FORMS, SourceForm
from .forms import DefinitionFilterForm, DraftFilterForm, EnforceForm, ImportForm, OpenForm
from .queries import DraftFilter, DraftPage
from .registry import asking
from .rowforms import Editor, editor_of
from .rules import OPEN, DraftAct, may_edit
from .standing import READERS, catalogue_of_draft, draft_facts

PAGE_SIZE = 50
Said = list[tuple[str, str, str]]
"""(what it is about, the sentence, address of the field) of things that are wrong."""


def said(error: InvalidInput | Conflict | forms.ValidationError) -> Said:
    """A refusal in the reader's language; formulas keep the lines that point at the place."""
    if isinstance(error, forms.ValidationError):
        return [("", text, "") for text in error.messages]
    problems = error.problems if isinstance(error, InvalidInput) else (error.problem,)
    return [_said(problem) for problem in problems]


def _said(problem: Problem) -> tuple[str, str, str]:
    name = (problem.column or "").rpartition(".")[2]
    place = _("第%(row)s行") % {"row": problem.row} if problem.row is not None else ""
    return place, problem.text(interface_language()), f"id_{name}" if name else ""


def trail(draft: Any = None, *more: tuple[str, str]) -> list[tuple[str, str]]:
    """The way to a page of a draft."""
    steps = [(_("指标目录"), reverse("indicators:catalogue")), (_("草案"), reverse("indicators:drafts"))]
    if draft is not None:
        steps.append((draft.title, reverse("indicators:draft", args=[draft.pk]) if more else ""))
    return [*steps, *more]


def tabs(draft_id: int, current: str) -> list[tuple[str, str, bool]]:
    """The pages of a draft."""
    pages = (
        ("draft", _("定义")),
        ("draft-difference", _("改了什么")),
        ("draft-impact", _("影响")),
        ("draft-integrity", _("完整性")),
        ("draft-history", _("修改记录")),
    )
    return [
        (str(label), reverse(f"indicators:{name}", args=[draft_id]), name == current) for name, label in pages
    ]


@require(*READERS)
@require_http_methods(["GET", "POST"])
def draft_list(request: HttpRequest) -> HttpResponse:
    """Every draft; a new one is begun here."""
    actor = actor_of(request)
    form = OpenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            draft = services.open_draft(actor, form.cleaned_data["title"], form.cleaned_data["purpose"])
        except InvalidInput as error:
            for _place, text, _field in said(error):
                form.add_error(None, text)
        else:
            return redirect("indicators:draft", draft.pk)
    state = request.GET.get("state", "")
    state = state if state in (*words.DRAFT_STATES, "open") else ""
    context = {
        "page": Paginator(queries.drafts(actor, state), PAGE_SIZE).get_page(request.GET.get("page")),
        "filters": DraftFilterForm({"state": state}),
        "filtered": bool(state),
        "form": form,
        "may_draft": queries.may_draft(actor) and queries.version_in_force(actor) is not None,
        "steps": [(_("指标目录"), reverse("indicators:catalogue")), (_("草案"), "")],
    }
    return render(request, "indicators/drafts.html", context, status=400 if form.errors else 200)


@require(*READERS)
@require_GET
def draft(request: HttpRequest, draft_id: int) -> HttpResponse:
    """A draft: its definitions with search and filters, what is wrong with it, what may be done."""
    return _draft(request, queries.draft_page(actor_of(request), draft_id))


def _draft(request: HttpRequest, page: DraftPage, enforcing: EnforceForm | None = None) -> HttpResponse:
    wanted = DraftFilter(
        kind=request.GET.get("kind", ""), text=request.GET.get("q", ""), what=request.GET.get("what", "")
    )
    found = queries.definitions(page, wanted, interface_language())
    context = {
        "found": page,
        "draft": page.draft,
        "page": Paginator(found, PAGE_SIZE).get_page(request.GET.get("page")),
        "filters": DefinitionFilterForm(request.GET),
        "kinds": KINDS,
        "asking": asking(),
        "enforcing": enforcing or EnforceForm(),
        "tabs": tabs(page.draft.pk, "draft"),
        "steps": trail(page.draft),
    }
    return render(
        request, "indicators/draft.html", context, status=400 if enforcing and enforcing.errors else 200
    )


@require(*READERS)
@require_POST
def draft_act(request: HttpRequest, draft_id: int, act: str) -> HttpResponse:
    """Undo, redo, bring up to date, validate, put in force, discard."""
    actor = actor_of(request)
    queries.get_draft(actor, draft_id)
    reason = request.POST.get("reason", "")
    try:
        match act:
            case DraftAct.UNDO:
                services.undo(actor, draft_id)
                text = _("已撤销。")
            case DraftAct.REDO:
                services.redo(actor, draft_id)
                text = _("已重做。")
            case DraftAct.REBASE:
                services.rebase(actor, draft_id)
                text = _("草案已更新到最新版。")
            case DraftAct.VALIDATE:
                services.validate(actor, draft_id)
                text = _("校验通过，等待另一人决定是否施行。")
            case DraftAct.DISCARD:
                services.discard(actor, draft_id, reason)
                text = _("草案已作废。")
            case DraftAct.ENFORCE:
                form = EnforceForm(request.POST)
                if not form.is_valid():
                    return _draft(request, queries.draft_page(actor, draft_id), form)
                version = services.enforce(
                    actor, draft_id, form.cleaned_data["period"], form.cleaned_data["reason"]
                )
                text = _("第%(number)s版已定，自%(day)s起的各期按新版计算。") % {
                    "number": version.number,
                    "day": version.in_force_from.isoformat(),
                }
            case _:
                raise NotFound(act)
    except (InvalidInput, Conflict) as error:
        lines = said(error)
        messages.error(request, " ".join(line for _place, line, _field in lines[:5]))
        if len(lines) > 5:
            messages.error(request, _("还有%(count)s处，见下方问题清单。") % {"count": len(lines) - 5})
    else:
        messages.success(request, text)
    return redirect("indicators:draft", draft_id)


@require(*READERS)
@require_http_methods(["GET", "POST"])
def entry(request: HttpRequest, draft_id: int, kind: str, code: str = "") -> HttpResponseBase:
    """A definition in its form; what is typed is kept as it is typed."""
    actor = actor_of(request)
    held = queries.get_draft(actor, draft_id)
    if kind not in FORMS:
        if kind in (*KINDS, "catalogue"):
            return source(request, draft_id, kind, code)
        raise NotFound(kind)
    given = queries.entry_in(held, kind, code) if code else None
    catalogue = catalogue_of_draft(held)
    editor = editor_of(kind, catalogue, interface_language(), given, request.POST or None)
    problems: Said = []
    if request.method == "POST":
        try:
            if not editor.is_valid():
                raise forms.ValidationError(_("有几处需要改正，没有保存。"))
            saved = services.put_entry(
                actor, draft_id, _revision(request), kind, code, editor.entry(), request.POST.get("note", "")
            )
        except (InvalidInput, Conflict, forms.ValidationError) as error:
            problems = said(error) + editor.errors()
        else:
            if request.headers.get("HX-Request"):
                return render(request, "indicators/_saved.html", {"draft": saved, "problems": []})
            messages.success(request, _("已保存。"))
            return redirect(
                "indicators:draft-entry", draft_id, kind, code or editor.form.cleaned_data["code"]
            )
        if request.headers.get("HX-Request"):
            # htmx swaps only answers of success; the page around says that nothing was saved.
            return render(request, "indicators/_saved.html", {"draft": held, "problems": problems})
    return _entry_page(request, actor, held, kind, code, problems, editor=editor)


@require(*READERS)
@require_http_methods(["GET", "POST"])
def source(request: HttpRequest, draft_id: int, kind: str, code: str = "") -> HttpResponse:
    """A definition as YAML, for those who prefer it."""
    actor = actor_of(request)
    held = queries.get_draft(actor, draft_id)
    if kind not in (*KINDS, "catalogue"):
        raise NotFound(kind)
    given = queries.entry_in(held, kind, code) if code or kind == "catalogue" else None
    start = entry_yaml(given) if given is not None else _blank(kind)
    form = SourceForm(request.POST or None, initial={"text": start})
    problems: Said = []
    if request.method == "POST":
        try:
            if not form.is_valid():
                raise forms.ValidationError([str(text) for text in form.errors.get("text", [])])
            services.put_entry(actor, draft_id, _revision(request), kind, code, form.cleaned_data["text"])
        except (InvalidInput, Conflict, forms.ValidationError) as error:
            problems = said(error)
        else:
            messages.success(request, _("已保存。"))
            if code:
                return redirect("indicators:draft-source", draft_id, kind, code)
            return redirect("indicators:draft", draft_id)
    return _entry_page(request, actor, held, kind, code, problems, source=form)


def _blank(kind: str) -> str:
    names = "name: {zh: '', en: ''}\n"
    heads = {
        "documents": "title: {zh: '', en: ''}\nkind: notice\n",
        "dimensions": f"{names}values:\n  value: {{zh: '', en: ''}}\n",
    }
    return "code: \n" + heads.get(kind, names)


def _entry_page(
    request: HttpRequest,
    actor: Actor,
    held: Any,
    kind: str,
    code: str,
    problems: Said,
    *,
    editor: Editor | None = None,
    source: SourceForm | None = None,
) -> HttpResponse:
    facts = draft_facts(actor, held)
    catalogue = catalogue_of_draft(held)
    about = (
        [one for one in queries.draft_problems(held) if one.code == code and one.kind == kind] if code else []
    )
    context = {
        "draft": held,
        "kind": kind,
        "code": code,
        "editor": editor,
        "source": source,
        "problems": problems,
        "about": about,
        "editable": may_edit(facts) and facts.state in OPEN,
        "has_form": kind in FORMS,
        "revision": request.POST.get("revision", held.revision),
        "regions": queries.regions_to_try(actor) if kind == "indicators" and editor is not None else [],
        "indicators": catalogue.indicators if kind in ("groups", "scorecards") else {},
        "steps": trail(held, (code or _("新建%(kind)s") % {"kind": words.DEFINITION_KINDS[kind]}, "")),
        "name": queries.name_of(queries.entry_in(held, kind, code), interface_language()) if code else "",
    }
    return render(request, "indicators/entry.html", context, status=400 if problems else 200)


def _revision(request: HttpRequest) -> int:
    text = request.POST.get("revision", "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise forms.ValidationError(_("页面已过期，请重新打开。"))
    return int(text)


@require(*READERS)
@require_POST
def remove(request: HttpRequest, draft_id: int, kind: str, code: str) -> HttpResponse:
    """Take a definition out."""
    actor = actor_of(request)
    try:
        services.remove_entry(actor, draft_id, _revision(request), kind, code, request.POST.get("reason", ""))
    except (InvalidInput, Conflict, forms.ValidationError) as error:
        messages.error(request, " ".join(line for _place, line, _field in said(error)))
        return redirect("indicators:draft-entry", draft_id, kind, code)
    messages.success(request, _("已删除；撤销可以恢复，以前各版仍可查阅。"))
    return redirect("indicators:draft", draft_id)


@require(*READERS)
@require_POST
def check(request: HttpRequest, draft_id: int) -> HttpResponse:
    """What a formula amounts to while it is typed."""
    actor = actor_of(request)
    held = queries.get_draft(actor, draft_id)
    region = id_in(request.POST.get("region"))
    place = get_region(actor, region) if region is not None else None
    tried = queries.try_formula(
        actor,
        held,
        request.POST.get("code", "")[:96],
        request.POST.get("formula", "")[:4000],
        request.POST.get("unit", "")[:64],
        place,
    )
    lines = [(problem.severity, problem.text(interface_language())) for problem in tried.problems]
    return render(request, "indicators/_tried.html", {"tried": tried, "lines": lines})


@require(*READERS)
@require_http_methods(["GET", "POST"])
def draft_import(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Replace the definitions of a draft by a YAML text."""
    actor = actor_of(request)
    held = queries.get_draft(actor, draft_id)
    form = ImportForm(request.POST or None, request.FILES or None)
    problems: Said = []
    if request.method == "POST":
        try:
            if not form.is_valid():
                raise forms.ValidationError([str(text) for texts in form.errors.values() for text in texts])
            services.import_text(actor, draft_id, _revision(request), form.yaml())
        except (InvalidInput, Conflict, forms.ValidationError) as error:
            problems = said(error)[:50]
        else:
            messages.success(request, _("已导入草案；撤销可以恢复。"))
            return redirect("indicators:draft-difference", draft_id)
    context = {
        "draft": held,
        "form": form,
        "problems": problems,
        "steps": trail(held, (_("导入 YAML"), "")),
    }
    return render(request, "indicators/draft_import.html", context, status=400 if problems else 200)


@require(*READERS)
@require_GET
def draft_export(request: HttpRequest, draft_id: int) -> HttpResponse:
    """The draft as one YAML file."""
    text = queries.draft_text(actor_of(request), draft_id)
    response = HttpResponse(text, content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="catalogue-draft-{draft_id}.yaml"'
    return response
