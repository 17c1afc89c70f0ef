"""The demonstration's runs, computed twice: by the product from files, and by hand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from jingtu import __file__ as package
from jingtu.engine.assess import Assessment, assess
from jingtu.engine.catalogue import load_catalogue
from jingtu.engine.catalogue.model import Catalogue
from jingtu.engine.factfile import read_fact_file
from jingtu.engine.facttable import FactTable
from jingtu.engine.periods import Period
from jingtu.engine.publication import publication
from jingtu.engine.tree import RegionTree
from jingtu.portal.demo_data import city
from tests.reference.card import Card
from tests.reference.spans import span
from tests.reference.world import World

CATALOGUE_FOLDER = Path(package).parent / "catalogue"
TREES = {"demo": "regions.csv", "demo-units": "units.csv"}
RUNS = (
    ("demo", "county_monthly", "2026-09"),
    ("demo", "county_quarterly", "2026-Q3"),
    ("demo", "county_monthly", "2026-01..2026-02"),
    ("demo", "county_monthly", "2026-08"),
    ("demo", "township_monthly", "2026-09"),
    ("demo-units", "member_unit", "2026-09"),
)


@dataclass(frozen=True)
class Demo:
    """The files of the demonstration, and what each side read from them."""

    folder: Path
    catalogue: Catalogue
    trees: dict[str, RegionTree]
    facts: dict[str, FactTable]
    worlds: dict[str, World]
    _kept: dict[tuple[str, str, str], Any]

    def files(self, tree: str) -> list[Path]:
        return sorted(self.folder.glob(f"{tree}-20*.csv"))

    def assessment(self, tree: str, card: str, period: str) -> Assessment:
        key = ("engine " + tree, card, period)
        if key not in self._kept:
            self._kept[key] = assess(
                self.trees[tree], self.facts[tree], self.catalogue, card, Period.parse(period)
            )
        return self._kept[key]  # type: ignore[no-any-return]

    def content(self, tree: str, card: str, period: str) -> dict[str, Any]:
        key = ("content " + tree, card, period)
        if key not in self._kept:
            self._kept[key] = publication(self.assessment(tree, card, period))
        return self._kept[key]  # type: ignore[no-any-return]

    def card(self, tree: str, card: str, period: str) -> Card:
        key = ("card " + tree, card, period)
        if key not in self._kept:
            self._kept[key] = Card(self.worlds[tree], card, span(period))
        return self._kept[key]  # type: ignore[no-any-return]


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    folder = tmp_path_factory.mktemp("city")
    city.write(folder)
    catalogue = load_catalogue(CATALOGUE_FOLDER)
    trees, facts, worlds = {}, {}, {}
    for key, regions in TREES.items():
        files = sorted(folder.glob(f"{key}-20*.csv"))
        trees[key] = RegionTree.read_csv(folder / regions, key)
        facts[key] = FactTable.concat([read_fact_file(path, trees[key], catalogue) for path in files])
        worlds[key] = World(folder / regions, files, CATALOGUE_FOLDER)
    return Demo(folder, catalogue, trees, facts, worlds, {})
