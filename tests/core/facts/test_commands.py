"""``jingtu facts``: the same services by command, with the named user's rights."""

from __future__ import annotations

import json

import openpyxl
import pytest
from typer.testing import CliRunner

from jingtu.core.facts import store
from jingtu.core.facts.commands import app
from tests.core.facts.test_imports import A1, GOOD


def call(cast, *words: str, relation: str = "own", role: str = "reporter"):
    user = cast.user(role, relation).username
    return CliRunner().invoke(
        app, [*words, "--tree", cast.tree.slug, "--as", user], env={"JINGTU_LANG": "en"}
    )


@pytest.fixture
def good(tmp_path):
    path = tmp_path / "facts.csv"
    path.write_text(GOOD)
    return path


def test_a_file_is_imported_and_the_counts_are_told(cast, good):
    result = call(cast, "import", str(good), "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["added"] == 2
    assert len(store.read(cast.tree.pk)) == 2


def test_a_wrong_file_leaves_with_2_and_one_line_for_each_problem(cast, tmp_path):
    path = tmp_path / "facts.csv"
    path.write_text(GOOD.replace(",3", ",-3").replace(",4", ",x"))
    result = call(cast, "import", str(path))
    assert result.exit_code == 2
    lines = [line for line in result.stderr.splitlines() if line.startswith("row ")]
    assert [line[:5] for line in lines] == ["row 2", "row 3"]
    assert len(store.read(cast.tree.pk)) == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["import", "/no/such/file.csv"], "no file"),
        (["export", "/tmp/facts.pdf"], ".csv or .xlsx"),
        (["history", "999999", "cases", "2026-10"], "See what there is: jingtu regions search"),
    ],
)
def test_wrong_use_leaves_with_2_and_a_clear_line(cast, words, said):
    result = call(cast, *words)
    assert result.exit_code == 2
    assert said in result.stderr


def test_the_command_has_the_users_rights_and_no_more(cast, good):
    assert call(cast, "import", str(good), relation="sibling").exit_code == 2
    assert call(cast, "import", str(good), role="viewer").exit_code == 2
    assert len(store.read(cast.tree.pk)) == 0


def test_export_template_and_history_work_from_the_command_line(cast, good, tmp_path):
    call(cast, "import", str(good))
    out = tmp_path / "out.xlsx"
    assert call(cast, "export", str(out), "--element", "cases").exit_code == 0
    assert openpyxl.load_workbook(out).worksheets[0].max_row == 3
    template = tmp_path / "template.xlsx"
    assert call(cast, "template", str(template), "--element", "cases", "--period", "2026-10").exit_code == 0
    assert openpyxl.load_workbook(template).worksheets[0]["A4"].value == A1
    told = json.loads(call(cast, "history", A1, "cases", "2026-10", "--json").stdout)
    assert [(event["value"], event["row"], event["file"]) for event in told] == [("3", 2, "facts.csv")]
