"""Pages of templates, of issuing many letters in one act, and of partner organisations."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jingtu.assessment.indicators.store import catalogue_of, newest
from jingtu.core.accounts.access import actor_of, require
from jingtu.core.accounts.confirming import question
from jingtu.core.kernel.actor import Permission
from jingtu.core.kernel.clock import today
from jingtu.core.kernel.errors import Conflict, InvalidInput
from jingtu.core.kernel.ids import ids_in

from . import drafting, queries
from .forms import BatchForm, PartnerForm, TemplateForm, field_rows, template_initial
from .models import Letter, LetterTemplate
from .printing import blocks_of
from .recipients import candidates, field_values, recipients_of
from .rules import LIVE, letter_text
from .views import show, trail
from .words import KINDS, LAYERS

PAGE_SIZE = 25
SHOWN = 5
"""So many of the merged texts are shown in full before issuing; all recipients are listed."""


@require(Permission.LETTERS_MANAGE)
@require_GET
def template_list(request: HttpRequest) -> HttpResponse:
    """Templates of the own offices."""
    page = Paginator(queries.templates(actor_of(request)), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "letters/templates.html",
        {
            "page": page,
            "rows": [(one, LAYERS[one.layer], [KINDS[kind] for kind in one.kinds]) for one in page],
            "fictional": any(one.region.tree.fictional for one in page),
            "steps": trail((_("责任书模板"), "")),
        },
    )


@require(Permission.LETTERS_MANAGE)
@require_http_methods(["GET", "POST"])
def template_new(request: HttpRequest) -> HttpResponse:
    """A new template, or the next version of one (``?from=``)."""
    actor = actor_of(request)
    offices = queries.offices(actor)
    version = newest()
    known = catalogue_of(version).indicators if version else {}
    names = [(code, one.name(actor.language)) for code, one in known.items()]
    source = ids_in([request.GET.get("from", "")])
    initial = template_initial(queries.get_template(actor, source[0])) if source else {"year": today().year}
    form = TemplateForm(
        request.POST if request.method == "POST" else None,
        initial=initial,
        regions=offices,
        indicators=names,
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = drafting.save_template(actor, form.cleaned_data["region"], form.data_given())
        except InvalidInput as error:
            show(form, error, actor)
        else:
            messages.success(request, _("模板已保存为第%(version)s版。") % {"version": made.version})
            return redirect("letters:template", made.pk)
    title = _("新模板") if not source else _("修改模板")
    return render(
        request,
        "letters/template_form.html",
        {
            "form": form,
            "title": title,
            "fields": field_rows(actor.language == "en"),
            "fictional": any(region.tree.fictional for region in offices),
            "steps": trail((_("责任书模板"), reverse("letters:templates")), (title, "")),
        },
        status=400 if form.errors else 200,
    )


@require(Permission.LETTERS_MANAGE)
@require_GET
def template_detail(request: HttpRequest, template_id: int) -> HttpResponse:
    """A template with the text an invented recipient would get."""
    actor = actor_of(request)
    template = queries.get_template(actor, template_id)
    text = letter_text(
        template.title, template.text, field_values(template, "（签订对象）", "（签字人）", "")
    )
    title, _blank, body = text.partition("\n")
    return render(
        request,
        "letters/template.html",
        {
            "template": template,
            "layer": LAYERS[template.layer],
            "kinds": [KINDS[kind] for kind in template.kinds],
            "title_shown": title,
            "blocks": blocks_of(body),
            "fictional": template.region.tree.fictional,
            "steps": trail((_("责任书模板"), reverse("letters:templates")), (template.name, "")),
        },
    )


@require(Permission.LETTERS_MANAGE)
@require_http_methods(["GET", "POST"])
def batch(request: HttpRequest, template_id: int) -> HttpResponse:
    """Choose recipients and signers, look at the texts, issue them in one act."""
    actor = actor_of(request)
    template = queries.get_template(actor, template_id)
    form = BatchForm(
        request.POST if request.method == "POST" else None,
        layer=template.layer,
        recipients=[
            one
            for one in recipients_of([template.region_id])[template.region_id]
            if one.kind in template.kinds
        ],
        people=candidates(template.region_id),
        standing=_standing(template),
    )
    if request.method == "POST" and form.is_valid():
        try:
            if request.POST.get("step") == "issue":
                asked = question(request)
                if asked is not None:
                    return asked
                letters = drafting.issue_batch(actor, template_id, form.wanted())
                words = ngettext("已下达 %(count)s 份责任书。", "已下达 %(count)s 份责任书。", len(letters))
                messages.success(request, words % {"count": len(letters)})
                return redirect(
                    reverse("letters:list", query={"year": template.year, "layer": template.layer})
                )
            return _preview(request, template, form)
        except InvalidInput as error:
            show(form, error, actor)
        except Conflict as error:
            form.add_error(None, error.problem.text(actor.language))
    return render(
        request,
        "letters/batch.html",
        {
            "form": form,
            "rows": list(form.rows()),
            "template": template,
            "layer": LAYERS[template.layer],
            "fictional": template.region.tree.fictional,
            "steps": _batch_trail(template, _("下达责任书")),
        },
        status=400 if form.errors else 200,
    )


def _preview(request: HttpRequest, template: LetterTemplate, form: BatchForm) -> HttpResponse:
    previews = drafting.previews(actor_of(request), template.pk, form.wanted())
    texts = [
        (recipient, signer, text.partition("\n")[0], blocks_of(text.partition("\n")[2]))
        for recipient, signer, text in previews[:SHOWN]
    ]
    kept = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name not in {"csrfmiddlewaretoken", "step"}
    ]
    return render(
        request,
        "letters/preview.html",
        {
            "template": template,
            "layer": LAYERS[template.layer],
            "previews": previews,
            "texts": texts,
            "kept": kept,
            "fictional": template.region.tree.fictional,
            "steps": _batch_trail(template, _("下达前预览")),
        },
    )


def _batch_trail(template: LetterTemplate, here: str) -> list[tuple[str, str]]:
    return trail(
        (_("责任书模板"), reverse("letters:templates")),
        (template.name, reverse("letters:template", args=[template.pk])),
        (here, ""),
    )


def _standing(template: LetterTemplate) -> dict[str, int]:
    """Letters that recipients hold already in this layer and year."""
    rows = Letter.objects.filter(
        region_id=template.region_id, year=template.year, layer=template.layer, state__in=sorted(LIVE)
    )
    return dict(rows.values_list("recipient", "pk"))


@require(Permission.LETTERS_MANAGE)
@require_http_methods(["GET", "POST"])
def partner_list(request: HttpRequest) -> HttpResponse:
    """Partner organisations of the own offices, and a new one."""
    actor = actor_of(request)
    form = PartnerForm(request.POST if request.method == "POST" else None, regions=queries.offices(actor))
    if request.method == "POST" and form.is_valid():
        try:
            drafting.add_partner(actor, form.cleaned_data["region"], form.cleaned_data["name"])
        except InvalidInput as error:
            show(form, error, actor)
        except Conflict as error:
            form.add_error("name", error.problem.text(actor.language))
        else:
            messages.success(request, pgettext("partner", "已登记。"))
            return redirect("letters:partners")
    page = Paginator(queries.partners(actor), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "letters/partners.html",
        {
            "form": form,
            "page": page,
            "fictional": any(one.region.tree.fictional for one in page),
            "steps": trail((_("合作组织"), "")),
        },
        status=400 if form.errors else 200,
    )


@require(Permission.LETTERS_MANAGE)
@require_POST
def partner_close(request: HttpRequest, partner_id: int) -> HttpResponse:
    """An organisation is no partner any more."""
    drafting.close_partner(actor_of(request), partner_id)
    messages.success(request, _("已停用，已签的责任书不受影响。"))
    return redirect("letters:partners")
