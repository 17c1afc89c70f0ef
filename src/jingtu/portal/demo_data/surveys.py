"""Invented waves of an outside survey in the fictional city.

Five quarters of satisfaction, two half-years of awareness and a third that was taken back. Every answer follows
from a fixed formula, so the same files come out each time. The city's own figure rises wave after wave; one small
county is asked too few people, as happens.
"""

from __future__ import annotations

from dataclasses import dataclass

from .places import CITY_TREE, PROFILES

AGENCY = "示例民意调查公司（虚构）"
METHOD = "电话随机访问（虚构示范数据）"
FEW = "F09"
"""The county whose sample is too small."""


@dataclass(frozen=True)
class SurveyWave:
    """One wave and its file."""

    tree: str
    element: str
    period: str
    text: str

    @property
    def file_name(self) -> str:
        """The name of the file written from it."""
        return f"{self.element}-{self.period}.csv"


def waves() -> list[SurveyWave]:
    """All waves, the oldest first."""
    quarters = ("2025-Q3", "2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3")
    found = [_wave("survey_satisfaction", period, at, 936, 8) for at, period in enumerate(quarters)]
    halves = ("2025-H2", "2026-H1")
    return found + [_wave("survey_awareness", period, at, 905, 12) for at, period in enumerate(halves)]


WITHDRAWN = "样本量与报告不符，待调查公司更正后重新导入（虚构示例）"
"""Why one wave was taken back."""


def withdrawn() -> SurveyWave:
    """A wave that was brought in wrongly and taken back."""
    return _wave("survey_awareness", "2025-H1", 2, 893, 12)


def _wave(element: str, period: str, at: int, base: int, rise: int) -> SurveyWave:
    lines = ["地区,样本量,满意（知晓）人数"]
    asked, agreed = 0, 0
    for number, (code, profile) in enumerate(PROFILES.items()):
        sample = 28 if code == FEW else 380 + 20 * (number % 3)
        wobble = (number * 7 + at * 5) % 9 - 4
        per_mille = base + rise * at + round(14 * profile.education) + wobble
        positives = min(sample, (sample * per_mille + 500) // 1000)
        asked, agreed = asked + sample, agreed + positives
        lines.append(f"{code},{sample},{positives}")
    lines.append(f"F,{asked},{agreed}")
    return SurveyWave(CITY_TREE, element, period, "\n".join(lines) + "\n")
