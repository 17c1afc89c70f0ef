from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
import yaml

Change = Callable[[dict[str, Any]], None]

CONTENT: dict[str, Any] = {
    "catalogue": {"code": "small", "version": 1, "name": {"zh": "小目录", "en": "Small"}},
    "documents": [{"code": "law", "title": {"zh": "法", "en": "Law"}, "kind": "law", "date": "2007-12-29"}],
    "units": [
        {"code": code, "name": {"zh": zh, "en": code}}
        for code, zh in (("persons", "人"), ("cases", "起"), ("%", "%"))
    ],
    "elements": [
        {
            "code": "due",
            "name": {"zh": "应执行", "en": "due"},
            "kind": "stock",
            "unit": "persons",
            "strand": "recovery",
            "cites": ["law:33"],
        },
        {
            "code": "done",
            "name": {"zh": "在执行", "en": "done"},
            "kind": "stock",
            "unit": "persons",
            "dimensions": {"age": ["u18", "u25"]},
        },
        {
            "code": "cases",
            "name": {"zh": "案件", "en": "cases"},
            "kind": "flow",
            "unit": "cases",
            "decimals": 0,
        },
        {
            "code": "growth",
            "name": {"zh": "增幅", "en": "growth"},
            "kind": "reported",
            "unit": "%",
            "decimals": 1,
            "non_negative": False,
        },
    ],
    "indicators": [
        {
            "code": "EXEC",
            "name": {"zh": "执行率", "en": "Execution"},
            "strand": "recovery",
            "formula": "share(done, due)",
            "direction": "up",
            "target": ">= 98",
            "red_line": "< 90",
            "unit": "%",
            "decimals": 2,
            "min_denominator": 10,
            "rows": ["A2"],
            "cites": ["law:33"],
            "definition": {"zh": "比率", "en": "A rate."},
            "gap_unit": {"zh": "人", "en": "persons"},
        },
        {
            "code": "CASES",
            "name": {"zh": "案件数", "en": "Cases"},
            "strand": "crackdown",
            "formula": "sum(cases)",
            "direction": "down",
            "unit": "cases",
            "decimals": 0,
        },
        {
            "code": "GROWTH",
            "name": {"zh": "公布增幅", "en": "Growth"},
            "strand": "prevention",
            "formula": "growth",
            "direction": "down",
            "target": "<= 0",
            "unit": "%",
            "decimals": 1,
        },
    ],
    "groups": [
        {
            "code": "rates",
            "name": {"zh": "比率", "en": "Rates"},
            "members": [{"indicator": "EXEC", "target": ">= 95"}, {"indicator": "CASES", "veto": True}],
        }
    ],
    "scorecards": [
        {
            "code": "card",
            "name": {"zh": "评分表", "en": "Card"},
            "subject": "region",
            "level": "county",
            "total": 10,
            "decimals": 2,
            "cadence": ["month", "range"],
            "sections": [
                {
                    "code": "one",
                    "name": {"zh": "一", "en": "One"},
                    "items": [
                        {"indicator": "EXEC", "points": 6.5, "rule": {"kind": "linear", "floor": 80}},
                        {
                            "indicator": "CASES",
                            "points": 2,
                            "rule": {"kind": "deduction", "per_event": 0.05, "cap": 1},
                            "not_applicable": "full",
                            "missing": "redistribute",
                        },
                        {
                            "indicator": "GROWTH",
                            "points": 1.5,
                            "rule": {
                                "kind": "steps",
                                "steps": [{"when": "<= 0", "share": 1}, {"when": "<= 10", "share": 0.5}],
                            },
                        },
                    ],
                }
            ],
            "bonus": {
                "cap": 2,
                "items": [{"indicator": "CASES", "rule": {"kind": "bonus", "per_unit": 0.5, "cap": 1}}],
            },
            "vetoes": [
                {
                    "indicator": "CASES",
                    "when": "> 100",
                    "effect": "cap",
                    "cap": 5,
                    "name": {"zh": "否决", "en": "Veto"},
                }
            ],
            "tie_breaks": ["EXEC"],
            "min_coverage": 0.8,
        }
    ],
}


@pytest.fixture
def catalogue_text() -> Callable[..., str]:
    """A small valid catalogue as YAML, after the given changes to its content."""

    def text(*changes: Change) -> str:
        content = copy.deepcopy(CONTENT)
        for change in changes:
            change(content)
        return yaml.safe_dump(content, allow_unicode=True, sort_keys=False)

    return text
