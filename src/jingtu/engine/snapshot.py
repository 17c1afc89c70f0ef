"""An assessment frozen as files: everything a screen needs, read back without computing it again.

A snapshot is a folder named by the SHA-256 of its content. It is written aside, flushed to disk and
then renamed into place, so a reader never sees half of one and never waits for a writer.

    manifest.json        what was assessed, digests, the hash of every other file
    publication.json     the canonical publication (its SHA-256 is the publication hash)
    definitions.json     the whole catalogue
    targets.json         the dated targets in force, where there were any
    ledger.json          entries and rulings, where there were any or a veto fired
    tree.parquet         the region tree, in pre-order
    facts.parquet        all facts of the subtree, ordered by position
    subjects.parquet     totals, ranks and points, one row per subject
    by_indicator.parquet one row per indicator and position, ordered by indicator
    by_region.parquet    the same rows, ordered by position
    trend.parquet        earlier periods of every indicator for the subjects and the whole
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from jingtu.engine.assess import Assessment
from jingtu.engine.catalogue.writing import plain
from jingtu.engine.formula import elements_of, periods_of
from jingtu.engine.publication import RoundedChange, Verdict, canonical, indicator_columns, publication
from jingtu.engine.qualifiers import QUALIFIERS, Qualifier
from jingtu.engine.rational import MISSING, OK, Rational, known
from jingtu.engine.textcolumns import decimal_texts, part_texts
from jingtu.engine.tree import RegionTree

FORMAT = "jingtu-snapshot/1"
TARGETS = "targets.json"
LEDGER = "ledger.json"
REGION_ROWS = 4096
"""Rows in a group: small enough that one region or one indicator costs one small read."""


@dataclass(frozen=True)
class Snapshot:
    """A snapshot on disk. ``digest`` names it; ``files`` maps names to their SHA-256."""

    digest: str
    path: Path
    publication_hash: str
    files: Mapping[str, str]


def write_snapshot(assessment: Assessment, folder: Path, content: dict[str, Any] | None = None) -> Snapshot:
    """Write the assessment into ``folder/<digest>``; writing the same one again changes nothing.

    ``content`` is its publication when the caller has it already.
    """
    folder.mkdir(parents=True, exist_ok=True)
    content = publication(assessment) if content is None else content
    aside = Path(tempfile.mkdtemp(prefix=".writing-", dir=folder))
    try:
        published = canonical(content)
        (aside / "publication.json").write_bytes(published)
        _write_files(assessment, aside)
        files = {path.name: _sha256(path) for path in sorted(aside.iterdir())}
        manifest = _manifest(assessment, hashlib.sha256(published).hexdigest(), files)
        text = json.dumps(manifest, ensure_ascii=False, sort_keys=True, indent=1)
        (aside / "manifest.json").write_text(text, encoding="utf-8")
        digest = hashlib.sha256(text.encode()).hexdigest()
        for path in aside.iterdir():
            _flush(path)
        _flush(aside)
        final = folder / digest
        if final.exists():
            shutil.rmtree(aside)
        else:
            aside.chmod(0o755)
            aside.rename(final)
            _flush(folder)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    return Snapshot(digest, final, manifest["publication_sha256"], files)


def damaged_files(path: Path) -> list[str]:
    """Names of files of a snapshot that are missing or not what its manifest says."""
    try:
        text = (path / "manifest.json").read_text(encoding="utf-8")
        files: dict[str, str] = json.loads(text)["files"]
    except (OSError, ValueError, KeyError):
        return ["manifest.json"]
    bad = [] if hashlib.sha256(text.encode()).hexdigest() == path.name else ["manifest.json"]
    return bad + [
        name
        for name, digest in files.items()
        if not (path / name).is_file() or _sha256(path / name) != digest
    ]


def tree_table(tree: RegionTree) -> pa.Table:
    """A region tree as an Arrow table, rows in pre-order."""
    return pa.table(
        {
            "id": tree.ids,
            "parent": tree.parent,
            "depth": tree.depth,
            "last": tree.last,
            "code": list(tree.codes),
            "name": list(tree.names),
            "level": pa.array(tree.levels).dictionary_encode(),
        }
    ).replace_schema_metadata({"key": tree.key})


def tree_from_table(table: pa.Table) -> RegionTree:
    """The tree :func:`tree_table` wrote (aliases stay in the register)."""
    return RegionTree(
        table.schema.metadata[b"key"].decode(),
        table["id"].to_numpy().astype(np.int64),
        table["parent"].to_numpy().astype(np.int32),
        table["depth"].to_numpy().astype(np.int16),
        table["last"].to_numpy().astype(np.int32),
        tuple(table["code"].to_pylist()),
        tuple(table["name"].to_pylist()),
        tuple(table["level"].to_pylist()),
    )


def _manifest(a: Assessment, published: str, files: Mapping[str, str]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "tree": a.tree.key,
        "within": a.within,
        "region": a.tree.codes[a.within],
        "region_id": int(a.tree.ids[a.within]),
        "level": a.level,
        "period": a.period.key,
        "previous": a.previous.period.key if a.previous else None,
        "last_year": a.last_year.period.key if a.last_year else None,
        "base": a.base.key if a.base else None,
        "expected": a.view.expected_rule,
        "reported_elements": a.view.reported_elements,
        "scorecard": a.scorecard.code,
        "peer_groups": {name: members.tolist() for name, members in a.peer_groups.items()},
        "publication_sha256": published,
        "files": dict(files),
    }


def _write_files(a: Assessment, folder: Path) -> None:
    definitions = json.dumps(plain(a.catalogue), ensure_ascii=False, sort_keys=False, indent=1)
    (folder / "definitions.json").write_text(definitions, encoding="utf-8")
    if len(a.targets):
        targets = json.dumps(a.targets.plain(), ensure_ascii=False, sort_keys=True, indent=1)
        (folder / TARGETS).write_text(targets, encoding="utf-8")
    if a.ledger is not None and (len(a.ledger) or _any_veto(a)):
        ledger = json.dumps(a.ledger.plain(), ensure_ascii=False, sort_keys=True, indent=1)
        (folder / LEDGER).write_text(ledger, encoding="utf-8")
    _parquet(tree_table(a.tree), folder / "tree.parquet")
    facts = a.facts.to_arrow().append_column("position", pa.array(a.tree.positions_of_ids(a.facts.region_id)))
    facts = facts.take(pa.array(a.view.table_rows(a.view.rows_by_position())))
    _parquet(facts, folder / "facts.parquet", REGION_ROWS * 4)
    _parquet(_subject_table(a), folder / "subjects.parquet")
    tables = [_indicator_table(a, code) for code in a.catalogue.indicators]
    if tables:
        together = pa.concat_tables(tables)
        _parquet(together, folder / "by_indicator.parquet", REGION_ROWS)
        _parquet(together.sort_by([("position", "ascending")]), folder / "by_region.parquet", REGION_ROWS)
    _parquet(_trend_table(a), folder / "trend.parquet", REGION_ROWS * 16)


def _any_veto(a: Assessment) -> bool:
    """Whether it matters that vetoes are ruled on: without the file, what fires applies."""
    results = (a.current, a.previous, a.last_year)
    return any(bool(result.card.fired.any()) for result in results if result is not None)


def _subject_table(a: Assessment) -> pa.Table:
    card = a.current.card
    reported, expected = a.coverage
    previous = a.previous.card.ranks if a.previous else np.zeros(len(a.subjects), dtype=np.int32)
    peers = [
        json.dumps({name: int(ranks[index]) for name, ranks in a.peer_ranks.items()}, ensure_ascii=False)
        for index in range(len(a.subjects))
    ]

    def lists(columns: Any) -> pa.Array:
        return pa.array(columns.tolist(), type=pa.list_(pa.int64()))

    return pa.table(
        {
            "position": a.subjects,
            "region_id": a.tree.ids[a.subjects],
            "total": card.totals,
            "before_veto": card.before_veto,
            "bonus": card.bonus,
            "ranked": card.ranked,
            "rank": card.ranks,
            "sibling_rank": a.sibling_ranks,
            "previous_rank": previous,
            "moved": a.movements,
            "reported": reported,
            "expected": expected,
            "peer_ranks": peers,
            "points": lists(card.points),
            "maxima": lists(card.maxima),
            "section_points": lists(card.section_points),
            "section_maxima": lists(card.section_maxima),
            "bonus_items": lists(card.bonus_items),
            "vetoes": _flags(card.vetoes),
            # Absent where it says nothing new, so that older snapshots and these are alike.
            **({"fired": _flags(card.fired)} if card.proposed.any() else {}),
        }
    )


def _flags(columns: Any) -> pa.Array:
    return pa.array(columns.tolist(), type=pa.list_(pa.bool_()))


def _indicator_table(a: Assessment, code: str) -> pa.Table:
    """One indicator for the subjects and every other region that has a value (or lacks a denominator)."""
    columns = indicator_columns(a, code, everywhere=True)
    values, size = columns.values, a.view.size
    places = np.union1d(np.flatnonzero(values.exact.state != MISSING), a.local)
    ranks = np.zeros(size, dtype=np.int32)
    ranks[a.local] = a.current.ranks[code]
    siblings = np.zeros(size, dtype=np.int32)
    siblings[a.local] = a.indicator_ranks(code, "siblings")
    best, worst = np.zeros(size, dtype=np.int32), np.zeros(size, dtype=np.int32)
    possible = a.rank_range(code)
    if possible is not None:
        best[a.local], worst[a.local] = possible
    exact = values.exact.take(places)
    state = exact.state
    present = state != MISSING
    decided = state == OK
    unqualified = QUALIFIERS.index(Qualifier.EXACT)
    qualifier = np.full(size, unqualified, dtype=np.int8) if values.qualifier is None else values.qualifier
    return pa.table(
        {
            "indicator": pa.array([code] * len(places), type=pa.string()).dictionary_encode(),
            "position": (places + a.within).astype(np.int32),
            "region_id": a.tree.ids[places + a.within],
            "value": decimal_texts(values.scaled[places], values.indicator.decimals, known(exact)),
            "number": values.exact.floats()[places],
            "state": state,
            "exact": part_texts(exact, present, fraction=True),
            "numerator": part_texts(_taken(values.numerator, places), present),
            "denominator": part_texts(_taken(values.denominator, places), present),
            "qualifier": qualifier[places],
            "met": _verdicts(columns.met, places, decided),
            "red_line": _verdicts(columns.crossed, places, decided),
            "rank": ranks[places],
            "sibling_rank": siblings[places],
            "best_rank": best[places],
            "worst_rank": worst[places],
            "reported": values.reported[places],
            "expected": values.expected[places],
            "streak": columns.streaks[places],
            **_change_columns("previous", columns.previous, places, present),
            **_change_columns("last_year", columns.last_year, places, present),
            **_change_columns("base", columns.base, places, present),
        }
    )


def _taken(values: Rational | None, places: Any) -> Rational | None:
    return None if values is None else values.take(places)


def _verdicts(verdict: Verdict, places: Any, decided: Any) -> pa.Array:
    """Verdicts on places that have a value to judge, null elsewhere and where nothing is asked."""
    if verdict.met is None:
        return pa.nulls(len(places), pa.bool_())
    said = decided if verdict.asked is None else decided & verdict.asked[places]
    return pa.array(verdict.met[places], type=pa.bool_(), mask=~said)


def _change_columns(
    name: str, change: RoundedChange | None, places: Any, present: Any
) -> dict[str, pa.Array]:
    columns = dict.fromkeys(("difference", "percent"), pa.nulls(len(places), pa.string()))
    if change is not None:
        compared = present & (change.difference_state[places] == OK)
        relative = compared & (change.relative_state[places] == OK)
        columns["difference"] = decimal_texts(change.difference[places], change.decimals, compared)
        columns["percent"] = decimal_texts(change.relative[places], 2, relative)
    return {f"{name}_{what}": column for what, column in columns.items()}


def _trend_table(a: Assessment) -> pa.Table:
    """Subjects and the whole that ever had a value: one row for each period, a gap as null."""
    places = np.union1d(a.local, [0])
    indicators: list[str] = []
    periods: list[str] = []
    positions: list[int] = []
    shown: list[str | None] = []
    for code, definition in a.catalogue.indicators.items():
        elements = elements_of(definition.formula)
        history = a.history()
        trend = [
            a.evaluator.indicator(definition, period)
            if any(a.view.has_facts(needed, elements) for needed in periods_of(definition.formula, period))
            else None
            for period in history
        ]
        ever = [known(values.exact)[places] for values in trend if values is not None]
        if not ever:
            continue
        active = places[np.any(ever, axis=0)].tolist()
        for period, values in zip(history, trend, strict=True):
            indicators += [code] * len(active)
            periods += [period.key] * len(active)
            positions += [place + a.within for place in active]
            shown += [None if values is None else values.text(place) for place in active]
    return pa.table(
        {
            "indicator": pa.array(indicators, type=pa.string()).dictionary_encode(),
            "period": pa.array(periods, type=pa.string()).dictionary_encode(),
            "position": pa.array(positions, type=pa.int32()),
            "value": pa.array(shown, type=pa.string()),
        }
    )


def _parquet(table: pa.Table, path: Path, rows: int | None = None) -> None:
    pq.write_table(table, path, compression="zstd", row_group_size=rows)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
