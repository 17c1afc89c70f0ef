"""A listing of county A that waits for its acceptance, and one that is only proposed: prepared and decided from above."""

from __future__ import annotations

from django.http import HttpResponse

from jingtu.governance.accountability.listings.services import accepting, designating
from tests.access.cast import Cast, Member
from tests.access.doors import Known, Row, roles
from tests.governance.listings.office import Office

READERS = roles("analyst", "reviewer", "leader", "secretary", "reporter")
SEERS = roles("analyst", "reviewer", "leader", "secretary", "reporter", relations=("own", "ancestor"))
PREPARERS = roles("secretary")
ABOVE = roles("secretary", relations=("ancestor",))
DECIDERS = roles("leader", relations=("ancestor",))


def prepare(cast: Cast) -> Known:
    office = Office(cast)
    accepted = office.drawn_up()
    office.day = office.day.replace(day=3)
    consulted = office.inspected(class_code="focused")
    accepting.ask_opinions(office.secretary, consulted.pk, ["市公安局"], "请提意见")
    running = office.rectifying(class_code="watched")
    hidden = office.proposed(class_code="warned")
    named = designating.name_area(
        office.secretary, cast.places["county_a"].pk, office.version.pk, 2026, "key", "上年度考核意见"
    )
    return {
        "accepted": accepted.pk, "consulted": consulted.pk, "running": running.pk, "hidden": hidden.pk,
        "county": cast.places["county_a"].pk, "opinion": consulted.opinions.get().pk,
        "rules": office.rule_set.pk, "named": named.pk,
        "rule": f"{office.version.pk}|reminded",
    }  # fmt: skip


def of(name: str, **more: object):  # type: ignore[no-untyped-def]
    return lambda known: {"listing_id": known[name], **more}


def seen_by(member: Member, known: Known) -> set[int]:
    """Own ids of the listings of the test that a member may know of: a proposal only from above."""
    if (member.role, member.relation) not in SEERS:
        return set()
    above = member.relation == "ancestor" and member.role in ("secretary", "leader")
    return {known["accepted"], known["consulted"], known["running"], *([known["hidden"]] if above else [])}


def lists_own_only(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    shown = {row["listing"].pk for row in response.context["rows"]}  # type: ignore[attr-defined]
    assert shown == seen_by(member, known)


TEXT = {"text": "情况已经核实"}

ROWS = [
    Row("listings:list", open_to=READERS, sees=lists_own_only),
    Row("listings:export", open_to=READERS, method="POST"),
    Row("listings:statistics", open_to=READERS),
    Row("listings:candidates", open_to=PREPARERS),
    Row("listings:detail", kwargs=of("running"), open_to=SEERS),
    Row("listings:detail", kwargs=of("hidden"), open_to=roles("leader", "secretary", relations=("ancestor",))),
    Row("listings:region", kwargs=lambda known: {"region_id": known["county"]}, open_to=SEERS),
    Row("listings:new", open_to=PREPARERS),
    Row(
        "listings:new",
        method="POST",
        data=lambda known: {
            "region": known["county"], "rule": known["rule"], "problem": "other", "level": "city", "grounds": "举报线索较多",
        },
        open_to=ABOVE,
        refused=(400, 403, 404),
    ),
    Row("listings:criteria", kwargs=of("hidden"), open_to=ABOVE),
    Row("listings:acceptance", kwargs=of("accepted"), open_to=ABOVE),
    Row("listings:sign", method="POST", kwargs=of("accepted"), open_to=roles("analyst", "reviewer", relations=("ancestor",)), refused=(403, 404, 409)),
    Row(
        "listings:opinion", method="POST", kwargs=lambda known: {"listing_id": known["consulted"], "opinion_id": known["opinion"]},
        data=lambda known: {"agrees": "yes", "text": "同意摘牌"}, open_to=ABOVE,
    ),
    Row("listings:act", kwargs=of("running", act="progress"), open_to=ABOVE | roles("leader", "secretary", "reporter", relations=("own",))),
    Row(
        "listings:act", method="POST", kwargs=of("running", act="self_assess"), data=lambda known: TEXT,
        open_to=ABOVE | roles("leader", "secretary", "reporter", relations=("own",)),
    ),
    Row("listings:act", method="POST", kwargs=of("hidden", act="serve"), data=lambda known: TEXT, open_to=ABOVE),
    Row("listings:act", kwargs=of("consulted", act="delist"), open_to=DECIDERS),
    Row(
        "listings:act", method="POST", kwargs=of("running", act="extend"),
        data=lambda known: {"months": "3", "decision": "指标未达标", "document_number": "示禁毒委〔2026〕9号", "document_date": "2026-04-01"},
        open_to=DECIDERS,
    ),
    Row("listings:rules", open_to=READERS),
    Row("listings:rule", kwargs=lambda known: {"rule_set_id": known["rules"]}, open_to=roles("analyst", "reviewer", "leader", "secretary", "reporter", relations=("own", "ancestor", "descendant", "sibling"))),
    Row("listings:edit-rule", kwargs=lambda known: {"rule_set_id": known["rules"]}, open_to=ABOVE),
    Row("listings:adopt", open_to=PREPARERS),
    Row("listings:designations", open_to=READERS),
    Row("listings:name-area", open_to=PREPARERS),
    Row(
        "listings:decide-area", method="POST", kwargs=lambda known: {"designation_id": known["named"]},
        data=lambda known: {"decision": "同意确定", "document_number": "示禁毒委〔2026〕3号", "document_date": "2026-03-01"},
        open_to=DECIDERS,
    ),
    Row(
        "listings:decline-area", method="POST", kwargs=lambda known: {"designation_id": known["named"]},
        data=lambda known: {"decision": "不予确定，情况已好转"}, open_to=DECIDERS,
    ),
    Row("listings:paper", kwargs=of("running"), open_to=roles("leader", "secretary", relations=("ancestor",))),
    Row("listings:public", kwargs=of("running"), open_to=SEERS),
]  # fmt: skip
