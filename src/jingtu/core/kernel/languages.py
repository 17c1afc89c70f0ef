"""The two languages of the interface, as the engine and as Django name them."""

from __future__ import annotations

from contextlib import AbstractContextManager

from django.utils import translation

from jingtu.engine.problems import Language


def speaking(language: Language) -> AbstractContextManager[None]:
    """Words of the interface in a language, whatever the page or the command around speaks."""
    return translation.override("en" if language == "en" else "zh-hans")
