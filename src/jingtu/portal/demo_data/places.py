"""The fictional city: its places, its member units and how each county does its work.

All names are invented; a test compares them with the national list of counties and townships.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).with_name("city")
CITY_TREE = "demo"
UNITS_TREE = "demo-units"

PEER_GROUPS: dict[str, tuple[str, ...]] = {
    "城区组": ("F01", "F02", "F03"),
    "县市组": ("F04", "F05", "F06", "F07", "F08", "F09"),
}
"""Counties compared with their like (分类考核)."""


@dataclass(frozen=True)
class Place:
    """A row of the regions or units file."""

    code: str
    name: str
    parent: str
    level: str


@dataclass(frozen=True)
class CountyProfile:
    """How well a county works, by strand: 0 is ordinary, +1 good, -1 weak; trends are per year."""

    crackdown: float
    prevention: float
    supervision: float
    recovery: float
    education: float
    responsibility: float
    trend: float
    new_users_growth: float
    outflow_growth: float
    users_per_10k: float


PROFILES: dict[str, CountyProfile] = {
    "F01": CountyProfile(0.9, 0.6, 0.7, 0.8, 0.8, 0.8, 0.1, -0.22, -0.25, 13.2),
    "F02": CountyProfile(0.6, 0.3, 0.5, 0.4, 0.7, 0.5, 0.0, -0.12, -0.05, 20.9),
    "F03": CountyProfile(0.2, 0.1, 0.3, 0.1, 0.3, 0.0, 0.2, -0.05, 0.05, 17.6),
    "F04": CountyProfile(0.7, 0.6, 0.7, 0.7, 0.5, 0.6, 0.1, -0.18, -0.20, 15.4),
    "F05": CountyProfile(-0.4, -0.6, -0.3, -1.65, -0.1, -0.3, -0.4, 0.30, 0.40, 23.1),
    "F06": CountyProfile(-0.2, 0.0, -0.2, 0.0, -0.1, 0.0, 0.7, -0.25, -0.30, 14.3),
    "F07": CountyProfile(0.0, 0.0, -0.2, 0.0, -1.2, -0.3, -0.3, 0.02, -0.10, 12.1),
    "F08": CountyProfile(-0.2, 0.1, -1.4, -0.2, 0.0, -0.1, 0.0, 0.08, 0.10, 16.5),
    "F09": CountyProfile(-0.5, -0.1, 0.1, -0.4, 0.1, 0.2, 0.3, -0.08, -0.15, 11.0),
}


@lru_cache(maxsize=2)
def read_places(name: str) -> tuple[Place, ...]:
    """The rows of ``regions.csv`` or ``units.csv``, parents first."""
    with (FOLDER / name).open(encoding="utf-8", newline="") as stream:
        return tuple(Place(**row) for row in csv.DictReader(stream))


def counties() -> list[Place]:
    """The nine counties in code order."""
    return [place for place in read_places("regions.csv") if place.level == "county"]


def townships() -> list[Place]:
    """The 160 townships in code order."""
    return [place for place in read_places("regions.csv") if place.level == "township"]


def member_units() -> list[Place]:
    """The 35 member units of the committee."""
    return [place for place in read_places("units.csv") if place.level == "unit"]
