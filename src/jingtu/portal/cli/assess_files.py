"""The half of ``jingtu assess`` that works on files alone: no database, and the web framework is never loaded."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jingtu.core.kernel.console import emit_json, language, out
from jingtu.engine.assess import Assessment, assess
from jingtu.engine.catalogue import load_catalogue
from jingtu.engine.checks import check
from jingtu.engine.derivation import Explanation
from jingtu.engine.export import ranking_csv
from jingtu.engine.factfile import read_fact_file
from jingtu.engine.facttable import FactTable
from jingtu.engine.ledger import Ledger
from jingtu.engine.ledgerfile import read_ledger_file
from jingtu.engine.peerfile import read_peer_file
from jingtu.engine.periods import Period
from jingtu.engine.problems import InvalidInput, refuse
from jingtu.engine.publication import canonical, publication, publication_hash
from jingtu.engine.snapshot import write_snapshot
from jingtu.engine.stored import SnapshotReader, read_snapshot, snapshot_difference
from jingtu.engine.targetfile import read_target_file
from jingtu.engine.targets import NO_TARGETS
from jingtu.engine.tree import RegionTree
from jingtu.portal.cli.assess_printing import print_findings, print_ranking


def run(
    regions: Path,
    facts: Sequence[Path],
    catalogue: Sequence[Path],
    scorecard: str,
    period: str,
    *,
    peers: Path | None,
    within: str | None,
    level: str | None,
    base: str | None,
    targets: Path | None,
    entries: Path | None,
    out_folder: Path | None,
    as_json: bool,
) -> None:
    """Assess, write the results to a folder where one is named, print the ranking and what the checks notice."""
    asked = Period.parse(period)
    fixed = Period.parse(base) if base else None
    shape = RegionTree.read_csv(regions, regions.stem, asked.end)
    definitions = load_catalogue(list(catalogue))
    table = FactTable.concat([read_fact_file(path, shape, definitions) for path in facts])
    place = _position(shape, within) if within else 0
    groups = read_peer_file(peers, shape) if peers else None
    names = {name: (name,) for name in groups or {}}
    asked_of = read_target_file(targets, shape, definitions, names) if targets else NO_TARGETS
    card = definitions.scorecards.get(scorecard)
    ledger = read_ledger_file(entries, shape, card) if entries and card else Ledger()
    result = assess(
        shape,
        table,
        definitions,
        scorecard,
        asked,
        place,
        level,
        groups,
        fixed,
        targets=asked_of,
        ledger=ledger,
    )
    content = publication(result)
    if out_folder is not None:
        _write(result, content, out_folder)
    warnings = [problem.text(language()) for problem in result.warnings]
    if as_json:
        emit_json({"sha256": publication_hash(content), "warnings": warnings, **content})
        return
    print_ranking(content)
    for warning in warnings:
        out.print(warning, style="yellow", markup=False)
    print_findings([finding.text(language()) for finding in check(result)])
    out.print(f"SHA-256 {publication_hash(content)}", style="dim", markup=False)
    if out_folder is not None:
        out.print(f"→ {out_folder}", markup=False)


def show(folder: Path, as_json: bool) -> None:
    """Print the ranking of written results."""
    stored = _stored(folder)
    if as_json:
        emit_json({"sha256": stored.publication_hash, **stored.publication})
        return
    print_ranking(stored.publication)
    out.print(f"SHA-256 {stored.publication_hash}", style="dim", markup=False)


def explanation(folder: Path, region: str, indicator: str | None) -> Explanation:
    """The derivation of a total or of one indicator of written results."""
    stored = _stored(folder)
    position = _position(stored.tree, region)
    known = stored.catalogue.indicators
    if indicator is not None and indicator not in known:
        raise refuse("assess.unknown_indicator", indicator=indicator, known="、".join(known))
    try:
        return stored.explain(position, indicator)
    except KeyError:
        raise refuse("assess.not_ranked", region=region) from None


def differences(old: Path, new: Path) -> list[dict[str, Any]]:
    """What changed between two written results, each cause as one line of codes."""
    changes = snapshot_difference(_stored(old), _stored(new))
    return [
        change | {"causes": [_cause(cause) for cause in change["causes"]]} if "causes" in change else change
        for change in changes
    ]


def _cause(cause: Mapping[str, str]) -> str:
    if cause["kind"] != "fact":
        return f"{cause['kind']} {cause['code']}"
    category = f" [{cause['category']}]" if cause["category"] else ""
    return f"{cause['element']} {cause['region']} {cause['period']}{category}"


def bulk(
    regions: Path,
    facts: Sequence[Path],
    catalogue: Sequence[Path],
    out_folder: Path,
    level: str | None,
    as_json: bool,
) -> None:
    """Write one Parquet file a month of what can be computed for all months at once; say what was left out."""
    from jingtu.engine import bulk as engine  # loads numba, which the other commands need not wait for

    tree = RegionTree.read_csv(regions, regions.stem)
    if level is not None and level not in tree.level_names:
        raise refuse("bulk.no_level", level=level, known="、".join(tree.level_names))
    definitions = load_catalogue(list(catalogue))
    table = FactTable.concat([read_fact_file(path, tree, definitions) for path in facts])
    planned = engine.plan(tree, table, definitions)
    try:
        engine.run(planned, out_folder, level)
    except OSError as error:
        raise _cannot_write(out_folder, error) from None
    codes = [ratio.code for ratio in planned.ratios]
    if as_json:
        months = [period.key for period in planned.months]
        emit_json({"months": months, "indicators": codes, "left_out": list(planned.left_out)})
        return
    english = language() == "en"
    span = f"{planned.months[0].label(language())} – {planned.months[-1].label(language())}"
    out.print(
        f"{len(codes)} indicators, {span}, {tree.size} regions"
        if english
        else f"{len(codes)}项指标，{span}，{tree.size}个地区",
        markup=False,
    )
    if planned.left_out:
        words = "left to assess run: " if english else "须用 assess run 计算："
        out.print(words + "、".join(planned.left_out), style="yellow", markup=False)
    out.print(f"→ {out_folder}", markup=False)


def _write(result: Assessment, content: dict[str, Any], folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        snapshot = write_snapshot(result, folder / "snapshots", content)
        (folder / "publication.json").write_bytes(canonical(content))
        (folder / "ranking.csv").write_bytes(ranking_csv(content, language()))
        (folder / "current.json").write_text(json.dumps({"snapshot": snapshot.digest}) + "\n", "utf-8")
    except OSError as error:
        raise _cannot_write(folder, error) from None


def _cannot_write(folder: Path, error: OSError) -> InvalidInput:
    return refuse("assess.cannot_write", path=str(folder), reason=error.strerror or str(error))


def _stored(folder: Path) -> SnapshotReader:
    """The snapshot in a folder: the folder itself, or the one its ``current.json`` names."""
    pointer = folder / "current.json"
    if pointer.is_file():
        try:
            return read_snapshot(
                folder / "snapshots" / str(json.loads(pointer.read_text("utf-8"))["snapshot"])
            )
        except (ValueError, KeyError, TypeError):
            raise refuse("snapshot.unreadable", path=str(folder)) from None
    return read_snapshot(folder)


def _position(tree: RegionTree, text: str) -> int:
    """A region by code, or by name when the name is unique."""
    named: list[int] = [] if tree.candidates(text) else tree.named(text)
    return named[0] if len(named) == 1 else tree.position(text)
