from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from jingtu.assessment.indicators.models import CatalogueVersion
from jingtu.portal.cli.catalogue import app
from tests.access.cast import make_cast
from tests.assessment.office import CATALOGUE

ROOT = Path(__file__).parents[3]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("JINGTU_LANG", "en")
    path = tmp_path / "catalogue.yaml"
    path.write_text(CATALOGUE, encoding="utf-8")
    return path


def test_a_sound_catalogue_passes_and_a_broken_one_names_the_line(file: Path) -> None:
    assert CliRunner().invoke(app, ["check", str(file)]).exit_code == 0
    file.write_text(CATALOGUE.replace("share(done, due)", "share(done, nobody)"), encoding="utf-8")
    refused = CliRunner().invoke(app, ["check", str(file)])
    assert refused.exit_code == 2
    assert "nobody" in refused.stderr


def test_checking_files_never_loads_the_web_framework(file: Path) -> None:
    script = (
        "import sys; sys.argv = ['jingtu', 'catalogue', 'check', sys.argv[1]]\n"
        "from jingtu.portal.cli import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        "assert 'django' not in sys.modules\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    done = subprocess.run(
        [sys.executable, "-c", script, str(file)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_one_definition_is_shown_by_its_code(file: Path) -> None:
    shown = CliRunner().invoke(app, ["show", "RATE", "--file", str(file)])
    assert "share(done, due)" in shown.stdout
    assert CliRunner().invoke(app, ["show", "NOTHING", "--file", str(file)]).exit_code == 2


@pytest.mark.django_db
def test_importing_needs_the_right_and_the_same_content_changes_nothing(file: Path) -> None:
    make_cast()
    refused = CliRunner().invoke(app, ["import", str(file), "--as", "analyst.own"])
    assert refused.exit_code == 2
    for _ in range(2):
        done = CliRunner().invoke(app, ["import", str(file), "--as", "system-administrator"])
        assert done.exit_code == 0, done.stderr
    assert CatalogueVersion.objects.get().number == 1
    exported = CliRunner().invoke(app, ["export"])
    assert "RATE" in exported.stdout


@pytest.mark.django_db
def test_a_draft_goes_from_the_terminal_into_force_by_two_people(file: Path) -> None:
    make_cast()
    run = CliRunner()
    assert run.invoke(app, ["import", str(file), "--as", "system-administrator"]).exit_code == 0
    file.write_text(CATALOGUE.replace("'>= 90'", "'>= 95'"), encoding="utf-8")
    analyst, manager = ["--as", "analyst.ancestor"], ["--as", "system-administrator"]
    made = run.invoke(
        app, ["draft", "--title", "提高要求", "--import", str(file), "--validate", "--json", *analyst]
    )
    assert made.exit_code == 0, made.stderr
    number = str(json.loads(made.stdout)["id"])
    assert json.loads(made.stdout)["state"] == "validated"
    changed = json.loads(run.invoke(app, ["diff", "--draft", number, "--json", *analyst]).stdout)
    assert [(row["code"], row["field"], row["old"], row["new"]) for row in changed] == [
        ("RATE", "target", ">= 90", ">= 95")
    ]
    assert run.invoke(app, ["impact", number, *manager]).exit_code == 0
    assert run.invoke(app, ["integrity", "--draft", number, "--json", *manager]).exit_code == 0
    decide = ["enforce", number, "--from", "2026-10", "--reason", "会议决定"]
    assert run.invoke(app, [*decide, *analyst]).exit_code == 2
    assert run.invoke(app, [*decide, "--json", *manager]).exit_code == 0
    assert CatalogueVersion.objects.count() == 2
    listed = json.loads(run.invoke(app, ["drafts", "--json", *analyst]).stdout)
    assert [(row["state"], row["version"]) for row in listed] == [("enforced", 2)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "words",
    [
        ["draft"],
        ["draft", "--undo"],
        ["draft", "999", "--undo"],
        ["diff", "1"],
        ["impact", "999"],
        ["drafts", "--state", "x"],
    ],
)
def test_wrong_use_is_one_clear_line(file: Path, words: list[str]) -> None:
    make_cast()
    refused = CliRunner().invoke(app, [*words, "--as", "system-administrator"])
    assert refused.exit_code == 2
    assert refused.stderr.strip().count("\n") <= 1
