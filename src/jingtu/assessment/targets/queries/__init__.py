"""What is read of targets and trajectories; every function takes the actor and returns only what it may see."""

from .lists import (
    TargetFilter,
    approvable,
    choices,
    get_import,
    get_target,
    hands,
    list_targets,
    may_open_file,
    open_acts,
    preview,
    proposals_waiting,
    table_for,
    versions_of,
)
from .matrix import Grid, target_grid
from .trajectories import (
    TrajectoryPage,
    list_trajectories,
    standings,
    trajectory_page,
)

__all__ = [
    "Grid",
    "TargetFilter",
    "TrajectoryPage",
    "approvable",
    "choices",
    "get_import",
    "get_target",
    "hands",
    "list_targets",
    "list_trajectories",
    "may_open_file",
    "open_acts",
    "preview",
    "proposals_waiting",
    "standings",
    "table_for",
    "target_grid",
    "trajectory_page",
    "versions_of",
]
