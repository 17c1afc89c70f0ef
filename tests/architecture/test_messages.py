"""The English of the interface: what ``scripts/messages.py check`` refuses."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
from babel.messages.catalog import Catalog

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "messages.py"


@pytest.fixture(scope="module")
def messages() -> ModuleType:
    spec = importlib.util.spec_from_file_location("messages_script", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def catalogue(
    *entries: tuple[str | tuple[str, str], str | tuple[str, str]], context: str | None = None
) -> Catalog:
    made = Catalog(locale="en")
    for ident, text in entries:
        made.add(ident, text, context=context)
    return made


def test_two_apps_that_word_one_sentence_differently_are_named_with_both_texts(messages: ModuleType) -> None:
    one = ("runs/django.po", catalogue(("批准", "Approved by"), ("导入", "Import")))
    other = ("targets/django.po", catalogue(("批准", "Approve"), ("导入", "Import")))
    (clash,) = messages.clashes([one, other])
    for part in ("批准", "runs/django.po", "targets/django.po", "Approved by", "'Approve'"):
        assert part in clash


def test_plural_forms_that_differ_clash(messages: ModuleType) -> None:
    many = ("%(n)s 条", "%(n)s 条")
    one = ("a.po", catalogue((many, ("%(n)s row", "%(n)s rows"))))
    other = ("b.po", catalogue((many, ("%(n)s line", "%(n)s lines"))))
    (clash,) = messages.clashes([one, other])
    assert "%(n)s rows" in clash
    assert "%(n)s lines" in clash


def test_a_context_keeps_two_meanings_apart_but_may_not_clash_itself(messages: ModuleType) -> None:
    verb = ("a.po", catalogue(("批准", "Approve")))
    person = ("b.po", catalogue(("批准", "Approved by"), context="by"))
    other = ("c.po", catalogue(("批准", "Approver"), context="by"))
    assert messages.clashes([verb, person]) == []
    (clash,) = messages.clashes([verb, person, other])
    assert "'by'" in clash
    assert "a.po" not in clash


def test_no_two_apps_of_the_tree_clash(messages: ModuleType) -> None:
    found = list(messages.catalogues())
    assert len(found) > 20
    assert messages.clashes(found) == []


def test_the_check_fails_on_a_clash(
    messages: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clashing = [("a.po", catalogue(("退回", "Send back"))), ("b.po", catalogue(("退回", "Refuse")))]
    monkeypatch.setattr(messages, "apps", list)
    monkeypatch.setattr(messages, "catalogues", lambda: iter(clashing))
    assert messages.check() == 1
    assert "Send back" in capsys.readouterr().out
