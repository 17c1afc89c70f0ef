"""What is read of runs. Every function takes the actor first and returns only what it may see."""

from .choices import get_finding, new_run_choices, peer_group_names
from .differences import DifferencePage, DifferenceRow, difference_page, publication_text
from .explanations import Explained, explanation, import_links
from .lists import RunFilter, damaged_runs, get_run, latest_published, run_choices, runs_visible
from .opened import Mark, RunReader, as_reader, open_for, reader_of
from .page import RunPage, changes_since, run_detail
from .profile import CardStanding, Standing, region_profile
from .results import (
    indicator_ranking,
    item_heads,
    items,
    matrix,
    previous_published,
    rank_history,
    ranking,
    ranking_since,
    red_lines,
    shortfall,
)
from .rows import (
    Cell,
    IndicatorRow,
    ItemHead,
    ItemRow,
    Matrix,
    Ranking,
    RankRow,
    RedLineRow,
    Shortfall,
)
from .since import FigureLine, IndicatorLine, PlaceLine, SinceDraft, changed_since, since_draft

__all__ = [
    "CardStanding",
    "Cell",
    "DifferencePage",
    "DifferenceRow",
    "Explained",
    "FigureLine",
    "IndicatorLine",
    "IndicatorRow",
    "ItemHead",
    "ItemRow",
    "Mark",
    "Matrix",
    "PlaceLine",
    "RankRow",
    "Ranking",
    "RedLineRow",
    "RunFilter",
    "RunPage",
    "RunReader",
    "Shortfall",
    "SinceDraft",
    "Standing",
    "as_reader",
    "changed_since",
    "changes_since",
    "damaged_runs",
    "difference_page",
    "explanation",
    "get_finding",
    "get_run",
    "import_links",
    "indicator_ranking",
    "item_heads",
    "items",
    "latest_published",
    "matrix",
    "new_run_choices",
    "open_for",
    "peer_group_names",
    "previous_published",
    "publication_text",
    "rank_history",
    "ranking",
    "ranking_since",
    "reader_of",
    "red_lines",
    "region_profile",
    "run_choices",
    "run_detail",
    "runs_visible",
    "shortfall",
    "since_draft",
]
