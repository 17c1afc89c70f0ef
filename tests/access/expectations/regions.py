"""Names of regions are open to whoever is signed in; only who manages regions changes them."""

from __future__ import annotations

from typing import Any

from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.regions.services import add_alias, set_peer_group
from tests.access.cast import Cast
from tests.access.doors import Row, everyone_signed_in, roles

MANAGERS = roles("system_administrator")
LOOKERS = MANAGERS | roles("analyst", relations=("own", "ancestor"))
"""Who prepares assessments sees what a change would do; nothing is changed by looking."""


def prepare(cast: Cast) -> dict[str, Any]:
    county, other = cast.places["county_a"], cast.places["county_b"]
    alias = add_alias(SYSTEM, county, "老甲县")
    set_peer_group(SYSTEM, cast.tree, "near", name_zh="近郊", name_en="Near", members=[county.pk, other.pk])
    return {"slug": cast.tree.slug, "region": county.pk, "alias": alias.pk}


def _tree(known: Any) -> dict[str, Any]:
    return {"slug": known["slug"]}


def _region(known: Any) -> dict[str, Any]:
    return {"region_id": known["region"]}


def _group(known: Any) -> dict[str, Any]:
    return {"slug": known["slug"], "code": "near"}


def _rename(known: Any) -> dict[str, Any]:
    return {"date": "2026-03-01", "name": "新甲县", "code": "310101", "step": "preview"}


ROWS = [
    Row("regions:list", open_to=everyone_signed_in()),
    Row("regions:tree", kwargs=_tree, open_to=everyone_signed_in()),
    Row("regions:search", kwargs=_tree, data=lambda known: {"q": "甲"}, open_to=everyone_signed_in()),
    Row("regions:picker", data=lambda known: {"q": "甲"}, open_to=everyone_signed_in()),
    Row("regions:detail", kwargs=_region, open_to=everyone_signed_in()),
    Row("regions:children", kwargs=_region, open_to=everyone_signed_in()),
    Row("regions:groups", kwargs=_tree, open_to=everyone_signed_in()),
    Row("regions:load", open_to=MANAGERS),
    Row("regions:load", method="POST", open_to=MANAGERS, admitted=(400,)),
    Row("regions:change", kwargs=lambda known: {**_region(known), "kind": "rename"}, open_to=LOOKERS),
    Row(
        "regions:change",
        method="POST",
        kwargs=lambda known: {**_region(known), "kind": "rename"},
        data=_rename,
        open_to=LOOKERS,
        admitted=(200,),
    ),
    Row(
        "regions:change",
        method="POST",
        kwargs=lambda known: {**_region(known), "kind": "rename"},
        data=lambda known: {**_rename(known), "step": "confirm"},
        open_to=MANAGERS,
        admitted=(200,),
    ),
    Row(
        "regions:alias-add",
        method="POST",
        kwargs=_region,
        data=lambda known: {"name": "旧甲县"},
        open_to=MANAGERS,
    ),
    Row(
        "regions:alias-remove",
        method="POST",
        kwargs=lambda known: {**_region(known), "alias_id": known["alias"]},
        open_to=MANAGERS,
    ),
    Row("regions:group-new", kwargs=_tree, open_to=MANAGERS),
    Row("regions:group", kwargs=_group, open_to=MANAGERS),
    Row("regions:group-remove", method="POST", kwargs=_group, open_to=MANAGERS),
]
