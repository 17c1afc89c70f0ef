"""From what the engine noticed to findings people deal with."""

from __future__ import annotations

from jingtu.engine.checks import check

from .models import Run, RunFinding
from .snapshots import open_run

NAMED = ("region", "element", "indicator")
"""Names in the engine's sentence that depend on the language; they are put in when it is shown."""


def find_in(run: Run) -> list[RunFinding]:
    """The findings of a computed run, not yet stored."""
    assessment = open_run(run).assessment()
    return [
        RunFinding(
            run=run,
            code=found.code,
            severity=found.severity,
            region_id=int(assessment.tree.ids[found.position]),
            element=found.element or "",
            indicator=found.indicator or "",
            params={name: value for name, value in found.params.items() if name not in NAMED},
        )
        for found in check(assessment)
    ]
