"""What is asked of a save, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from jingtu.engine.problems import Problem

from ..models import Report
from ..working import Working


@dataclass(frozen=True)
class Entry:
    """A cell as somebody wants it: the text typed and the note; ``version`` is the one they saw (0: none).

    ``note`` None leaves the note as it is, ``text`` None the figure.
    """

    region_id: int
    key: str
    text: str | None
    version: int = 0
    note: str | None = None


@dataclass(frozen=True)
class Refused:
    """A cell that was not saved: what is wrong with it, or who was faster (then with what stands there now)."""

    region_id: int
    key: str
    problem: Problem
    conflict: bool = False
    version: int = 0
    shown: str = ""


@dataclass
class Outcome:
    """What a save did. Right cells are saved whatever is wrong with others."""

    working: Working
    saved: list[tuple[int, str]] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)

    @property
    def conflicts(self) -> list[Refused]:
        return [refused for refused in self.refused if refused.conflict]

    @property
    def reports(self) -> dict[int, Report]:
        return self.working.reports
