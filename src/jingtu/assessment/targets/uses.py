"""Which indicators are aimed at: those are used, though no scorecard names them."""

from __future__ import annotations

from jingtu.engine.catalogue import Catalogue

from .models import Target, Trajectory
from .rules import TargetState


def indicators_aimed_at(catalogue: Catalogue) -> set[str]:
    """Indicators with a target in force or a trajectory. One query."""
    targets = Target.objects.filter(state=TargetState.IN_FORCE).order_by().values_list("indicator", flat=True)
    return set(targets.union(Trajectory.objects.order_by().values_list("indicator", flat=True)))
