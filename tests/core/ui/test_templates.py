"""What holds for every template of the tree: the policy of the pages, both languages, no upward references."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import jingtu

SOURCE = Path(jingtu.__file__).parent
TEMPLATES = sorted(SOURCE.rglob("templates/**/*.html"))
CHINESE = re.compile(r"[\u4e00-\u9fff]")
TRANSLATED = re.compile(
    r"{%\s*blocktrans(?:late)?\b.*?{%\s*endblocktrans(?:late)?\s*%}|{%.*?%}|{{.*?}}|{#.*?#}"
    r"|{%\s*comment\b.*?{%\s*endcomment\s*%}",
    re.DOTALL,
)
COMMENTS = re.compile(r"{%\s*comment\b.*?{%\s*endcomment\s*%}", re.DOTALL)
IN_OWN_LANGUAGE = re.compile(r'<(\w+)[^>]*\blang="zh-hans"[^>]*>.*?</\1>', re.DOTALL)
FORBIDDEN = {
    "an inline style": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "an inline event handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "an htmx expression": re.compile(r"\bhx-on|\bhx-vals='js:|\bhx-vars", re.IGNORECASE),
    "a script address": re.compile(r"javascript:", re.IGNORECASE),
    "a foreign address": re.compile(r"(?:src|href)=[\"'](?:https?:)?//", re.IGNORECASE),
}
SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script>", re.DOTALL | re.IGNORECASE)


def named(path: Path) -> str:
    return str(path.relative_to(SOURCE))


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_a_template_needs_no_exception_from_the_content_security_policy(path: Path) -> None:
    text = COMMENTS.sub("", path.read_text(encoding="utf-8"))
    for what, pattern in FORBIDDEN.items():
        assert not pattern.search(text), f"{named(path)} has {what}"
    for attributes, body in SCRIPT.findall(text):
        assert "src=" in attributes, f"{named(path)} has an inline script"
        assert not body.strip()


@pytest.mark.parametrize("path", [path for path in TEMPLATES if "/zh/" not in str(path)], ids=named)
def test_every_chinese_sentence_of_a_template_can_be_translated(path: Path) -> None:
    text = COMMENTS.sub("", path.read_text(encoding="utf-8"))
    bare = TRANSLATED.sub("", IN_OWN_LANGUAGE.sub("", text))
    found = CHINESE.search(bare)
    assert not found, f"{named(path)}: {bare[max(0, found.start() - 20) : found.start() + 20]!r}"


def test_help_has_the_same_topics_in_both_languages() -> None:
    chinese, english = (
        {
            path.name
            for path in TEMPLATES
            if path.parent.name == language and path.parent.parent.name == "help"
        }
        for language in ("zh", "en")
    )
    assert chinese == english
    assert len(chinese) >= 5


def test_the_scripts_evaluate_no_text_and_load_nothing_foreign() -> None:
    for path in SOURCE.rglob("static/**/*.js"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\beval\(|new Function\(|innerHTML|outerHTML|document\.write", text), named(
            path
        )
        assert not re.search(r"[\"'`](?:https?:)?//", text), named(path)
        assert not CHINESE.search(text), (
            f"{named(path)}: words belong into templates, where they are translated"
        )
