"""The English reading copy of a listing's papers. It says what the Chinese paper says; that one counts.

What people wrote – grounds, decisions, findings, names – stays in their own words.
"""

from __future__ import annotations

import datetime as dt

from jingtu.assessment.bulletins.content import Block, Bulletin, Cell, Column, Heading, Note, Paragraph, Table
from jingtu.core.kernel.languages import in_both
from jingtu.engine.catalogue.thresholds import Threshold
from jingtu.engine.notation import english_day, plain_number

from .models import Acceptance, Listing, ListingCriterion
from .words import PROBLEMS

MARK = "Translation for reading. The Chinese text is authoritative; what people wrote is left in their own words."
Parts = tuple[str, list[Block]]


def reading_copy(
    kind: str,
    listing: Listing,
    *,
    issuer: str,
    number: str,
    day: dt.date,
    acceptance: Acceptance | None = None,
) -> Bulletin:
    """The paper of a kind in English, marked as a translation."""
    title, blocks = {
        "notice": _notice,
        "listing": _listing,
        "rectify": _rectify,
        "review": _review,
        "acceptance": lambda one: _acceptance(one, acceptance),
        "delisting": _delisting,
        "public": _public,
    }[kind](listing)
    addressed = kind not in ("acceptance", "public")
    return Bulletin(
        language="en",
        issuer=issuer,
        number=number,
        title=title,
        recipient=f"To the drug control committee of {listing.region.name}:" if addressed else "",
        blocks=(Note(MARK), *blocks),
        signature=issuer,
        date=_date(day),
        distribution="",
        fictional_notice="Invented demonstration data; no real place"
        if listing.region.tree.fictional
        else "",
        running_foot="Translation for reading",
    )


def _subject(listing: Listing) -> str:
    return f"{listing.venue.name} in {listing.region.name}" if listing.venue else listing.region.name


def _class(listing: Listing) -> str:
    return listing.class_en or listing.class_zh


def _about(listing: Listing) -> str:
    return f"“{_class(listing)}” for {in_both(PROBLEMS[listing.problem])[1]} ({listing.level} level)"


def _notice(listing: Listing) -> Parts:
    until = f"by {_date(listing.hear_until)}" if listing.hear_until else "within the time set"
    return f"Notice of a proposed listing: {_subject(listing)}", [
        Paragraph(f"It is proposed to list {_subject(listing)} as {_about(listing)}."),
        Heading("1. Facts and grounds"),
        Paragraph(listing.grounds),
        *_criteria(listing, "Values at entry"),
        Heading("2. Reply"),
        Paragraph(
            f"You may reply in writing {until} and may ask to be heard in person. Silence does not keep a decision from "
            "being taken in due form."
        ),
    ]


def _listing(listing: Listing) -> Parts:
    blocks: list[Block] = [
        Paragraph(
            f"After notice and hearing it is decided to list {_subject(listing)} as {_about(listing)} for "
            f"{listing.term_months} months, from {_date(listing.listed_on)} to {_date(listing.due_on)}."
        ),
        Heading("1. Reasons"),
        Paragraph(listing.decision),
        Heading("2. What is required to be delisted"),
        *_criteria(listing, "Values at entry and requirements at the exit"),
        Heading("3. Responsibility"),
        Paragraph(f"Responsible leader: {listing.leader}."),
    ]
    effects = [
        text
        for held, text in (
            (listing.no_awards, "no awards"),
            (listing.no_promotion, "no promotion of those responsible"),
        )
        if held
    ]
    if effects:
        blocks.append(
            Paragraph(f"By {listing.document_number}, during the rectification: {' and '.join(effects)}.")
        )
    return f"Notice of listing: {_subject(listing)}", blocks


def _rectify(listing: Listing) -> Parts:
    due = listing.version.rules.progress_day
    return f"Letter on the rectification of {_subject(listing)}", [
        Paragraph(
            f"Your area was listed as {_about(listing)} on {_date(listing.listed_on)} ({listing.document_number})."
        ),
        Heading("1. Plan"),
        Paragraph(
            "Set up a plan that names each task, the unit and the person responsible, and the day it is due."
        ),
        Heading("2. Monthly report"),
        Paragraph(f"Report the past month by day {due} of each month, with the gap to each requirement."),
        *_criteria(listing, "Requirements"),
        Heading("3. Acceptance"),
        Paragraph(
            f"The term ends on {_date(listing.due_on)}. Once the requirements are reached you may hand in a "
            "self-assessment; an acceptance on the spot and the opinions of other units come before the decision."
        ),
    ]


def _review(listing: Listing) -> Parts:
    step = listing.steps.filter(act__in=["review", "revoke"]).last()
    revoked = step is not None and step.act == "revoke"
    outcome = "is revoked" if revoked else "is upheld on review"
    return f"Decision on the listing of {_subject(listing)}", [
        Paragraph(
            f"The listing of {_subject(listing)} as {_about(listing)} ({listing.document_number}) {outcome}."
        ),
        *(Paragraph(text) for text in (step.text.splitlines() if step else ()) if text.strip()),
    ]


def _acceptance(listing: Listing, acceptance: Acceptance | None) -> Parts:
    assert acceptance is not None
    columns = (
        Column("Item", width=3),
        Column("Points", "right"),
        Column("Given", "right"),
        Column("Note", width=3),
    )
    rows = tuple(
        (
            Cell(line.name_en or line.name_zh),
            Cell(plain_number(line.points)),
            Cell(plain_number(line.score)),
            Cell(line.note),
        )
        for line in acceptance.lines.all()
    )
    blocks: list[Block] = [
        Paragraph(f"Examined: {_subject(listing)}, {_about(listing)}, on {_date(acceptance.held_on)}."),
        Paragraph(acceptance.findings),
        Table("checklist", "Scores", columns, rows, f"Pass mark {plain_number(acceptance.pass_mark)}."),
        Paragraph(
            f"Total {plain_number(acceptance.total)}; {'passed' if acceptance.passed else 'not passed'}."
        ),
        Heading("Signatures of the team"),
    ]
    for member in acceptance.team.select_related("person"):
        signed = "signed in the system" if member.signed_at else "not signed"
        blocks.append(
            Paragraph(f"{'Leader' if member.leads else 'Member'}: {member.person.full_name} ({signed})")
        )
    blocks.append(Note(f"Hash of the signed text: {acceptance.text_hash}"))
    return f"Acceptance form: {_subject(listing)}", blocks


def _delisting(listing: Listing) -> Parts:
    step = listing.steps.filter(act="delist").last()
    basis = f" ({step.document_number})" if step else ""
    return f"Notice of delisting: {_subject(listing)}", [
        Paragraph(
            f"After acceptance on the spot, opinions and comprehensive judgement, {_subject(listing)} is no longer listed "
            f"as {_about(listing)} from {_date(listing.delisted_on)}{basis}."
        ),
        *(Paragraph(text) for text in (step.text.splitlines() if step else ()) if text.strip()),
        Paragraph(
            f"The watch period runs until {_date(listing.watch_until)}; a relapse is listed again in due form."
        ),
    ]


def _public(listing: Listing) -> Parts:
    if listing.delisted_on:
        text = (
            f"{_subject(listing)} passed its acceptance and is delisted from {_date(listing.delisted_on)}; the watch "
            f"period runs until {_date(listing.watch_until)}."
        )
    elif listing.state == "revoked":
        text = f"The listing of {_subject(listing)} is revoked from {_date(listing.ended_on)}."
    else:
        text = (
            f"By {listing.document_number}, {_subject(listing)} is listed as {_about(listing)} from "
            f"{_date(listing.listed_on)}; the rectification runs until {_date(listing.due_on)}."
        )
    return f"Public notice on {_subject(listing)}", [Paragraph(text)]


def _criteria(listing: Listing, caption: str) -> list[Block]:
    rows = list(listing.criteria.all())
    if not rows:
        return []
    columns = (
        Column("Criterion", width=3), Column("At entry", "right"), Column("Required", "right"), Column("Source", width=2),
    )  # fmt: skip
    lines = tuple(
        (
            Cell(f"{row.name_en or row.name_zh}{f' ({row.unit_en})' if row.unit_en else ''}"),
            Cell("–" if row.entry_value is None else plain_number(row.entry_value)),
            Cell(Threshold.parse(row.required).label(language="en") if row.required else "–"),
            Cell(_source(row)),
        )
        for row in rows
    )
    return [Table("criteria", caption, columns, lines)]


def _source(row: ListingCriterion) -> str:
    if row.entry_run_id is not None:
        return f"published assessment ({row.entry_day})"
    return row.entry_source or "–"


def _date(day: dt.date | None) -> str:
    return english_day(day) if day else ""
