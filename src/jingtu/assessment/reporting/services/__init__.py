"""The only writers of forms and reports, one verb a function."""

from ..clashes import Choice, Keep
from . import texts  # noqa: F401  (names the audited acts)
from .entries import Entry, Outcome, Refused
from .exporting import export_board, export_page
from .filling import MOST_ENTRIES, save_cells
from .forms import discard_draft, install_form, publish_form, save_draft
from .proxies import ask_proxy, decide_proxy, end_proxy, hand_over
from .receiving import receive_reports
from .reminding import remind, send_reminders
from .reviewing import Chosen, pass_reports, return_cells, unlock_cells
from .sheets import Returned, make_sheet, read_back
from .submitting import Submitted, submit, submit_many, withdraw

__all__ = [
    "MOST_ENTRIES",
    "Choice",
    "Chosen",
    "Entry",
    "Keep",
    "Outcome",
    "Refused",
    "Returned",
    "Submitted",
    "ask_proxy",
    "decide_proxy",
    "discard_draft",
    "end_proxy",
    "export_board",
    "export_page",
    "hand_over",
    "install_form",
    "make_sheet",
    "pass_reports",
    "publish_form",
    "read_back",
    "receive_reports",
    "remind",
    "return_cells",
    "save_cells",
    "save_draft",
    "send_reminders",
    "submit",
    "submit_many",
    "unlock_cells",
    "withdraw",
]
