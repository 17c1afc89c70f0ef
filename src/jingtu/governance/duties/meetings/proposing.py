"""What the agenda of a meeting could hold: what every app offers through the registry, not yet taken up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jingtu.core.kernel.actor import Actor
from jingtu.core.ui.agenda import Point, points_for

from .decided import last_decisions, points_of
from .models import Meeting
from .services import Taken


@dataclass(frozen=True)
class Proposal:
    """A point as one reader sees it."""

    point: Point
    title: str
    detail: str

    @property
    def name(self) -> str:
        """How a form names it."""
        return f"{self.point.kind}|{self.point.key}"


@dataclass(frozen=True)
class ProposedGroup:
    """Points of one source; those on the agenda already are left out."""

    label: str
    points: Sequence[Proposal]


def proposals(actor: Actor, meeting: Meeting) -> list[ProposedGroup]:
    """What could still be put on the agenda of a meeting that was given to the actor: what became of the last
    decisions of its series first, then source by source. A constant number of queries."""
    standing = set(meeting.items.values_list("kind", "key"))
    english = actor.language == "en"
    groups = []
    decided = last_decisions(actor, meeting)
    # What became of a decision is told under the decision, not once more as a late task.
    told = {row.task_url for row in decided if row.task_url}
    offered = [
        ("What became of decisions" if english else "上次决定的落实", points_of(decided)),
        *(
            (
                source.label_en if english else source.label_zh,
                [point for point in points if point.url not in told],
            )
            for source, points in points_for(actor, meeting.region_id, meeting.held_on)
        ),
    ]
    for label, points in offered:
        fresh = [
            Proposal(
                point,
                point.title_en if english else point.title_zh,
                point.detail_en if english else point.detail_zh,
            )
            for point in points
            if (point.kind, point.key) not in standing
        ]
        if fresh:
            groups.append(ProposedGroup(label, fresh))
    return groups


def chosen(actor: Actor, meeting: Meeting, names: Sequence[str]) -> list[Taken]:
    """The proposed points whose names (``kind|key``) somebody ticked, as they are proposed now."""
    wanted = set(names)
    offered = [one for group in proposals(actor, meeting) for one in group.points if one.name in wanted]
    return [
        Taken(
            one.point.kind,
            one.point.key,
            one.point.title_zh,
            one.point.title_en,
            one.point.detail_zh,
            one.point.detail_en,
            one.point.url,
        )
        for one in offered
    ]
