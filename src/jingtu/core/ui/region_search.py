"""Lets the search of everything find regions: they stand below the interface and cannot register themselves."""

from __future__ import annotations

from django.urls import reverse

from jingtu.core.kernel.actor import Actor
from jingtu.core.regions import queries

from .search import Hit


def find_regions(actor: Actor, text: str, limit: int) -> list[Hit]:
    """Regions of all trees, the real before the fictional, each with its full path."""
    hits: list[Hit] = []
    for tree in queries.trees(actor):
        regions = queries.search(actor, tree, text, limit - len(hits))
        paths = queries.path_names(actor, [region.pk for region in regions])
        hits += [
            Hit(region.name, reverse("regions:detail", args=[region.pk]), f"{tree.name} · {paths[region.pk]}")
            for region in regions
        ]
        if len(hits) >= limit:
            break
    return hits
