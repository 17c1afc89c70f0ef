"""What is read of listings. Every function takes the actor first and returns only what it may see."""

from .boards import (
    ListingFilter,
    YearCount,
    designation_offices,
    designations,
    get_designation,
    get_listing,
    get_rule_set,
    history_of,
    listings,
    may_open_file,
    may_open_paper,
    rule_sets,
    rules_for,
    waiting,
    yearly,
)
from .page import ListingPage, listing_page, open_acts

__all__ = [
    "ListingFilter",
    "ListingPage",
    "YearCount",
    "designation_offices",
    "designations",
    "get_designation",
    "get_listing",
    "get_rule_set",
    "history_of",
    "listing_page",
    "listings",
    "may_open_file",
    "may_open_paper",
    "open_acts",
    "rule_sets",
    "rules_for",
    "waiting",
    "yearly",
]
