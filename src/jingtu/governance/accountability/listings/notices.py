"""Whom a listing concerns, and what they are told. Called inside the transaction of the act."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse

from jingtu.core.accounts.queries import holders
from jingtu.core.kernel.actor import SYSTEM, Actor, Permission
from jingtu.core.notifications.services import notify
from jingtu.core.notifications.texts import NoticeText, register_notices

from .models import Listing

register_notices(
    {
        "listings.noticed": NoticeText(
            "拟列入{klass}，请陈述申辩：{place}",
            "{klass} is proposed, please reply: {place}",
            "可在{until}前陈述申辩；是否列入由上级负责人决定。",
            "Reply by {until}; a named person above decides whether it is listed.",
        ),
        "listings.recalled": NoticeText(
            "拟挂牌告知已收回：{place}",
            "A notice of listing was taken back: {place}",
            "{klass}。如再次提出，将重新告知。",
            "{klass}. Should it be proposed again, you will be told anew.",
        ),
        "listings.suspended": NoticeText(
            "陈述申辩期中止：{place}", "The time to reply stands still: {place}", "{klass}。", "{klass}."
        ),
        "listings.resumed": NoticeText(
            "陈述申辩期恢复：{place}",
            "The time to reply runs again: {place}",
            "{klass}，至{until}。",
            "{klass}, until {until}.",
        ),
        "listings.delivered": NoticeText(
            "挂牌决定已送达：{place}",
            "The decision to list was served: {place}",
            "文号{number}。如有异议，可在规定期限内提出。",
            "Document {number}. The place may object within the time set.",
        ),
        "listings.objected": NoticeText(
            "挂牌异议待复核：{place}", "An objection awaits a review: {place}", "{klass}。", "{klass}."
        ),
        "listings.reviewed": NoticeText(
            "异议复核：维持挂牌：{place}",
            "The listing was upheld on review: {place}",
            "文号{number}。",
            "Document {number}.",
        ),
        "listings.revoked": NoticeText(
            "挂牌已撤销：{place}", "The listing was revoked: {place}", "文号{number}。", "Document {number}."
        ),
        "listings.replied": NoticeText(
            "当地已陈述申辩：{place}", "The place has replied: {place}", "{klass}。", "{klass}."
        ),
        "listings.to_decide": NoticeText(
            "挂牌整治待决定：{place}", "A listing awaits your decision: {place}", "{klass}。", "{klass}."
        ),
        "listings.listed": NoticeText(
            "已决定列入{klass}：{place}",
            "Listed as {klass}: {place}",
            "期限至{until}，文号{number}。",
            "Term until {until}, document {number}.",
        ),
        "listings.delisted": NoticeText(
            "已决定摘牌：{place}",
            "Delisted: {place}",
            "巩固期至{until}，文号{number}。",
            "Watch period until {until}, document {number}.",
        ),
        "listings.extended": NoticeText(
            "整治期限延长：{place}",
            "Term extended: {place}",
            "至{until}，文号{number}。",
            "Until {until}, document {number}.",
        ),
        "listings.returned": NoticeText(
            "退回整改：{place}", "Returned for rectification: {place}", "{klass}。", "{klass}."
        ),
        "listings.to_accept": NoticeText(
            "自评已报，待验收：{place}", "Self-assessed, to be examined: {place}", "{klass}。", "{klass}."
        ),
        "listings.sign": NoticeText(
            "请在验收记录上签字：{place}", "Please sign the acceptance: {place}", "{klass}。", "{klass}."
        ),
        "listings.term_ending": NoticeText(
            "整治期限将到：{place}",
            "A term of rectification ends: {place}",
            "{klass}，至{until}。",
            "{klass}, until {until}.",
        ),
        "listings.progress_due": NoticeText(
            "请填报整治进展：{place}",
            "Progress of rectification is due: {place}",
            "{month}的进展请在{until}前填报。",
            "Report {month} by {until}.",
        ),
        "listings.watch_ending": NoticeText(
            "巩固期将满：{place}",
            "A watch period ends: {place}",
            "{klass}，至{until}。",
            "{klass}, until {until}.",
        ),
    }
)


def to_place(actor: Actor, listing: Listing, kind: str, **params: str) -> None:
    """Tell those who answer for the place: by posts over just this region, not by those from above."""
    people = _over(actor, listing.region_id, Permission.MEASURES_REPLY)
    above = _over(SYSTEM, listing.region.parent_id, Permission.MEASURES_REPLY)
    tell(actor, listing, people - above, kind, **params)


def to_office(actor: Actor, listing: Listing, kind: str, **params: str) -> None:
    """Tell those above who prepare."""
    tell(actor, listing, _over(actor, listing.region.parent_id, Permission.LISTINGS_PREPARE), kind, **params)


def to_deciders(actor: Actor, listing: Listing, kind: str = "listings.to_decide", **params: str) -> None:
    """Tell those above who decide."""
    tell(actor, listing, _over(actor, listing.region.parent_id, Permission.LISTINGS_DECIDE), kind, **params)


def tell(actor: Actor, listing: Listing, people: Iterable[int], kind: str, **params: str) -> None:
    """Tell people something about a listing."""
    said = {
        "place": listing.subject,
        "klass": listing.class_zh,
        "klass_en": listing.class_en or listing.class_zh,
    }
    link = reverse("listings:detail", args=[listing.pk])
    notify(actor, set(people), kind, params={**said, **params}, link=link)


def _over(actor: Actor, region_id: int | None, permission: Permission) -> set[int]:
    return set() if region_id is None else {user.pk for user in holders(actor, permission, region_id)}
