"""The only writers of facts, one verb a function."""

from jingtu.core.facts.services.changes import change_fact, retract_fact, undo_import
from jingtu.core.facts.services.elements import store_elements

__all__ = ["change_fact", "retract_fact", "store_elements", "undo_import"]
