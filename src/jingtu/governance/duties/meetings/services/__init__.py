"""What people do with series and meetings, one verb a function."""

from .agenda import (
    PURPOSE,
    ItemData,
    Taken,
    add_item,
    add_papers,
    change_item,
    drop_item,
    drop_paper,
    shift_item,
    take_points,
)
from .meetings import Came, MeetingData, call_meeting, cancel, change, hold, invite, move
from .series import Named, SeriesData, end_series, generate, generate_due, save_series

__all__ = [
    "PURPOSE",
    "Came",
    "ItemData",
    "MeetingData",
    "Named",
    "SeriesData",
    "Taken",
    "add_item",
    "add_papers",
    "call_meeting",
    "cancel",
    "change",
    "change_item",
    "drop_item",
    "drop_paper",
    "end_series",
    "generate",
    "generate_due",
    "hold",
    "invite",
    "move",
    "save_series",
    "shift_item",
    "take_points",
]
