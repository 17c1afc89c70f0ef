"""What is read of reporting; every public function takes the actor first and returns only what it may see."""

from .boards import Board, BoardFilter, board, missing_units, progress
from .due import DueLine, due_lines, open_reports_of_others
from .forms import form_list, form_page, form_preview, versions_of
from .grid import GridPage, cell_history, grid_many, grid_one

__all__ = [
    "Board",
    "BoardFilter",
    "DueLine",
    "GridPage",
    "board",
    "cell_history",
    "due_lines",
    "form_list",
    "form_page",
    "form_preview",
    "grid_many",
    "grid_one",
    "missing_units",
    "open_reports_of_others",
    "progress",
    "versions_of",
]
