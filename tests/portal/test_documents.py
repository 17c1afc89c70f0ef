"""What the documents say of the program is so: commands, addresses, settings, codes, people, tests, measurements."""

from __future__ import annotations

import importlib
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from benchmarks.__main__ import PARTS
from django.urls import Resolver404, resolve
from typer.main import get_command

from jingtu.engine.catalogue.reading import load_catalogue
from jingtu.portal.cli import GROUPS
from jingtu.portal.demo.people import PASSWORD, PEOPLE

ROOT = Path(__file__).parents[2]
READMES = [ROOT / "README.md", ROOT / "README.zh-CN.md"]
DOCUMENTS = sorted(
    [
        *READMES,
        ROOT / "CONTRIBUTING.md",
        ROOT / "SECURITY.md",
        *(path for path in (ROOT / "docs").rglob("*.md") if "decisions" not in path.parts),
    ]
)
everywhere = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))


def commands(text: str) -> Iterator[list[str]]:
    """Command lines that stand alone or in backquotes, as words; what only stands for something is left out."""
    joined = re.sub(r"\\\n\s*", " ", text)
    alone = re.findall(r"^(?: {4}|)(?:\$ )?jingtu (.+)$", joined, re.MULTILINE)
    quoted = re.findall(r"`jingtu ([^`]+)`", joined)
    for line in [*alone, *quoted]:
        for part in re.split(r" \| jingtu ", re.split(r"\s#\s", line)[0]):
            yield shlex.split(part.replace("…", ""))


def group(name: str) -> Any:
    address, _, attribute = GROUPS[name][0].partition(":")
    found = getattr(importlib.import_module(address), attribute)
    if isinstance(found, typer.Typer):
        return get_command(found)
    alone = typer.Typer(add_completion=False)
    alone.command(name)(found)
    return get_command(alone)


def mistake(words: list[str]) -> str:
    """What is wrong with a command line, looking at names of commands and options only; empty when nothing is."""
    if words[0] not in GROUPS:
        return f"no group {words[0]}"
    command, rest = group(words[0]), words[1:]
    inner = getattr(command, "commands", None)
    if inner is not None:
        wanted = rest[0].split("|") if rest and not rest[0].startswith("-") else []
        missing = [name for name in wanted if name not in inner]
        if missing:
            return f"no command {' '.join([words[0], *missing])}"
        if len(wanted) != 1:
            return ""
        command, rest = inner[wanted[0]], rest[1:]
    known = {option for parameter in command.params for option in parameter.opts}
    unknown = [word for word in rest if word.startswith("--") and word not in known]
    return f"no option {unknown} of {' '.join(words[:2])}" if unknown else ""


@everywhere
def test_every_command_exists_with_the_options_it_is_shown_with(path: Path) -> None:
    told = [(words, mistake(words)) for words in commands(path.read_text(encoding="utf-8")) if words]
    assert [(" ".join(words), wrong) for words, wrong in told if wrong] == []


@everywhere
def test_every_link_leads_to_a_file(path: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)", path.read_text(encoding="utf-8"))
    assert [link for link in links if "://" not in link and not (path.parent / link).exists()] == []


@everywhere
def test_every_address_of_the_site_answers(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    shown = re.findall(r"`(/(?!api/`)[a-z][a-z0-9/-]*/)(?:[?#][^`]*)?`", text)
    shown += [re.sub(r"\{[^}]+\}", "1", one) for one in re.findall(r"(?:\$SITE|T +)(/api/[^\s\"`?]+)", text)]
    lost = []
    for address in shown:
        try:
            resolve(address)
        except Resolver404:
            lost.append(address)
    assert lost == []


@everywhere
def test_every_test_and_module_named_exists(path: Path) -> None:
    named = re.findall(r"`((?:[a-z_]+/)+[a-z_]+\.py)`", path.read_text(encoding="utf-8"))
    places = (ROOT, ROOT / "tests", ROOT / "src/jingtu")
    assert [name for name in named if not any((place / name).exists() for place in places)] == []


def test_every_setting_is_described_and_every_described_one_is_read() -> None:
    read = {
        name
        for path in (ROOT / "src").rglob("*.py")
        for name in re.findall(r"JINGTU_[A-Z_]+", path.read_text(encoding="utf-8"))
    }
    told = {name for path in DOCUMENTS for name in re.findall(r"JINGTU_[A-Z_]+", path.read_text("utf-8"))}
    # A secret may come from a file: the setting's name with _FILE.
    assert read - told == set()
    assert {name.removesuffix("_FILE") for name in told} - read == set()


def test_elements_and_indicators_that_examples_use_are_in_the_catalogue() -> None:
    catalogue = load_catalogue(ROOT / "src/jingtu/catalogue")
    elements, indicators = set(catalogue.elements), set(catalogue.indicators)
    for path in DOCUMENTS:
        if "examples" in path.parts or path.name == "formula.md":
            continue
        text = path.read_text(encoding="utf-8")
        used = re.findall(r'--element ([a-z_]+)|"element": "([a-z_]+)"|element=([a-z_]+)', text)
        assert {name for names in used for name in names if name} - elements == set(), path
        used = re.findall(r"--points ([A-Z_]+)=|/indicators/([A-Z_]+)|catalogue show ([A-Z_]+)", text)
        assert {name for names in used for name in names if name} - indicators == set(), path


@pytest.mark.parametrize("path", READMES, ids=lambda path: path.name)
def test_the_readme_names_everybody_of_the_demonstration_and_their_password(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    assert {name for row in rows for name in re.findall(r"`([a-z0-9]+)`", row)} == {
        person.username for person in PEOPLE
    }
    assert PASSWORD in text


def test_every_part_of_the_benchmarks_is_described() -> None:
    text = (ROOT / "docs/reference/benchmarks.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([a-z]+)` \|", text, re.MULTILINE)) == set(PARTS)


def test_every_page_stands_in_the_table_of_contents() -> None:
    contents = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    pages = [path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")]
    assert [page for page in pages if page not in contents] == []
