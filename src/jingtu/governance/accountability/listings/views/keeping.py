"""Pages of rule sets, of the areas named for a year, and of the printed papers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from jingtu.core.accounts.access import actor_of, require
from jingtu.core.accounts.confirming import confirmed_identity
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.clock import today
from jingtu.core.kernel.errors import InvalidInput, NotFound, PermissionDenied
from jingtu.core.kernel.ids import id_in
from jingtu.core.regions.places import offered_places, own_places
from jingtu.core.ui.middleware import interface_language

from .. import queries, words
from ..composing import available, public_text
from ..forms import DecisionForm, ReasonForm
from ..models import Designation, RuleVersion
from ..presets import PRESETS
from ..ruleforms import Editor
from ..services import designating, papers, rule_sets
from ..services.common import Paper
from ..visibility import READERS, may_above
from .common import form_page, listing_url, posted, taken, to, trail

RULES = gettext_lazy("规则")


class AdoptForm(forms.Form):
    """Which preset, for which office."""

    region = forms.TypedChoiceField(label=gettext_lazy("机关所在地区"), coerce=int)
    preset = forms.ChoiceField(label=gettext_lazy("预设"))
    name = forms.CharField(label=gettext_lazy("名称"), required=False, max_length=64)
    name_en = forms.CharField(
        label=pgettext_lazy("listing rules", "英文名称"), required=False, max_length=128
    )


class NameForm(forms.Form):
    """Which region, for which year, as what."""

    region = forms.TypedChoiceField(label=gettext_lazy("地区"), coerce=int)
    rule = forms.ChoiceField(label=RULES)
    kind = forms.ChoiceField(label=gettext_lazy("类别"), choices=list(words.DESIGNATIONS.items()))
    year = forms.IntegerField(label=gettext_lazy("年度"), min_value=2000, max_value=2100)
    grounds = forms.CharField(
        label=gettext_lazy("事由"), min_length=4, max_length=4000, widget=forms.Textarea(attrs={"rows": 4})
    )


class PaperForm(forms.Form):
    """Which paper, by whom, under which number."""

    kind = forms.ChoiceField(label=gettext_lazy("文书"))
    issuer = forms.CharField(label=gettext_lazy("发文机关"), max_length=64)
    series = forms.ChoiceField(label=gettext_lazy("文号系列"), required=False)
    number = forms.CharField(
        label=gettext_lazy("文号"),
        required=False,
        max_length=64,
        help_text=gettext_lazy("选了系列则自动编号。"),
    )


@require(*READERS)
@require_GET
def rules(request: HttpRequest) -> HttpResponse:
    """The rule sets an office lists by, and the presets to begin from."""
    actor = actor_of(request)
    found = [(one, one.versions.first()) for one in queries.rule_sets(actor).prefetch_related("versions")]
    language = interface_language()
    context = {
        "rows": found,
        "presets": [(one, one.name(language), words.TAGS[one.status]) for one in PRESETS.values()],
        "may_prepare": actor.can(Permission.LISTINGS_PREPARE),
        "steps": trail((str(RULES), "")),
        "tab": "rules",
    }
    return render(request, "listings/rules.html", context)


@require(Permission.LISTINGS_PREPARE)
@require_http_methods(["GET", "POST"])
def adopt(request: HttpRequest) -> HttpResponse:
    """Take a preset over."""
    actor = actor_of(request)
    offices = [(place.pk, place.name) for place in own_places(actor, Permission.LISTINGS_PREPARE)]
    form = AdoptForm(posted(request), initial=dict(request.GET.items()))
    form.fields["region"].choices = offices  # type: ignore[attr-defined]
    form.fields["preset"].choices = [(one.code, one.name(interface_language())) for one in PRESETS.values()]  # type: ignore[attr-defined]
    made = taken(
        request,
        form,
        lambda who, data: rule_sets.adopt(who, data["region"], data["preset"], data["name"], data["name_en"]),
        _("已采用；请按本地文件修订。"),
    )
    if made:
        return redirect("listings:rule", made.pk)
    return form_page(request, form, _("采用预设"), "", reverse("listings:rules"))


@require(*READERS)
@require_GET
def rule(request: HttpRequest, rule_set_id: int) -> HttpResponse:
    """One rule set, its newest version or an older one."""
    actor = actor_of(request)
    found = queries.get_rule_set(actor, rule_set_id)
    versions = list(found.versions.select_related("made_by"))
    asked = id_in(request.GET.get("version"))
    shown: RuleVersion = next((one for one in versions if one.number == asked), versions[0])
    language, content = interface_language(), shown.rules
    context = {
        "rule_set": found,
        "versions": versions,
        "shown": shown,
        "content": content,
        "classes": [(one, one.name(language), words.TAGS[one.status]) for one in content.classes],
        "criteria": [
            (
                one, one.name(language), one.unit_en if language == "en" else one.unit_zh, words.MEASURES[one.measure],
                words.PROBLEMS.get(one.problem, _("全部")), words.LEVELS.get(one.level, _("全部")),
                found.region.tree.level_name(one.place) if one.place else _("全部"), words.TAGS[one.status],
            )
            for one in content.criteria
        ],
        "checklist": [(one, one.name(language)) for one in content.checklist],
        "may_edit": actor.can(Permission.LISTINGS_PREPARE, found.region_id),
        "steps": trail((str(RULES), reverse("listings:rules")), (found.label, "")),
        "fictional": found.region.tree.fictional,
    }  # fmt: skip
    return render(request, "listings/rule.html", context)


@require(Permission.LISTINGS_PREPARE)
@require_http_methods(["GET", "POST"])
def edit_rule(request: HttpRequest, rule_set_id: int) -> HttpResponse:
    """Revise a rule set: a new version."""
    actor = actor_of(request)
    found = queries.get_rule_set(actor, rule_set_id)
    if not actor.can(Permission.LISTINGS_PREPARE, found.region_id):
        raise PermissionDenied(Permission.LISTINGS_PREPARE)
    newest = found.versions.first()
    assert newest is not None
    editor = Editor(newest.rules, posted(request))
    failed = False
    if request.method == "POST":
        failed = not editor.is_valid()
        if not failed:
            try:
                rule_sets.revise(actor, rule_set_id, editor.content(), editor.basics.cleaned_data["note"])
            except InvalidInput as error:
                failed = True
                for problem in error.problems:
                    editor.refuse(problem.column or "", problem.text(interface_language()))
            else:
                return redirect("listings:rule", rule_set_id)
    context = {
        "rule_set": found,
        "editor": editor,
        "form": editor.basics,
        "steps": trail((str(RULES), reverse("listings:rules")), (found.label, reverse("listings:rule", args=[found.pk])), (_("修订"), "")),
        "fictional": found.region.tree.fictional,
    }  # fmt: skip
    return render(request, "listings/rule_edit.html", context, status=400 if failed else 200)


@require(*READERS)
@require_GET
def designations(request: HttpRequest) -> HttpResponse:
    """The areas named for a year."""
    actor = actor_of(request)
    year = id_in(request.GET.get("year"))
    every = sorted(set(queries.designations(actor).values_list("year", flat=True)), reverse=True)
    shown = year if year in every else (every[0] if every else today().year)
    found = list(queries.designations(actor, shown))
    limits = queries.designation_offices(found)
    context = {
        "year": shown,
        "years": every,
        "rows": [
            (
                one, words.DESIGNATIONS[one.kind], words.DESIGNATION_STATES[one.state], words.DESIGNATION_MARKS[one.state],
                one.state == Designation.State.PROPOSED and may_above(actor, Permission.LISTINGS_DECIDE, one.region),
            )
            for one in found
        ],
        "limits": [(words.DESIGNATIONS["key"], key, words.DESIGNATIONS["warned"], warned) for key, warned in set(limits.values())],
        "may_prepare": actor.can(Permission.LISTINGS_PREPARE),
        "steps": trail((_("年度确定"), "")),
        "tab": "designations",
    }  # fmt: skip
    return render(request, "listings/designations.html", context)


@require(Permission.LISTINGS_PREPARE)
@require_http_methods(["GET", "POST"])
def name_area(request: HttpRequest) -> HttpResponse:
    """Propose to name a region for a year."""
    actor = actor_of(request)
    form = NameForm(posted(request), initial={"year": today().year, **dict(request.GET.items())})
    form.fields["region"].choices = offered_places(actor, Permission.LISTINGS_PREPARE, beneath=True)  # type: ignore[attr-defined]
    form.fields["rule"].choices = [(one.pk, one.rule_set.label) for one in queries.rules_for(actor)]  # type: ignore[attr-defined]

    def does(who: Actor, data: dict[str, Any]) -> Designation:
        return designating.name_area(
            who, data["region"], int(data["rule"]), data["year"], data["kind"], data["grounds"]
        )

    made = taken(request, form, does, _("已提出，由上级负责人决定。"))
    if made:
        return redirect(f"{reverse('listings:designations')}?year={made.year}")
    return form_page(request, form, _("提出年度确定"), "", reverse("listings:designations"))


@require(Permission.LISTINGS_DECIDE)
@confirmed_identity
@require_http_methods(["GET", "POST"])
def decide_area(request: HttpRequest, designation_id: int, yes: bool) -> HttpResponseBase:
    """Decide on a designation: with the document, or not."""
    actor = actor_of(request)
    found = queries.get_designation(actor, designation_id)
    if not may_above(actor, Permission.LISTINGS_DECIDE, found.region):
        raise PermissionDenied(Permission.LISTINGS_DECIDE)
    kind: type[forms.Form] = DecisionForm if yes else ReasonForm
    form = kind(posted(request), initial={"document_date": today()})

    def does(who: Actor, data: dict[str, Any]) -> Designation:
        paper = Paper(data["document_number"], data["document_date"]) if yes else None
        return designating.decide_area(who, designation_id, data["decision"], paper)

    back = f"{reverse('listings:designations')}?year={found.year}"
    if taken(request, form, does, _("已办理。")):
        return redirect(back)
    title = _("决定确定") if yes else _("决定不予确定")
    about = f"{found.region.name} · {words.DESIGNATIONS[found.kind]} · {found.year}"
    return form_page(request, form, title, about, back, found.grounds, found.region.tree.fictional)


@require(*READERS)
@require_http_methods(["GET", "POST"])
def paper(request: HttpRequest, listing_id: int) -> HttpResponse:
    """Print a paper of a listing."""
    actor = actor_of(request)
    listing = queries.get_listing(actor, listing_id)
    above = any(
        may_above(actor, permission, listing.region)
        for permission in (Permission.LISTINGS_PREPARE, Permission.LISTINGS_DECIDE)
    )
    if not above:
        raise PermissionDenied(Permission.LISTINGS_PREPARE)
    acceptance = listing.acceptances.filter(dropped_at__isnull=True).first()
    kinds = available(listing, acceptance)
    form = PaperForm(posted(request), initial={"kind": request.GET.get("kind", "")})
    form.fields["kind"].choices = [(kind, words.PAPERS[kind]) for kind in kinds]  # type: ignore[attr-defined]
    offered = papers.series_offered(actor, listing)
    form.fields["series"].choices = [("", "–"), *((one.pk, one.name) for one in offered)]  # type: ignore[attr-defined]

    def does(who: Actor, data: dict[str, Any]) -> object:
        return papers.print_paper(
            who,
            listing_id,
            data["kind"],
            issuer=data["issuer"],
            series_id=id_in(data["series"]),
            number=data["number"],
        )

    if taken(request, form, does, _("已印制，Word 和 PDF 见“文书”。")):
        return to(listing_id)
    lead = _("文书按公文格式以中文印制，以中文为准；另附英文阅读本，注明为译文。")
    return form_page(
        request,
        form,
        _("印制文书"),
        listing.subject,
        listing_url(listing_id),
        lead,
        listing.region.tree.fictional,
    )


@require(*READERS)
@require_GET
def public(request: HttpRequest, listing_id: int) -> HttpResponse:
    """The text of the public notice, to be copied or printed."""
    listing = queries.get_listing(actor_of(request), listing_id)
    if listing.listed_on is None:
        raise NotFound(f"#{listing_id}", "listing")
    context = {
        "listing": listing,
        "text": public_text(listing),
        "steps": trail((listing.subject, listing_url(listing_id)), (str(words.PAPERS["public"]), "")),
        "fictional": listing.region.tree.fictional,
    }
    return render(request, "listings/public.html", context)
