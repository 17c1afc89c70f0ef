"""The document of every step for every template, printed and read back."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
from docx import Document
from pypdf import PdfReader

from jingtu.engine.problems import Language
from jingtu.governance.accountability.measures.ladders import PRESETS, TEMPLATES
from jingtu.governance.accountability.measures.models import MeasureStep
from jingtu.governance.accountability.measures.papers import TITLES, WORDS, compose
from jingtu.governance.accountability.measures.printing import printed
from jingtu.governance.accountability.measures.rules import Act

FROZEN: dict[str, Any] = {
    "office": "示例市", "place": "甲县", "post": "", "fictional": True, "kind_zh": "黄牌警告",
    "kind_en": "Yellow card", "template": "yellow_card", "form": "written", "basis_zh": "示例办法",
    "basis_en": "Example rules", "basis_number": "示禁〔2025〕3号", "tag": "S", "facts": "连续两个月末位",
    "reply_days": 5, "objection_days": 15, "review_due": "2026-12-01", "term": 6, "from": "2026-11-11",
    "until": "2027-05-11", "notice_number": "示禁办告〔2026〕1号", "decision_number": "示禁办决〔2026〕2号",
    "replied": True,
}  # fmt: skip


def step(act: Act, **more: object) -> MeasureStep:
    return MeasureStep(
        measure_id=7, act=act.value, on=dt.date(2026, 11, 11), text="理由充分", number="示禁办〔2026〕9号",
        frozen={**FROZEN, **more},
    )  # fmt: skip


def word_text(content: bytes) -> str:
    return "\n".join(paragraph.text for paragraph in Document(io.BytesIO(content)).paragraphs)


def pdf_text(content: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).replace("\n", "")


def test_every_kind_of_measure_of_the_presets_has_words() -> None:
    used = {rung.template for preset in PRESETS.values() for rung in preset.rungs}
    assert used <= set(WORDS) == set(TEMPLATES)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("act", list(TITLES))
def test_the_word_document_of_every_step_says_its_title_number_and_reasons(
    act: Act, language: Language
) -> None:
    made = compose(step(act), language)
    text = word_text(printed(made, "docx"))
    assert made.title in text
    assert "示禁办〔2026〕9号" in text
    assert "虚构" in text or "Invented" in text
    if act is not Act.NOTICE or language == "zh":
        assert "理由充分" in text
    assert ("the Chinese paper alone is authoritative" in text) is (language == "en")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("template", TEMPLATES)
def test_the_decision_of_every_template_says_what_is_decided_and_how_to_object(
    template: str, language: Language
) -> None:
    decided, asked = WORDS[template][0 if language == "zh" else 1]
    text = word_text(printed(compose(step(Act.DECIDE, template=template), language), "docx"))
    for part in (decided, asked, "15"):
        assert part in text


@pytest.mark.parametrize("template", TEMPLATES)
def test_the_notice_of_every_template_prints_as_pdf_with_the_right_to_reply(template: str) -> None:
    text = pdf_text(printed(compose(step(Act.NOTICE, template=template), "zh"), "pdf"))
    assert "5个工作日内" in text.replace(" ", "")
    assert "不因陈述申辩加重处理" in text.replace(" ", "")


def test_a_paper_about_a_post_names_the_post_and_no_person() -> None:
    made = compose(step(Act.DECIDE, post="分管副县长", template="admonishing"), "zh")
    assert made.recipient == "甲县分管副县长："
    assert "示例·" not in made.text()


def test_the_same_step_prints_the_same_pdf() -> None:
    assert printed(compose(step(Act.LIFT), "en"), "pdf") == printed(compose(step(Act.LIFT), "en"), "pdf")
