"""A draft of the next catalogue: the analyst moves points of the monthly card; a second person is to decide."""

from __future__ import annotations

import copy

from jingtu.assessment.indicators import services
from jingtu.assessment.indicators.models import CatalogueDraft
from jingtu.core.kernel.actor import actor_named
from jingtu.engine.catalogue.editing import entry_of

TITLE = "示例：加重执行率分值"
CARD = "county_monthly"
MOVED = {"CDT_EXEC": 4, "CASE_RATE": -2, "PROSECUTION_RATE": -2}
"""Points given to items of the card, and taken from others: the total stays what it is."""


def draft_catalogue() -> bool:
    """One draft, validated and with its impact worked out, that waits for the system administrator."""
    if CatalogueDraft.objects.filter(title=TITLE).exists():
        return False
    analyst = actor_named("analyst")
    draft = services.open_draft(analyst, TITLE, "社区戒毒执行率是短板，提高分值；总分仍为100分（虚构示例）")
    card = copy.deepcopy(entry_of(draft.content, "scorecards", CARD))
    assert card is not None
    for section in card["sections"]:
        for item in section["items"]:
            item["points"] += MOVED.get(item["indicator"], 0)
        section["name"] = _named(section)
    draft = services.put_entry(analyst, draft.pk, draft.revision, "scorecards", CARD, card, "加重执行率")
    services.validate(analyst, draft.pk)
    services.compute_impact(analyst, draft.pk)
    return True


def _named(section: dict[str, object]) -> dict[str, str]:
    """The section's names with the points they state brought up to date."""
    names, items = section["name"], section["items"]
    assert isinstance(names, dict)
    assert isinstance(items, list)
    total = sum(item["points"] for item in items)
    zh, en = names["zh"].partition("（")[0], names["en"].partition(" (")[0]
    return {"zh": f"{zh}（{total}分）", "en": f"{en} ({total})"}
