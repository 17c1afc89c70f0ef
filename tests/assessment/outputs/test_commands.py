"""``jingtu outputs``: the same deeds as on screen, with the same rights."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result
from openpyxl import load_workbook
from typer.testing import CliRunner

from jingtu.assessment.outputs.commands import app
from tests.assessment.office import MONTH, Office
from tests.assessment.outputs.layouts import LAYOUT


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JINGTU_LANG", "en")


def jingtu(*words: str, by: str = "analyst.ancestor") -> Result:
    return CliRunner().invoke(app, [*words, "--as", by])


def test_a_layout_becomes_a_sheet_and_a_file(office: Office, tmp_path: Path) -> None:
    layout = tmp_path / "layout.yaml"
    layout.write_text(LAYOUT, encoding="utf-8")
    loaded = jingtu("load", str(layout), "--json")
    assert json.loads(loaded.output)["version"] == 1
    county = office.cast.places["county_a"]
    made = jingtu(
        "make", "performance", office.cast.tree.slug, county.code, MONTH, "--level", "county", "--json"
    )
    assert made.exit_code == 0, made.output
    number = str(json.loads(made.output)["id"])
    shown = json.loads(jingtu("show", number, "--json").output)
    assert {line["row"]: line["status"] for line in shown["lines"]}["rate"] == "provisional"
    target = tmp_path / "sheet.xlsx"
    assert jingtu("export", number, str(target)).exit_code == 0
    assert load_workbook(target).worksheets
    assert jingtu("list", "--json", by="viewer.sibling").output.strip() == "[]"


def test_wrong_use_is_told_in_a_line(office: Office, tmp_path: Path) -> None:
    layout = tmp_path / "layout.yaml"
    layout.write_text(LAYOUT.replace("indicator: RATE", "indicator: NOPE"), encoding="utf-8")
    refused = jingtu("load", str(layout))
    assert refused.exit_code == 2
    assert "NOPE" in refused.output
    assert jingtu("show", "999").exit_code == 2
