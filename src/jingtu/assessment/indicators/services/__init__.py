"""What people do with the catalogue: bring files in force, draw up the next version, decide about it."""

from .deciding import discard, enforce, validate
from .drafting import import_text, open_draft, put_entry, rebase, redo, remove_entry, undo
from .importing import import_catalogue
from .measuring import IMPACT_JOB, compute_impact, impact_as_job, measure

__all__ = [
    "IMPACT_JOB",
    "compute_impact",
    "discard",
    "enforce",
    "impact_as_job",
    "import_catalogue",
    "import_text",
    "measure",
    "open_draft",
    "put_entry",
    "rebase",
    "redo",
    "remove_entry",
    "undo",
    "validate",
]
