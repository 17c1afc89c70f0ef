"""Pages on which something is done to a listing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from jingtu.core.accounts.access import actor_of, require
from jingtu.core.accounts.confirming import confirmed_identity, question
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.clock import today
from jingtu.core.kernel.errors import NotFound, PermissionDenied, refuse
from jingtu.core.kernel.ids import id_in
from jingtu.core.regions.models import Region
from jingtu.core.regions.queries import get_region
from jingtu.core.regions.reach import spans
from jingtu.core.ui.middleware import interface_language

from .. import forms as typed
from .. import queries, words
from ..models import Listing, RuleVersion
from ..queries.candidates import candidate_of
from ..rules import DECISIONS, Act
from ..services import accepting, deciding, proposing, rectifying
from ..services.common import Paper
from ..services.proposing import Given, VenueData
from ..visibility import READERS, may_above, stand_of
from .common import form_page, listing_url, posted, taken, to, uploads

MOST_PLACES = 3000
Does = Callable[[Actor, int, dict[str, Any]], object]


def _paper(data: dict[str, Any]) -> Paper:
    return Paper(data["document_number"], data["document_date"])


def _with_files(service: Callable[..., object]) -> Does:
    return lambda actor, pk, data: service(actor, pk, data["text"], files=uploads(data))


_ACTS: dict[Act, tuple[type[forms.Form], Does]] = {
    Act.SERVE: (typed.TextAndFilesForm, _with_files(deciding.serve)),
    Act.REPLY: (typed.TextAndFilesForm, _with_files(deciding.reply)),
    Act.HEAR: (typed.TextAndFilesForm, _with_files(deciding.hear)),
    Act.PLAN: (
        typed.PlanForm,
        lambda actor, pk, data: rectifying.begin(actor, pk, data["text"], data["tasks"], files=uploads(data)),
    ),
    Act.SELF_ASSESS: (typed.TextAndFilesForm, _with_files(rectifying.self_assess)),
    Act.RETURN: (typed.TextForm, lambda actor, pk, data: deciding.send_back(actor, pk, data["text"])),
    Act.WITHDRAW: (typed.TextForm, lambda actor, pk, data: proposing.withdraw(actor, pk, data["text"])),
    Act.DECLINE: (typed.ReasonForm, lambda actor, pk, data: deciding.decline(actor, pk, data["decision"])),
    Act.CLOSE: (typed.ReasonForm, lambda actor, pk, data: deciding.close(actor, pk, data["decision"])),
    Act.LIST: (
        typed.ListForm,
        lambda actor, pk, data: deciding.decide_listing(
            actor,
            pk,
            data["decision"],
            _paper(data),
            leader=data["leader"],
            no_awards=data["no_awards"],
            no_promotion=data["no_promotion"],
        ),
    ),
    Act.DELIST: (
        typed.DecisionForm,
        lambda actor, pk, data: deciding.delist(actor, pk, data["decision"], _paper(data)),
    ),
    Act.EXTEND: (
        typed.ExtendForm,
        lambda actor, pk, data: deciding.extend(actor, pk, data["months"], data["decision"], _paper(data)),
    ),
    Act.CONSULT: (
        typed.ConsultForm,
        lambda actor, pk, data: accepting.ask_opinions(actor, pk, data["units"].splitlines(), data["text"]),
    ),
}


@require(*READERS, Permission.MEASURES_REPLY)
@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, listing_id: int, act: str) -> HttpResponseBase:
    """One act on a listing; a decision asks first who sits there."""
    actor = actor_of(request)
    listing = queries.get_listing(actor, listing_id)
    try:
        wanted = Act(act)
    except ValueError as error:
        raise NotFound(act) from error
    if wanted is Act.PROGRESS:
        return _progress(request, listing)
    if wanted not in _ACTS:
        raise NotFound(act)
    stand = stand_of(actor, listing)
    if wanted in DECISIONS:
        if not stand.decides:
            raise PermissionDenied(Permission.LISTINGS_DECIDE)
        asked = question(request)
        if asked is not None:
            return asked
    elif not (stand.prepares or stand.answers):
        raise PermissionDenied(Permission.LISTINGS_PREPARE)
    kind, does = _ACTS[wanted]
    initial = {"document_date": today()} if issubclass(kind, typed.DecisionForm) else {}
    form = kind(posted(request), request.FILES or None, initial=initial)
    if taken(request, form, lambda who, data: does(who, listing_id, data), _("已办理。")):
        return to(listing_id)
    return form_page(
        request, form, str(words.ACTS[act]), listing.subject, listing_url(listing_id),
        lead=_act_lead(wanted, listing), fictional=listing.region.tree.fictional,
    )  # fmt: skip


def _act_lead(wanted: Act, listing: Listing) -> str:
    the_class = listing.version.rules.the_class(listing.class_code)
    if wanted is Act.LIST:
        return _("%(name)s：期限%(term)s个月，可延长，累计不超过%(cap)s个月。入列指标值自决定之日起固定。") % {
            "name": listing.class_name, "term": the_class.term, "cap": the_class.cap,
        }  # fmt: skip
    if wanted is Act.EXTEND:
        return _("每次最多%(each)s个月，累计不超过%(cap)s个月；目前%(now)s个月。") % {
            "each": the_class.extension, "cap": the_class.cap, "now": listing.term_months + listing.extended_months,
        }  # fmt: skip
    if wanted is Act.DELIST:
        return _("摘牌后进入巩固期%(watch)s个月。") % {"watch": the_class.watch}
    if wanted is Act.SERVE:
        return _("送达之日起%(days)s个工作日内，当地可以陈述申辩。") % {
            "days": listing.version.rules.hearing_days
        }
    return ""


def _progress(request: HttpRequest, listing: Listing) -> HttpResponse:
    actor = actor_of(request)
    stand = stand_of(actor, listing)
    if not (stand.prepares or stand.answers):
        raise PermissionDenied(Permission.MEASURES_REPLY)
    form = typed.ProgressForm(
        posted(request),
        request.FILES or None,
        rows=_value_rows(listing),
        initial={"month": f"{today():%Y-%m}"},
    )
    form.order_fields(
        [
            "month",
            "text",
            *[name for name in form.fields if name not in ("month", "text", "evidence")],
            "files",
        ]
    )

    def does(who: Actor, data: dict[str, Any]) -> object:
        try:
            month = dt.date.fromisoformat(f"{data['month']}-01")
        except ValueError as error:
            raise refuse("listings.month", column="month") from error
        return rectifying.report_progress(
            who, listing.pk, month, data["text"], _given(form, data), files=uploads(data)
        )

    if taken(request, form, does, _("已填报。")):
        return to(listing.pk)
    lead = _("不填的指标，取最近一期已发布考核的数值。")
    title = str(words.ACTS["progress"])
    return form_page(
        request, form, title, listing.subject, listing_url(listing.pk), lead, listing.region.tree.fictional
    )


@require(Permission.LISTINGS_PREPARE)
@require_http_methods(["GET", "POST"])
def criteria(request: HttpRequest, listing_id: int) -> HttpResponse:
    """Enter the values at entry before it is decided."""
    actor = actor_of(request)
    listing = queries.get_listing(actor, listing_id)
    _must_prepare(actor, listing)
    rows = list(listing.criteria.all())
    initial: dict[str, object] = {}
    for row in rows:
        if row.entry_value is not None and row.entry_run_id is None:
            initial |= {
                f"value_{row.code}": row.entry_value.normalize(),
                f"source_{row.code}": row.entry_source,
            }
    form = typed.CriteriaForm(posted(request), rows=_value_rows(listing), initial=initial)

    def does(who: Actor, data: dict[str, Any]) -> object:
        given = _given(form, data)
        return proposing.set_criteria(who, listing_id, {row.code: given.get(row.code) for row in rows})

    if taken(request, form, does, _("已登记。")):
        return to(listing_id)
    lead = _("不填的指标，取最近一期已发布考核的数值；决定挂牌后不再改动。")
    return form_page(
        request, form, str(words.STEPS["criteria"]), listing.subject, listing_url(listing_id), lead,
        listing.region.tree.fictional,
    )  # fmt: skip


def _value_rows(listing: Listing) -> list[tuple[str, str, str]]:
    language = interface_language()
    found = []
    for row in listing.criteria.all():
        name = row.name_en if language == "en" and row.name_en else row.name_zh
        unit = row.unit_en if language == "en" else row.unit_zh
        asked = _("退出要求 %(required)s") % {"required": row.required} if row.required else ""
        found.append((row.code, f"{name}（{unit}）" if unit else name, asked))
    return found


def _given(form: typed.ValuesForm, data: dict[str, Any]) -> dict[str, Given]:
    return {
        code: Given(data[f"value_{code}"], data[f"source_{code}"])
        for code in form.codes
        if data.get(f"value_{code}") is not None
    }


@require(Permission.LISTINGS_PREPARE)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Propose to list a region or a venue."""
    actor = actor_of(request)
    versions = queries.rules_for(actor)
    language = interface_language()
    rules = [
        (f"{version.pk}|{one.code}", f"{version.rule_set.label} · {one.name(language)}")
        for version in versions
        for one in sorted(version.rules.classes, key=lambda one: one.rank)
    ]
    former = _former(actor, request.GET.get("former", ""))
    initial: dict[str, object] = dict(request.GET.items())
    if former is not None:
        initial |= {"region": former.region_id, "problem": former.problem, "level": former.level}
    form = typed.ProposeForm(
        posted(request),
        request.FILES or None,
        regions=[(former.region_id, former.region.name)] if former else places_below(actor),
        rules=rules,
        initial=initial,
    )
    if former is not None and former.venue_id is not None:
        for name in ("venue_name", "venue_kind", "venue_address"):
            del form.fields[name]

    def does(who: Actor, data: dict[str, Any]) -> Listing:
        number, _bar, code = data["rule"].partition("|")
        version = next(one for one in versions if str(one.pk) == number)
        place = get_region(who, data["region"])
        venue = None
        if any(data.get(name) for name in ("venue_name", "venue_kind", "venue_address")):
            venue = VenueData(data["venue_name"], data["venue_kind"], data["venue_address"])
        said = _evidence(who, version, place) if venue is None else ([], [])
        return proposing.propose(
            who, place.pk, version.pk, code, data["problem"], data["level"], data["grounds"],
            venue=venue, evidence=said[0], against=said[1], former_id=former.pk if former else None, files=uploads(data),
        )  # fmt: skip

    made = taken(request, form, does, _("已提出；送达告知、听取意见之后，由上级负责人决定。"))
    if made:
        return to(made.pk)
    title = _("提出挂牌") if former is None else _("提出重新挂牌或提级")
    lead = (
        _("系统只列出依据和不同意见，不作决定。") if rules else _("还没有规则，请先在“规则”中采用一套预设。")
    )
    return form_page(request, form, title, "", reverse("listings:list"), lead)


def _evidence(
    actor: Actor, version: RuleVersion, place: Region
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    if not may_above(actor, Permission.LISTINGS_PREPARE, place):
        raise PermissionDenied(Permission.LISTINGS_PREPARE)
    found = candidate_of(actor, version, place)
    return [hit.plain() for hit in found.hits], found.against


def _former(actor: Actor, text: str) -> Listing | None:
    number = id_in(text)
    return None if number is None else queries.get_listing(actor, number)


def places_below(actor: Actor) -> list[tuple[int, str]]:
    """Places strictly below where the actor prepares, indented by their depth."""
    found: dict[int, str] = {}
    for span in spans(actor, Permission.LISTINGS_PREPARE):
        if span.first is None:
            continue
        rows = Region.objects.filter(tree_id=span.tree_id, position__gt=span.first, position__lte=span.last)
        ordered = list(rows.order_by("position").values_list("pk", "depth", "name")[:MOST_PLACES])
        least = min((depth for _pk, depth, _name in ordered), default=0)
        for pk, depth, name in ordered:
            found[pk] = "　" * (depth - least) + name
    return list(found.items())


@require(Permission.LISTINGS_PREPARE)
@require_http_methods(["GET", "POST"])
def acceptance(request: HttpRequest, listing_id: int) -> HttpResponse:
    """Draw up the acceptance by the checklist."""
    actor = actor_of(request)
    listing = queries.get_listing(actor, listing_id)
    _must_prepare(actor, listing)
    language, items = interface_language(), listing.version.rules.checklist
    people = [(user.pk, user.full_name) for user in accepting.eligible(listing)]
    form = typed.AcceptanceForm(
        posted(request),
        items=[(item, item.name(language)) for item in items],
        people=people,
        initial={"held_on": today()},
    )

    def does(who: Actor, data: dict[str, Any]) -> object:
        scores = {item.code: Decimal(data[f"score_{item.code}"]) for item in items}
        notes = {item.code: data[f"note_{item.code}"] for item in items}
        team = [data["leads"], *data["team"]]
        return accepting.draw_up(
            who, listing_id, data["held_on"], data["findings"], scores, team, notes=notes
        )

    if taken(request, form, does, _("已形成验收记录，请验收组成员逐人签字。")):
        return to(listing_id)
    rules = listing.version.rules
    lead = _("满分%(full)s，合格%(pass)s。") % {
        "full": f"{rules.full_marks.normalize():f}", "pass": f"{rules.pass_mark.normalize():f}",
    }  # fmt: skip
    return form_page(
        request,
        form,
        _("现场验收"),
        listing.subject,
        listing_url(listing_id),
        lead,
        listing.region.tree.fictional,
    )


@require(*READERS)
@confirmed_identity
@require_POST
def sign(request: HttpRequest, listing_id: int) -> HttpResponse:
    """Sign the acceptance."""
    actor = actor_of(request)
    queries.get_listing(actor, listing_id)
    accepting.sign(actor, listing_id)
    return to(listing_id)


@require(Permission.LISTINGS_PREPARE)
@require_http_methods(["GET", "POST"])
def opinion(request: HttpRequest, listing_id: int, opinion_id: int) -> HttpResponse:
    """Enter what a unit answered."""
    actor = actor_of(request)
    listing = queries.get_listing(actor, listing_id)
    _must_prepare(actor, listing)
    asked = listing.opinions.filter(pk=opinion_id).first()
    if asked is None:
        raise NotFound(f"#{opinion_id}")
    form = typed.OpinionForm(posted(request))

    def does(who: Actor, data: dict[str, Any]) -> object:
        return accepting.enter_opinion(who, listing_id, opinion_id, data["agrees"], data["text"])

    if taken(request, form, does, _("已登记。")):
        return to(listing_id)
    title = _("登记意见")
    return form_page(
        request,
        form,
        title,
        listing.subject,
        listing_url(listing_id),
        asked.unit,
        listing.region.tree.fictional,
    )


def _must_prepare(actor: Actor, listing: Listing) -> None:
    if not may_above(actor, Permission.LISTINGS_PREPARE, listing.region):
        raise PermissionDenied(Permission.LISTINGS_PREPARE)
