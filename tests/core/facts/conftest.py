"""Places and people of the access cast, and a few elements."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from jingtu.core.facts import store
from jingtu.core.facts.services import store_elements
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.kernel.clock import frozen
from jingtu.engine.elements import Element, ElementKind
from tests.access.cast import Cast, make_cast

ELEMENTS = (
    Element("cases", "破获案件", "Cases solved", ElementKind.FLOW, "cases"),
    Element("seized", "缴获毒品", "Drugs seized", ElementKind.FLOW, "kg", decimals=2),
    Element(
        "users_new",
        "新发现吸毒人员",
        "Newly found users",
        ElementKind.FLOW,
        "persons",
        person_based=True,
        dimensions={"age": ("u18", "u25")},
    ),
    Element("due", "应执行人数", "Due", ElementKind.STOCK, "persons", person_based=True),
    Element("done", "正在执行人数", "In execution", ElementKind.STOCK, "persons", person_based=True),
    Element("satisfied", "群众满意度", "Satisfaction", ElementKind.REPORTED, "%", decimals=2),
)


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path: Path) -> None:
    settings.STORE = tmp_path / "store"
    store.clear_cache()


@pytest.fixture(autouse=True)
def november() -> Iterator[None]:
    with frozen(dt.datetime(2026, 11, 22, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))):
        yield


@pytest.fixture
def cast(db: None) -> Cast:
    made = make_cast()
    store_elements(SYSTEM, ELEMENTS)
    return made
