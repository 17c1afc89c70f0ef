"""What notices say, registered by the app that sends them."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass

from jingtu.engine.problems import Language


@dataclass(frozen=True)
class NoticeText:
    """Subject and body in both languages; all four use ``{placeholders}`` of the same parameters."""

    subject_zh: str
    subject_en: str
    body_zh: str
    body_en: str


_texts: dict[str, NoticeText] = {}


def placeholders(text: str) -> set[str]:
    """Names in braces."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def register_notices(texts: Mapping[str, NoticeText]) -> None:
    """Add ``code -> words``; call it in the sending app's ``AppConfig.ready`` or where its services stand.

    Raises ValueError for a code registered twice with other words, or languages that differ in placeholders.
    """
    for code, text in texts.items():
        if placeholders(text.subject_zh) != placeholders(text.subject_en) or placeholders(
            text.body_zh
        ) != placeholders(text.body_en):
            raise ValueError(f"{code}: the two languages use different placeholders")
        if _texts.get(code, text) != text:
            raise ValueError(f"{code} is registered twice")
        _texts[code] = text


def worded(code: str, params: Mapping[str, object], language: Language) -> tuple[str, str]:
    """Subject and body; for a code that no app registers any more, the code and its parameters.

    A parameter that reads differently in English comes with its twin: ``run`` and ``run_en``.
    """
    text = _texts.get(code)
    if text is None:
        return code, ", ".join(f"{name}={value}" for name, value in params.items())
    if language == "en":
        params = {name: params.get(f"{name}_en", value) for name, value in params.items()}
        return text.subject_en.format(**params), text.body_en.format(**params)
    return text.subject_zh.format(**params), text.body_zh.format(**params)


def parameters_of(code: str) -> set[str]:
    """Parameters that a registered notice needs. Raises KeyError for an unknown code."""
    text = _texts[code]
    return placeholders(text.subject_zh) | placeholders(text.body_zh)
