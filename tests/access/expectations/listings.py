"""A listing of county A that waits for its acceptance, and one that is only proposed: prepared and decided from above."""

from __future__ import annotations

from django.http import HttpResponse

from jingtu.governance.accountability.listings.services import accepting
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
    return {
        "accepted": accepted.pk, "consulted": consulted.pk, "running": running.pk, "hidden": hidden.pk,
        "county": cast.places["county_a"].pk, "opinion": consulted.opinions.get().pk,
        "rule": f"{office.version.pk}|reminded",
    }  # fmt: skip


def of(name: str, **more: object):  # type: ignore[no-untyped-def]
    return lambda known: {"listing_id": known[name], **more}


def lists_own_only(response: HttpResponse, member: Member, cast: Cast, known: Known) -> None:
    shown = {row["listing"].pk for row in response.context["rows"]}  # type: ignore[attr-defined]
    told = {known["accepted"], known["consulted"], known["running"]}
    above = member.relation == "ancestor" and member.role in ("secretary", "leader")
    assert shown == (
        told | ({known["hidden"]} if above else set()) if (member.role, member.relation) in SEERS else set()
    )


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
]  # fmt: skip
