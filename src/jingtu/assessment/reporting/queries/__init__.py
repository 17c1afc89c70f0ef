"""What is read of reporting; every public function takes the actor first and returns only what it may see."""

from .boards import Board, BoardFilter, Progress, board, form_names, missing_lines, missing_units, progress
from .burden import Burden, burden
from .due import DueLine, due_lines, open_reports_of_others
from .forms import form_list, form_page, form_preview, versions_of, who_names
from .grid import GridPage, cell_history, grid_many, grid_one
from .proxies import proxy_list
from .standing import FormStanding, form_standings

__all__ = [
    "Board",
    "BoardFilter",
    "Burden",
    "DueLine",
    "FormStanding",
    "GridPage",
    "Progress",
    "board",
    "burden",
    "cell_history",
    "due_lines",
    "form_list",
    "form_names",
    "form_page",
    "form_preview",
    "form_standings",
    "grid_many",
    "grid_one",
    "missing_lines",
    "missing_units",
    "open_reports_of_others",
    "progress",
    "proxy_list",
    "versions_of",
    "who_names",
]
