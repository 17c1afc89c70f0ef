"""What is stored of listings: rule sets and designations; listings; what rectification brings."""

from .listing import Listing, ListingCriterion, ListingPaper, ListingStep, Reminder, StepFile, Venue
from .rectification import Acceptance, AcceptanceLine, Opinion, Progress, ProgressValue, TeamMember
from .rule_sets import Designation, RuleSet, RuleVersion

__all__ = [
    "Acceptance",
    "AcceptanceLine",
    "Designation",
    "Listing",
    "ListingCriterion",
    "ListingPaper",
    "ListingStep",
    "Opinion",
    "Progress",
    "ProgressValue",
    "Reminder",
    "RuleSet",
    "RuleVersion",
    "StepFile",
    "TeamMember",
    "Venue",
]
