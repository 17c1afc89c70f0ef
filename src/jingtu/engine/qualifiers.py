"""What is said about the exactness of a value; it travels with the value to the screen."""

from __future__ import annotations

from enum import StrEnum

from jingtu.engine.problems import Language


class Qualifier(StrEnum):
    """What is said about a value's exactness."""

    EXACT = ""
    AT_LEAST = ">="
    GREATER = ">"
    AT_MOST = "<="
    LESS = "<"
    APPROX = "~"
    MORE = "+"
    """A round number and somewhat more (300余, 40多, 300+)."""
    INFERRED = "inferred"
    """Worked out from a text, not stated as such."""

    def label(self, language: Language = "zh") -> str:
        """The word shown beside a value; empty for an exact one."""
        return _QUALIFIER_LABELS[self][0 if language == "zh" else 1]

    def mark(self, figure: str, language: Language = "zh") -> str:
        """``figure`` with its qualifier, as a reader expects to see it."""
        if self is Qualifier.MORE:
            return figure + ("余" if language == "zh" else "+")
        if self is Qualifier.INFERRED:
            return figure + ("（推断）" if language == "zh" else " (inferred)")
        return self.label(language) + figure


_QUALIFIER_LABELS: dict[Qualifier, tuple[str, str]] = {
    Qualifier.EXACT: ("", ""),
    Qualifier.AT_LEAST: ("≥", "≥"),
    Qualifier.GREATER: (">", ">"),
    Qualifier.AT_MOST: ("≤", "≤"),
    Qualifier.LESS: ("<", "<"),
    Qualifier.APPROX: ("约", "about "),
    Qualifier.MORE: ("余", "more than "),
    Qualifier.INFERRED: ("推断", "inferred"),
}

QUALIFIERS: tuple[Qualifier, ...] = tuple(Qualifier)
"""All qualifiers; a fact table stores the index into this tuple."""
