"""Runs under dated targets: by the engine, by hand, from a file, from stored results."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from jingtu.engine.assess import assess
from jingtu.engine.ledger import Ledger
from jingtu.engine.periods import Period
from jingtu.engine.publication import publication, publication_hash
from jingtu.engine.snapshot import write_snapshot
from jingtu.engine.stored import read_snapshot
from jingtu.engine.targetfile import read_target_file
from jingtu.portal.cli.assess import app
from tests.reference.card import Card, subject_rows
from tests.reference.conftest import CATALOGUE_FOLDER, TREES, Demo
from tests.reference.spans import span

COLUMNS = ("indicator", "region", "level", "period", "basis", "requirement", "red_line", "document")


def rows(demo: Demo) -> list[dict[str, str]]:
    """Targets of several kinds for the counties of the demonstration."""
    tree = demo.trees["demo"]
    first, second, third = (tree.codes[place] for place in tree.at_level("county")[:3].tolist())
    city = tree.codes[0]
    said = [
        ("CDT_EXEC", first, "", "2026", "each", ">= 90", "", "甲文"),
        ("CDT_EXEC", first, "", "2026-09", "exact", ">= 99.5", "< 97", "乙文"),
        ("CDT_EXEC", city, "county", "2026-Q3", "each", ">= 96", "", "丙文"),
        ("REPORT_IN", second, "", "2026-08", "each", ">= 1", "", ""),
        ("REPORT_IN", second, "", "2026-Q3", "cumulative", ">= 100", "", ""),
        ("TEST_RATE", third, "", "2026", "each", ">= 70", "", "丁文"),
        ("OUTFLOW", third, "", "2026", "each", "<= 0", "> 1", "丁文"),
    ]
    return [dict(zip(COLUMNS, one, strict=True)) for one in said]


def written(demo: Demo) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(rows(demo))
    return text.getvalue().encode()


@pytest.mark.parametrize("period", ["2026-09", "2026-08", "2026-YTD09"])
def test_every_number_under_targets_equals_the_recomputation(demo: Demo, period: str) -> None:
    card = demo.catalogue.scorecards["county_monthly"]
    if Period.parse(period).kind not in card.cadence:
        pytest.skip("not a cadence of the card")
    targets = read_target_file(written(demo), demo.trees["demo"], demo.catalogue)
    result = assess(
        demo.trees["demo"],
        demo.facts["demo"],
        demo.catalogue,
        card.code,
        Period.parse(period),
        targets=targets,
    )
    mine = Card(demo.worlds["demo"], card.code, span(period), tuple(rows(demo)))
    published = publication(result)["subjects"]
    for stated, expected in zip(published, subject_rows(mine), strict=True):
        for code, row in expected["indicators"].items():
            assert (code, stated["indicators"][code]) == (code, row)
        assert {**stated, "indicators": {}} == {**expected, "indicators": {}}
    assert published != demo.content("demo", card.code, period)["subjects"]


def test_file_command_and_stored_results_give_the_same_hash(demo: Demo, tmp_path: Path) -> None:
    path = tmp_path / "targets.csv"
    path.write_bytes(written(demo))
    targets = read_target_file(path, demo.trees["demo"], demo.catalogue)
    period = Period.parse("2026-09")
    result = assess(
        demo.trees["demo"], demo.facts["demo"], demo.catalogue, "county_monthly", period, targets=targets,
        ledger=Ledger(),
    )  # fmt: skip
    expected = publication_hash(publication(result))
    words = ["run", "--regions", str(demo.folder / TREES["demo"]), "--catalogue", str(CATALOGUE_FOLDER)]
    words += [word for file in demo.files("demo") for word in ("--facts", str(file))]
    words += ["--scorecard", "county_monthly", "--period", "2026-09", "--targets", str(path), "--json"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["sha256"] == expected
    reader = read_snapshot(write_snapshot(result, tmp_path / "store").path)
    assert publication_hash(publication(reader.assessment())) == expected
