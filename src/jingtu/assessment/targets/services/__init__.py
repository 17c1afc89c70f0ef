"""What people do with targets and trajectories, one verb a function: actor first, rules asked, audit written."""

from .deciding import approve, approve_many, reject, withdraw
from .importing import (
    PURPOSE,
    begin_import,
    confirm_import,
    export_targets,
    import_path,
    make_template,
    read_target,
    wanted_of,
)
from .proposing import propose, propose_all
from .trajectories import MilestoneData, TrajectoryData, milestone_of, retire_trajectory, set_trajectory
from .trajectory_files import import_trajectories

__all__ = [
    "PURPOSE",
    "MilestoneData",
    "TrajectoryData",
    "approve",
    "approve_many",
    "begin_import",
    "confirm_import",
    "export_targets",
    "import_path",
    "import_trajectories",
    "make_template",
    "milestone_of",
    "propose",
    "propose_all",
    "read_target",
    "reject",
    "retire_trajectory",
    "set_trajectory",
    "wanted_of",
    "withdraw",
]
