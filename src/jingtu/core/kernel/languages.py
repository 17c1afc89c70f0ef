"""The two languages of the interface, as the engine and as Django name them."""

from __future__ import annotations

from contextlib import AbstractContextManager

from django.utils import translation
from django.utils.functional import Promise

from jingtu.engine.problems import Language


def speaking(language: Language) -> AbstractContextManager[None]:
    """Words of the interface in a language, whatever the page or the command around speaks."""
    return translation.override("en" if language == "en" else "zh-hans")


def in_both(word: str | Promise) -> tuple[str, str]:
    """A word of the interface in Chinese and in English, for what is kept or sent in both."""
    with speaking("zh"):
        chinese = str(word)
    with speaking("en"):
        return chinese, str(word)
