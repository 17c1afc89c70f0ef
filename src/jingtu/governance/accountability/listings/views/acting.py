"""Pages on which something is done to a listing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from jingtu.core.accounts.access import actor_of, require
from jingtu.core.accounts.confirming import question
from jingtu.core.accounts.queries import holders
from jingtu.core.kernel.actor import SYSTEM, Actor, Permission, user_id_of
from jingtu.core.kernel.clock import today
from jingtu.core.kernel.errors import NotFound, PermissionDenied, refuse
from jingtu.core.ui.middleware import interface_language

from .. import forms as typed
from .. import queries, words
from ..models import Listing
from ..queries.page import outstanding
from ..rules import DECISIONS, SPEAKING, Act, Stand
from ..services import deciding, hearing, proposing, rectifying, reviewing
from ..services.accepting import ask_opinions
from ..services.common import Paper
from ..services.proposing import Given
from ..visibility import READERS, may_above, stand_of
from .common import form_page, listing_url, posted, taken, to

Does = Callable[[Actor, int, Any], object]


def _paper(data: dict[str, Any]) -> Paper:
    return Paper(data["document_number"], data["document_date"])


def _told(service: Callable[..., object]) -> Does:
    """With files and, where one was named, a document."""
    return lambda actor, pk, form: service(
        actor, pk, form.cleaned_data["text"], paper=form.paper(), files=form.cleaned_data["evidence"]
    )


def _said(service: Callable[..., object]) -> Does:
    """The place's own word: in its own account, or as the office took it in on paper."""

    def does(actor: Actor, pk: int, form: Any) -> object:
        data = form.cleaned_data
        if not isinstance(form, typed.OnPaperForm):
            return service(actor, pk, data["text"], files=data["evidence"])
        return service(
            actor, pk, data["text"], received=form.received(), paper=form.paper(), files=data["evidence"]
        )

    return does


def _plainly(service: Callable[[Actor, int, str], object], name: str = "text") -> Does:
    return lambda actor, pk, form: service(actor, pk, form.cleaned_data[name])


def _by_paper(service: Callable[[Actor, int, str, Paper], object]) -> Does:
    return lambda actor, pk, form: service(
        actor, pk, form.cleaned_data["decision"], _paper(form.cleaned_data)
    )


def _hear(actor: Actor, pk: int, form: Any) -> object:
    data = form.cleaned_data
    return hearing.hear(
        actor, pk, data["text"], held_on=data["held_on"], paper=form.paper(), files=data["evidence"]
    )


def _list(actor: Actor, pk: int, form: Any) -> object:
    data = form.cleaned_data
    return deciding.decide_listing(
        actor, pk, data["decision"], _paper(data), leader=data["leader"], no_awards=data["no_awards"],
        no_promotion=data["no_promotion"],
    )  # fmt: skip


def _delist(actor: Actor, pk: int, form: Any) -> object:
    data = form.cleaned_data
    return deciding.delist(actor, pk, data["decision"], _paper(data), despite=data.get("despite", ""))


def _extend(actor: Actor, pk: int, form: Any) -> object:
    data = form.cleaned_data
    return deciding.extend(actor, pk, data["months"], data["decision"], _paper(data))


def _classify(actor: Actor, pk: int, form: Any) -> object:
    data = form.cleaned_data
    return proposing.classify(actor, pk, data["class_code"], data["problem"], data["level"], data["text"])


def _plan(actor: Actor, pk: int, form: Any) -> object:
    data = form.cleaned_data
    return rectifying.begin(actor, pk, data["text"], data["tasks"], files=data["evidence"])


def _assess(actor: Actor, pk: int, form: Any) -> object:
    data = form.cleaned_data
    return rectifying.self_assess(actor, pk, data["text"], files=data["evidence"])


def _consult(actor: Actor, pk: int, form: Any) -> object:
    data = form.cleaned_data
    return ask_opinions(actor, pk, data["units"].splitlines(), data["text"])


_ACTS: dict[Act, tuple[type[forms.Form], Does]] = {
    Act.CLASSIFY: (typed.ClassifyForm, _classify),
    Act.SERVE: (typed.NoticeForm, _told(hearing.serve)),
    Act.REPLY: (typed.TextAndFilesForm, _said(hearing.reply)),
    Act.SUSPEND: (typed.TextForm, _plainly(hearing.suspend)),
    Act.RESUME: (typed.TextForm, _plainly(hearing.resume)),
    Act.HEAR: (typed.HearingForm, _hear),
    Act.RECALL: (typed.TextForm, _plainly(hearing.recall)),
    Act.PLAN: (typed.PlanForm, _plan),
    Act.SELF_ASSESS: (typed.TextAndFilesForm, _assess),
    Act.RETURN: (typed.TextForm, _plainly(deciding.send_back)),
    Act.WITHDRAW: (typed.TextForm, _plainly(proposing.withdraw)),
    Act.DECLINE: (typed.ReasonForm, _plainly(deciding.decline, "decision")),
    Act.CLOSE: (typed.ReasonForm, _plainly(deciding.close, "decision")),
    Act.LIST: (typed.ListForm, _list),
    Act.DELIVER: (typed.NoticeForm, _told(reviewing.deliver)),
    Act.OBJECT: (typed.TextAndFilesForm, _said(reviewing.object_to)),
    Act.REVIEW: (typed.DecisionForm, _by_paper(reviewing.review)),
    Act.REVOKE: (typed.DecisionForm, _by_paper(reviewing.revoke)),
    Act.DELIST: (typed.DelistForm, _delist),
    Act.EXTEND: (typed.ExtendForm, _extend),
    Act.CONSULT: (typed.ConsultForm, _consult),
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
    left = outstanding(actor, listing) if wanted is Act.DELIST else None
    kind, does = _ACTS[wanted]
    kind, more = _form_of(actor, wanted, stand, listing, kind)
    if left is not None:
        more["missing"] = bool(outstanding(SYSTEM, listing))
    if issubclass(kind, typed.DecisionForm):
        more["initial"] = {"document_date": today()}
    form = kind(posted(request), request.FILES or None, **more)
    if taken(request, form, lambda who, _data: does(who, listing_id, form), _("已办理。")):
        return to(listing_id)
    return form_page(
        request, form, str(words.act(act, on_paper=not stand.answers)), listing.subject, listing_url(listing_id),
        lead=_act_lead(wanted, listing), fictional=listing.region.tree.fictional, beside={"outstanding": left},
    )  # fmt: skip


def _form_of(
    actor: Actor, wanted: Act, stand: Stand, listing: Listing, kind: type[forms.Form]
) -> tuple[type[forms.Form], dict[str, Any]]:
    """Which form is typed into, and what it is made of."""
    if wanted in SPEAKING and not stand.answers:
        if not stand.on_paper:
            raise PermissionDenied(Permission.MEASURES_REPLY)
        parent = listing.region.parent_id
        people = holders(SYSTEM, Permission.LISTINGS_PREPARE, parent) if parent else []
        initial = {"received_on": today(), "receiver": user_id_of(actor)}
        return typed.OnPaperForm, {"people": [(one.pk, one.full_name) for one in people], "initial": initial}
    if wanted is Act.CLASSIFY:
        language = interface_language()
        classes = sorted(listing.version.rules.classes, key=lambda one: one.rank)
        now_ = {"class_code": listing.class_code, "problem": listing.problem, "level": listing.level}
        return kind, {"classes": [(one.code, one.name(language)) for one in classes], "initial": now_}
    return kind, {}


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
    if wanted is Act.DELIVER:
        return _("送达之日起%(days)s个工作日内，当地可以提出异议，由另一名负责人复核。") % {
            "days": listing.version.rules.objection_days
        }
    if wanted is Act.RECALL:
        return _("收回后可以改动类别、问题和入列指标值，须重新送达、重新听取意见。")
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
            who, listing.pk, month, data["text"], _given(form, data), files=data["evidence"]
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
    if not may_above(actor, Permission.LISTINGS_PREPARE, listing.region):
        raise PermissionDenied(Permission.LISTINGS_PREPARE)
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
    lead = _("不填的指标，取最近一期已发布考核的数值；送达告知之后不再改动。")
    return form_page(
        request, form, str(words.ACTS["criteria"]), listing.subject, listing_url(listing_id), lead,
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
