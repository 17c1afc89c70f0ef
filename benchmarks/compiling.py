"""A catalogue of 300 indicators compiled: as an edited draft, and read from YAML with everything checked."""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Callable
from typing import Any

import yaml

from benchmarks.measure import Line, Table, within
from jingtu.engine import formula
from jingtu.engine.catalogue.editing import compiled
from jingtu.engine.catalogue.reading import load_catalogue

INDICATORS, SECONDS = 300, 1.0


def run(rounds: int) -> Table:
    """Each round begins without any formula known."""
    content = catalogue(INDICATORS)
    # Written out in full: catalogue files take no YAML references.
    text = yaml.safe_dump(json.loads(json.dumps(content)), allow_unicode=True, sort_keys=False)

    def draft() -> object:
        formula.parse.cache_clear()
        return compiled(content)

    def file() -> object:
        formula.parse.cache_clear()
        return load_catalogue(text)

    cases: dict[str, Callable[[], object]] = {
        "draft": draft,
        "again": lambda: compiled(content),
        "file": file,
    }
    seconds: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(rounds):
        for name, case in cases.items():
            seconds[name].append(_processor(case))
    again = min(seconds["again"])
    return Table(
        "compiling",
        [
            within(f"{INDICATORS} indicators of a draft, processor time", seconds["draft"], SECONDS),
            Line("… once more, every formula known", f"{again * 1000:.0f} ms", seconds=again),
            within("the same read from YAML and checked, processor time", seconds["file"], SECONDS),
        ],
        [f"{INDICATORS} indicators over {INDICATORS + 1} elements, half of them compared with last year"],
    )


def _processor(case: Callable[[], object]) -> float:
    """Processor time of one call: the machine is shared, and only this process computes here."""
    gc.collect()
    start = time.process_time()
    case()
    return time.process_time() - start


def catalogue(indicators: int) -> dict[str, Any]:
    """Indicators of two elements each, every other one a change on last year."""
    names = {"zh": "名称", "en": "Name"}
    element = {
        "name": names, "kind": "flow", "unit": "cases", "strand": "crackdown", "source": "form", "status": "G",
        "definition": names,
    }  # fmt: skip
    indicator = {
        "name": names, "strand": "crackdown", "direction": "up", "unit": "%", "decimals": 1, "status": "G",
        "target": ">= 90", "definition": names,
    }  # fmt: skip
    shares = [f"share(e{number}, e{number} + e{number + 1})" for number in range(indicators)]
    return {
        "catalogue": {"code": "many", "version": 1, "name": names},
        "units": [{"code": "cases", "name": names}, {"code": "%", "name": names}],
        "elements": [{**element, "code": f"e{number}"} for number in range(indicators + 1)],
        "indicators": [
            {**indicator, "code": f"I{number}", "formula": f"yoy({share})" if number % 2 else share}
            for number, share in enumerate(shares)
        ],
    }
