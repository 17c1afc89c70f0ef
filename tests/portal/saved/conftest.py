"""The small office for pages assembled from it."""

from tests.assessment.conftest import office, own_store

__all__ = ["office", "own_store"]
