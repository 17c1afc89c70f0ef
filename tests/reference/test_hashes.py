"""One publication hash, whichever way the same figures came."""

from __future__ import annotations

import csv
import json
import random
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from jingtu.engine.assess import assess
from jingtu.engine.facttable import FactRow, FactTable
from jingtu.engine.incremental import Recomputer
from jingtu.engine.ledger import Ledger
from jingtu.engine.periods import Period
from jingtu.engine.publication import publication, publication_hash
from jingtu.portal.cli.assess import app
from tests.reference.conftest import CATALOGUE_FOLDER, TREES, Demo

MONTH = ("demo", "county_monthly", "2026-09")
UNITS = ("demo-units", "member_unit", "2026-09")


@pytest.mark.parametrize("run", [MONTH, UNITS], ids=" ".join)
def test_the_file_command_states_the_same_content(demo: Demo, run: tuple[str, str, str]) -> None:
    tree, card, period = run
    words = ["run", "--regions", str(demo.folder / TREES[tree]), "--catalogue", str(CATALOGUE_FOLDER)]
    words += [word for path in demo.files(tree) for word in ("--facts", str(path))]
    done = CliRunner().invoke(app, [*words, "--scorecard", card, "--period", period, "--json"])
    assert done.exit_code == 0, done.stderr
    stated = json.loads(done.stdout)
    content = publication(
        assess(
            demo.trees[tree], demo.facts[tree], demo.catalogue, card, Period.parse(period), ledger=Ledger()
        )
    )
    assert stated["sha256"] == publication_hash(content)
    assert stated["subjects"] == content["subjects"]
    assert any("proposed_vetoes" in subject for subject in stated["subjects"])


def test_neither_the_order_of_facts_nor_of_files_matters(demo: Demo, tmp_path: Path) -> None:
    from jingtu.engine.factfile import read_fact_file

    rows = []
    for path in demo.files(MONTH[0]):
        with path.open(encoding="utf-8", newline="") as stream:
            header, *lines = csv.reader(stream)
            rows += lines
    random.Random(20260922).shuffle(rows)
    mixed = tmp_path / "mixed.csv"
    with mixed.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([header, *rows])
    facts = read_fact_file(mixed, demo.trees["demo"], demo.catalogue)
    again = assess(demo.trees["demo"], facts, demo.catalogue, MONTH[1], Period.parse(MONTH[2]))
    assert publication_hash(publication(again)) == publication_hash(demo.content(*MONTH))


def test_correcting_figure_by_figure_ends_where_computing_anew_does(demo: Demo) -> None:
    tree, true = demo.trees["demo"], demo.facts["demo"]
    chosen = np.random.default_rng(9).choice(len(true), 12, replace=False)
    originals = [true.row(int(place)) for place in chosen]
    wrong = [
        FactRow(fact.element, fact.region_id, fact.period, (fact.value or 0) + 3, fact.category)
        for fact in originals
    ]
    damaged = FactTable.concat([true, FactTable.from_rows(wrong)])
    period = Period.parse(MONTH[2])
    recomputer = Recomputer(assess(tree, damaged, demo.catalogue, MONTH[1], period))
    assert publication_hash(publication(recomputer.assessment)) != publication_hash(demo.content(*MONTH))
    for fact in originals:
        position = int(tree.positions_of_ids(np.array([fact.region_id]))[0])
        recomputer.change(fact.element, position, fact.period, fact.value, fact.category)
    assert publication_hash(publication(recomputer.assessment)) == publication_hash(demo.content(*MONTH))
