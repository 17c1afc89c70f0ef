"""A place through all assessments that ranked it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from jingtu.core.kernel.actor import Actor

from ..models import Run, RunPlace
from ..rules import RunState
from .lists import runs_visible

MOST_RUNS = 200


@dataclass(frozen=True)
class Standing:
    """The place in one published run."""

    run: Run
    rank: int | None
    total: Decimal | None


@dataclass(frozen=True)
class CardStanding:
    """One scorecard and cadence: the latest standing and all the earlier ones, oldest first."""

    latest: Standing
    history: Sequence[Standing]

    @property
    def moved(self) -> int | None:
        """Places gained since the standing before; None without one."""
        if len(self.history) < 2:
            return None
        before, now = self.history[-2].rank, self.latest.rank
        return before - now if before and now else None


def region_profile(actor: Actor, region_id: int) -> list[CardStanding]:
    """Where a place stands, by scorecard and cadence, in the published runs the actor may read.

    Two queries besides the actor's own; at most the latest 200 runs.
    """
    runs = runs_visible(actor).filter(state=RunState.PUBLISHED, ranked__region_id=region_id)[:MOST_RUNS]
    chosen = {run.pk: run for run in runs}
    places = {
        place.run_id: place for place in RunPlace.objects.filter(run_id__in=chosen, region_id=region_id)
    }
    cards: dict[tuple[str, str, int], list[Standing]] = {}
    for pk, run in chosen.items():
        key = (run.scorecard, run.cadence, run.region_id)
        cards.setdefault(key, []).append(Standing(run, places[pk].rank, places[pk].total))
    return [CardStanding(found[0], found[::-1]) for found in cards.values()]
