"""The only writers of forms and reports, one verb a function."""

from . import texts  # noqa: F401  (names the audited acts)
from .entries import Entry, Outcome, Refused
from .filling import save_cells, submit, withdraw
from .forms import discard_draft, install_form, publish_form, save_draft
from .reviewing import Chosen, pass_reports, return_cells, unlock_cells

__all__ = [
    "Chosen",
    "Entry",
    "Outcome",
    "Refused",
    "discard_draft",
    "install_form",
    "pass_reports",
    "publish_form",
    "return_cells",
    "save_cells",
    "save_draft",
    "submit",
    "unlock_cells",
    "withdraw",
]
