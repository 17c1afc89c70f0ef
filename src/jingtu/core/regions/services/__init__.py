"""The only writer of region trees."""

from jingtu.core.regions import texts as _texts  # noqa: F401 - registers sentences and audited actions

from .changes import (
    Effect,
    Order,
    create_region,
    merge_regions,
    move_region,
    rename_region,
    split_region,
)
from .checks import Part
from .groups import add_alias, remove_alias, remove_peer_group, set_peer_group
from .loading import LoadResult, check_rows, load_tree
from .previewing import Preview, preview_change

__all__ = [
    "Effect",
    "LoadResult",
    "Order",
    "Part",
    "Preview",
    "add_alias",
    "check_rows",
    "create_region",
    "load_tree",
    "merge_regions",
    "move_region",
    "preview_change",
    "remove_alias",
    "remove_peer_group",
    "rename_region",
    "set_peer_group",
    "split_region",
]
