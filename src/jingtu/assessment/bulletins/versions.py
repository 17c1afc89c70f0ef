"""What a bulletin says of its run's way to the readers, and of the version before it."""

from __future__ import annotations

from decimal import Decimal

from jingtu.assessment.appeals.queries import tally
from jingtu.assessment.bulletins.source import ReleaseFacts, VersionChange
from jingtu.assessment.runs import queries as runs
from jingtu.assessment.runs.models import Run
from jingtu.assessment.runs.queries.release import release_notes
from jingtu.core.kernel.actor import Actor
from jingtu.engine.difference import difference


def release_facts(reader: Actor, run: Run) -> ReleaseFacts:
    """Appeals, what was signed in spite of what and why, until when a number may be disputed. A few queries."""
    zh, en = release_notes(run, "zh"), release_notes(run, "en")
    counted = tally(reader, run)
    return ReleaseFacts(
        appeal_from=zh.appeal_from,
        appeal_until=zh.appeal_until,
        objections_until=zh.objections_until,
        warning_zh=zh.warning,
        warning_en=en.warning,
        skip_reason=zh.skip_reason,
        held_zh=tuple(zh.held),
        held_en=tuple(en.held),
        hold_reason=zh.hold_reason,
        signed_by=zh.signed_by,
        appeals=counted.total,
        upheld=counted.upheld,
        partly=counted.partly,
        rejected=counted.rejected,
        undecided=counted.undecided,
    )


def version_changes(reader: runs.RunReader, earlier: runs.RunReader) -> tuple[VersionChange, ...]:
    """Places whose total, rank or indicators differ from the version before, in the order of the new ranks.

    Indicators whose value is hidden from the readership in either version are not named.
    """
    old, new = earlier.opened.publication, reader.opened.publication
    changed: dict[str, list[str]] = {}
    touched: set[str] = set()
    for entry in difference(old, new):
        if entry["kind"] in ("total", "rank"):
            touched.add(entry["region"])
        elif entry["kind"] == "value" and not _hidden(reader, earlier, entry["region"], entry["indicator"]):
            changed.setdefault(entry["region"], []).append(entry["indicator"])
    before = {row["region"]: row for row in old["subjects"]}
    found = []
    for row in sorted(new["subjects"], key=lambda row: (row["rank"] is None, row["rank"] or 0)):
        code = row["region"]
        if code not in touched and code not in changed:
            continue
        was = before.get(code, {})
        names = [reader.indicator(name) for name in changed.get(code, ())]
        found.append(
            VersionChange(
                place=row["name"],
                total=_decimal(row["total"]),
                earlier_total=_decimal(was.get("total")),
                rank=row["rank"],
                earlier_rank=was.get("rank"),
                indicators_zh=tuple(one.name_zh for one in names),
                indicators_en=tuple(one.name_en for one in names),
            )
        )
    return tuple(found)


def _hidden(reader: runs.RunReader, earlier: runs.RunReader, region: str, indicator: str) -> bool:
    for side in (reader, earlier):
        places = side.opened.tree.candidates(region, side.opened.manifest["level"])
        if (
            places
            and indicator in side.opened.catalogue.indicators
            and side.value_hidden(places[0], indicator)
        ):
            return True
    return False


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
