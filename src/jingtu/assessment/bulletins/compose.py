"""Compose a bulletin in one of its languages."""

from __future__ import annotations

from jingtu.assessment.bulletins.chinese import ChineseWriter
from jingtu.assessment.bulletins.content import Bulletin
from jingtu.assessment.bulletins.english import EnglishWriter
from jingtu.assessment.bulletins.source import BulletinSource
from jingtu.engine.problems import Language


def compose(source: BulletinSource, language: Language = "zh") -> Bulletin:
    """The bulletin of one run; every sentence follows from ``source`` by a rule."""
    writer = ChineseWriter(source) if language == "zh" else EnglishWriter(source)
    return writer.bulletin()
