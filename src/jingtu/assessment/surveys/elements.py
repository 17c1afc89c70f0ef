"""Which data elements hold results of surveys."""

from __future__ import annotations

from jingtu.assessment.indicators.store import catalogue_of, in_force
from jingtu.engine.elements import Element, ElementKind

PREFIX = "survey_"
"""Codes of elements that hold survey results begin with it."""


def survey_elements() -> dict[str, Element]:
    """Reported elements whose code says that they hold survey results, of the catalogue in force."""
    elements = catalogue_of(in_force()).elements
    return {
        code: one
        for code, one in elements.items()
        if code.startswith(PREFIX) and one.kind is ElementKind.REPORTED
    }
