"""A meeting of county A: read by who reads duties there and above, managed by its secretaries."""

from __future__ import annotations

import datetime as dt

from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.kernel.clock import today
from jingtu.governance.duties.meetings import services
from jingtu.governance.duties.meetings.models import Attendee, Decision, Meeting
from jingtu.governance.duties.meetings.rules import Rhythm, Rule
from tests.access.cast import Cast
from tests.access.doors import Known, Row, everyone_signed_in, roles

READERS = roles("analyst", "reviewer", "leader", "secretary", "reporter", relations=("own", "ancestor"))
MANAGERS = roles("secretary", relations=("own", "ancestor"))
NINE = dt.time(9, 0)


def prepare(cast: Cast) -> Known:
    county = cast.places["county_a"]
    # The reviewer leads: a reader of the county in any case.
    chair = cast.user("reviewer", "own").pk
    series = services.save_series(
        SYSTEM,
        services.SeriesData(
            county.pk,
            "月调度会",
            Rule(Rhythm.MONTH, day=8),
            NINE,
            chair,
            today(),
            usual=[services.Named(name="来宾")],
        ),
    )
    meeting = services.generate(SYSTEM, series.pk)[0]
    item = services.add_item(SYSTEM, meeting.pk, services.ItemData("议题"))
    other = services.add_item(SYSTEM, meeting.pk, services.ItemData("另一议题"))
    papers = [("材料.docx", [_docx()])]
    paper = services.add_papers(SYSTEM, item.pk, papers)[0]
    assert Attendee.objects.filter(meeting=meeting).exists()
    held, decision = _held(cast, county.pk, chair)
    return {
        "held": held.pk,
        "minuted": _minuted(cast, county.pk, chair).pk,
        "decision": decision.pk,
        "struck": services.add_decision(
            SYSTEM, held.pk, services.DecisionData("另一决定", today(), county.pk)
        ).pk,
        "series": series.pk,
        "meeting": meeting.pk,
        "item": item.pk,
        "other": other.pk,
        "paper": paper.pk,
        "region": county.pk,
        "chair": chair,
    }


def _held(cast: Cast, county: int, chair: int) -> tuple[Meeting, Decision]:
    meeting = services.call_meeting(
        SYSTEM,
        services.MeetingData(
            county, "专题会", today(), NINE, chair, people=[services.Named(name="来宾")], day_off=True
        ),
    )
    services.add_item(SYSTEM, meeting.pk, services.ItemData("议题"))
    services.invite(SYSTEM, meeting.pk)
    services.hold(SYSTEM, meeting.pk, {})
    return meeting, services.add_decision(SYSTEM, meeting.pk, services.DecisionData("决定", today(), county))


def _minuted(cast: Cast, county: int, chair: int) -> Meeting:
    meeting, _ = _held(cast, county, chair)
    services.record_items(SYSTEM, meeting.pk, {meeting.items.get().pk: "研究了有关工作。"})
    return services.hand_in(SYSTEM, meeting.pk)


def _docx() -> bytes:
    import io

    from docx import Document

    buffer = io.BytesIO()
    Document().save(buffer)
    return buffer.getvalue()


def _meeting(known: Known) -> dict[str, object]:
    return {"meeting_id": known["meeting"]}


def _series(known: Known) -> dict[str, object]:
    return {"series_id": known["series"]}


def _item(known: Known) -> dict[str, object]:
    return {"item_id": known["item"]}


def _later(known: Known) -> dict[str, object]:
    return {
        "day": (today() + dt.timedelta(days=30)).isoformat(),
        "at": "09:00",
        "day_off": "on",
        "reason": "外出",
    }


def _minuted_one(known: Known) -> dict[str, object]:
    return {"meeting_id": known["minuted"]}


def _held_one(known: Known) -> dict[str, object]:
    return {"meeting_id": known["held"]}


def _decided(known: Known) -> dict[str, object]:
    return {
        "text": "决定",
        "region": str(known["region"]),
        "due": (today() + dt.timedelta(days=9)).isoformat(),
    }


CHAIR = roles("reviewer", relations=("own",))
ANY_MANAGER = roles("secretary")
REASON = {"reason": "不再需要"}

ROWS = [
    Row("meetings:list", open_to=everyone_signed_in()),
    Row("meetings:calendar", open_to=everyone_signed_in()),
    Row("meetings:series", open_to=everyone_signed_in()),
    Row("meetings:series-detail", kwargs=_series, open_to=READERS),
    Row("meetings:series-new", open_to=ANY_MANAGER),
    Row(
        "meetings:series-new",
        method="POST",
        data=lambda known: {
            "name": "周碰头会",
            "region": str(known["region"]),
            "rhythm": "week",
            "weekday": "0",
            "month": "1",
            "shift": "later",
            "starts_on": "2026-07-01",
            "at": "09:00",
            "minutes": "60",
            "chair": str(known["chair"]),
        },
        open_to=MANAGERS,
        refused=(400, 403, 404),
    ),
    Row("meetings:series-edit", kwargs=_series, open_to=MANAGERS),
    Row("meetings:series-generate", kwargs=_series, open_to=MANAGERS),
    Row(
        "meetings:series-generate",
        method="POST",
        kwargs=_series,
        data=lambda known: {"until": (today() + dt.timedelta(days=90)).isoformat()},
        open_to=MANAGERS,
    ),
    Row("meetings:series-end", kwargs=_series, open_to=MANAGERS),
    Row("meetings:series-end", method="POST", kwargs=_series, data=lambda known: REASON, open_to=MANAGERS),
    Row("meetings:new", open_to=ANY_MANAGER),
    Row("meetings:detail", kwargs=_meeting, open_to=READERS),
    Row("meetings:edit", kwargs=_meeting, open_to=MANAGERS),
    Row(
        "meetings:edit",
        method="POST",
        kwargs=_meeting,
        data=lambda known: {"minutes": "60", "chair": str(known["chair"])},
        open_to=MANAGERS,
    ),
    Row("meetings:agenda", kwargs=_meeting, open_to=MANAGERS),
    Row(
        "meetings:agenda",
        method="POST",
        kwargs=_meeting,
        data=lambda known: {"title": "新议题", "minutes": "10"},
        open_to=MANAGERS,
    ),
    Row("meetings:take", method="POST", kwargs=_meeting, open_to=MANAGERS),
    Row("meetings:item", kwargs=_item, open_to=MANAGERS),
    Row(
        "meetings:item-shift",
        method="POST",
        kwargs=_item,
        data=lambda known: {"to": "down"},
        open_to=MANAGERS,
    ),
    Row(
        "meetings:paper-drop",
        method="POST",
        kwargs=lambda known: {"item_id": known["item"], "paper_id": known["paper"]},
        open_to=MANAGERS,
    ),
    Row(
        "meetings:item-drop",
        method="POST",
        kwargs=lambda known: {"item_id": known["other"]},
        open_to=MANAGERS,
    ),
    Row("meetings:move", kwargs=_meeting, open_to=MANAGERS),
    Row("meetings:move", method="POST", kwargs=_meeting, data=_later, open_to=MANAGERS),
    Row(
        "meetings:move",
        method="POST",
        kwargs=_meeting,
        data=lambda known: {"proposed": "2026-07-08"},
        open_to=MANAGERS,
    ),
    Row("meetings:invite", method="POST", kwargs=_meeting, open_to=MANAGERS),
    Row("meetings:attendance", kwargs=_meeting, open_to=MANAGERS),
    Row("meetings:cancel", kwargs=_meeting, open_to=MANAGERS),
    Row("meetings:cancel", method="POST", kwargs=_meeting, data=lambda known: REASON, open_to=MANAGERS),
    Row("meetings:pack", method="POST", kwargs=_held_one, open_to=MANAGERS),
    Row("meetings:minutes", kwargs=_held_one, open_to=MANAGERS),
    Row("meetings:minutes", method="POST", kwargs=_held_one, open_to=MANAGERS),
    Row("meetings:decision-new", kwargs=_held_one, open_to=MANAGERS),
    Row("meetings:decision-new", method="POST", kwargs=_held_one, data=_decided, open_to=MANAGERS),
    Row("meetings:decision", kwargs=lambda known: {"decision_id": known["decision"]}, open_to=MANAGERS),
    Row(
        "meetings:decision",
        method="POST",
        kwargs=lambda known: {"decision_id": known["decision"]},
        data=_decided,
        open_to=MANAGERS,
    ),
    Row(
        "meetings:decision-drop",
        method="POST",
        kwargs=lambda known: {"decision_id": known["struck"]},
        open_to=MANAGERS,
    ),
    Row(
        "meetings:printed",
        kwargs=lambda known: {"meeting_id": known["held"], "extension": "docx"},
        open_to=READERS,
    ),
    Row("meetings:give-back", kwargs=_minuted_one, open_to=CHAIR),
    Row("meetings:give-back", method="POST", kwargs=_minuted_one, data=lambda known: REASON, open_to=CHAIR),
    Row("meetings:confirm", method="POST", kwargs=_minuted_one, open_to=CHAIR),
]
