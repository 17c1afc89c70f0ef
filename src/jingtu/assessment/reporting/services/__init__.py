"""The only writers of forms and reports, one verb a function."""

from . import texts  # noqa: F401  (names the audited acts)
from .entries import Entry, Outcome, Refused
from .exporting import record_export
from .filling import save_cells, submit, withdraw
from .forms import discard_draft, install_form, publish_form, save_draft
from .proxies import ask_proxy, decide_proxy, end_proxy, hand_over
from .receiving import receive_reports
from .reminding import remind, send_reminders
from .reviewing import Chosen, pass_reports, return_cells, unlock_cells

__all__ = [
    "Chosen",
    "Entry",
    "Outcome",
    "Refused",
    "ask_proxy",
    "decide_proxy",
    "discard_draft",
    "end_proxy",
    "hand_over",
    "install_form",
    "pass_reports",
    "publish_form",
    "receive_reports",
    "record_export",
    "remind",
    "return_cells",
    "save_cells",
    "save_draft",
    "send_reminders",
    "submit",
    "unlock_cells",
    "withdraw",
]
