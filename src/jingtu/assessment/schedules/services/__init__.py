"""What people do with schedules, and what the ticker does for them."""

from .common import office_zone
from .planning import Plan, enable, pause, save
from .rounds import run_now, tick

__all__ = ["Plan", "enable", "office_zone", "pause", "run_now", "save", "tick"]
