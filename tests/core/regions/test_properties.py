"""Whatever is done to a tree, its past stays, its positions hold, its codes stay unique."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.kernel.clock import frozen
from jingtu.core.kernel.errors import InvalidInput
from jingtu.core.regions import queries
from jingtu.core.regions.models import Region, RegionTree
from jingtu.core.regions.services import (
    Order,
    Part,
    create_region,
    load_tree,
    merge_regions,
    move_region,
    rename_region,
    split_region,
)
from jingtu.engine.tree import RegionTree as EngineTree

from .conftest import SPEC, town_rows

FIRST = dt.date(2025, 1, 1)

acts = st.lists(
    st.tuples(
        st.sampled_from(["create", "rename", "move", "merge", "merge new", "split", "split end"]),
        st.integers(0, 30),
        st.integers(0, 30),
        st.integers(0, 2),  # days after the act before
    ),
    min_size=1,
    max_size=7,
)


def picture(tree: RegionTree, day: dt.date | None = None) -> list[tuple[int, str, str, str, int]]:
    engine = queries.engine_tree(SYSTEM, tree, day)
    return list(
        zip(
            engine.ids.tolist(),
            engine.codes,
            engine.names,
            engine.levels,
            engine.parent.tolist(),
            strict=True,
        )
    )


def act(tree: RegionTree, kind: str, a: int, b: int, day: dt.date, number: int) -> None:
    regions = list(Region.objects.filter(tree=tree, valid_to__isnull=True).order_by("position"))
    one, two = regions[a % len(regions)], regions[b % len(regions)]
    order, code = Order(day), f"N{number}"
    if kind == "create":
        create_region(SYSTEM, one, code=code, name=f"新{number}", level="township", order=order)
    elif kind == "rename":
        rename_region(SYSTEM, one, name=f"改{number}", code=code if b % 2 else None, order=order)
    elif kind == "move":
        move_region(SYSTEM, one, two, order=order)
    elif kind == "merge":
        merge_regions(SYSTEM, [one], into=two, order=order)
    elif kind == "merge new":
        merge_regions(SYSTEM, [one, two], name=f"合{number}", code=code, order=order)
    else:
        children = [child.pk for child in queries.children(SYSTEM, one)]
        half = len(children) // 2
        parts = [Part(f"甲{number}", f"{code}a", children[:half])]
        if kind == "split end":
            parts.append(Part(f"乙{number}", f"{code}b", children[half:]))
        split_region(SYSTEM, one, parts, keeps=kind == "split", order=order)


@pytest.mark.django_db(transaction=False)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts)
def test_the_past_stays_and_the_tree_holds(deeds: list[tuple[str, int, int, int]]) -> None:
    from django.db import transaction

    with transaction.atomic(), frozen(dt.datetime(2026, 11, 22, 4, 0, tzinfo=dt.UTC)):
        tree = load_tree(SYSTEM, SPEC, town_rows()).tree
        past: dict[dt.date, list[tuple[int, str, str, str, int]]] = {FIRST: picture(tree)}
        day = FIRST
        for number, (kind, a, b, wait) in enumerate(deeds):
            if wait:
                past[day] = picture(tree)
            day += dt.timedelta(days=wait) if number else dt.timedelta(days=1)
            with suppress(InvalidInput):
                act(tree, kind, a, b, day, number)
            for earlier, then in past.items():
                if earlier < day:
                    assert picture(tree, earlier) == then
            check_positions(tree)
            assert picture(tree, day) == picture(tree)
        transaction.set_rollback(True)


def check_positions(tree: RegionTree) -> None:
    """Stored numbers equal those of a tree built from codes and parents alone."""
    from jingtu.engine.tree import RegionRow

    current = list(
        Region.objects.select_related("parent").filter(tree=tree, valid_to__isnull=True).order_by("position")
    )
    keys = [(region.code, region.level) for region in current]
    assert len(set(keys)) == len(keys)
    built = EngineTree.build(
        [
            RegionRow(
                region.code,
                region.name,
                region.parent.code if region.parent else None,
                region.level,
                id=region.pk,
                parent_level=region.parent.level if region.parent else None,
            )
            for region in current
        ],
        tree.slug,
    )
    assert [region.position for region in current] == list(range(built.size))
    assert [region.pk for region in current] == built.ids.tolist()
    assert [region.last for region in current] == built.last.tolist()
    assert [region.depth for region in current] == built.depth.tolist()
