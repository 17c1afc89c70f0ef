"""What is read of letters. Every function takes the actor first and returns only what it may see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Q, QuerySet, Value, When
from django.utils.functional import Promise

from jingtu.core.accounts.actors import UserActor
from jingtu.core.files.models import StoredFile
from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.kernel.clock import today
from jingtu.core.kernel.errors import NotFound
from jingtu.core.regions.models import Region
from jingtu.core.regions.places import own_places
from jingtu.core.regions.reach import inside, is_unrestricted, spans

from .models import Letter, LetterStep, LetterTemplate, Partner
from .rules import LIVE, UNSIGNED, Kind, LetterAction, LetterFacts, LetterState, allowed_actions
from .words import DONE, KINDS, LAYERS, MARKS, STATES

READERS = (Permission.DUTIES_READ, Permission.LETTERS_MANAGE, Permission.LETTERS_SIGN)


def visible_letters(actor: Actor) -> Q:
    """The condition on :class:`Letter` that keeps what the actor may know of.

    The office that writes letters sees all of its own, drafts too. Once a letter has gone out, whoever reads duties
    of the place it binds or manages letters above sees it; letters of persons inside a unit only that unit's own
    people. The signer sees the own letter. Offices above count drafts and letters inside units, they do not read
    them.
    """
    if is_unrestricted(actor):
        return Q()
    gone_out = ~Q(state=LetterState.DRAFTED.value)
    of_units = Q(kind=Kind.MEMBER.value, unit_id__in=own_units(actor))
    condition = Q(region_id__in=own_offices(actor))
    condition |= gone_out & below(actor) & (~Q(kind=Kind.MEMBER.value) | of_units)
    person = user_id_of(actor)
    if person is not None:
        condition |= gone_out & Q(signer_id=person)
    return condition


def below(actor: Actor) -> Q:
    """The condition that a letter is issued or binds somewhere the actor may count letters."""
    if is_unrestricted(actor):
        return Q()
    places = inside(spans(actor, Permission.DUTIES_READ), "place__")
    return places | inside(spans(actor, Permission.LETTERS_MANAGE), "region__")


def own_offices(actor: Actor) -> list[int]:
    """The regions at which the actor's posts manage letters: those offices' own, not the ones below."""
    return sorted({scope.region_id for scope in actor.scopes(Permission.LETTERS_MANAGE)})


def of_the_office(actor: Actor, region_id: int) -> bool:
    """Whether the actor writes letters for the office of exactly this region."""
    return is_unrestricted(actor) or region_id in own_offices(actor)


def own_units(actor: Actor) -> list[int]:
    """The units that the actor's posts name."""
    if not isinstance(actor, UserActor):
        return []
    return sorted({post.unit_id for post in actor.posts if post.unit_id is not None})


@dataclass(frozen=True)
class LetterFilter:
    """What a list of letters is narrowed to; empty values leave it open."""

    year: int | None = None
    layer: str = ""
    kind: str = ""
    state: str = ""
    text: str = ""
    mine: bool = False
    region: int | None = None


def letters(actor: Actor, wanted: LetterFilter | None = None) -> QuerySet[Letter]:
    """Letters the actor may know of, the latest year first, then those still to be signed, in the order of the places."""
    wanted = wanted or LetterFilter()
    found = Letter.objects.filter(visible_letters(actor)).select_related(
        "region__tree", "place__tree", "unit", "signer", "template"
    )
    if wanted.year is not None:
        found = found.filter(year=wanted.year)
    if wanted.region is not None:
        found = found.filter(region_id=wanted.region)
    for name in ("layer", "kind"):
        if getattr(wanted, name):
            found = found.filter(**{name: getattr(wanted, name)})
    if wanted.state == "live":
        found = found.filter(state__in=sorted(LIVE))
    elif wanted.state:
        found = found.filter(state=wanted.state)
    if wanted.text.strip():
        words = wanted.text.strip()
        found = found.filter(Q(recipient_name__icontains=words) | Q(signer_name__icontains=words))
    if wanted.mine:
        found = found.filter(signer_id=user_id_of(actor))
    unsigned = Case(When(state__in=UNSIGNED, then=Value(0)), default=Value(1))
    return found.order_by("-year", unsigned, "region__position", "layer", "kind", "place__position", "pk")


def years(actor: Actor) -> list[int]:
    """Years of which the actor may know a letter or a template, and this one; the latest first."""
    known = set(Letter.objects.filter(visible_letters(actor)).values_list("year", flat=True).distinct())
    return sorted(known | {today().year}, reverse=True)


def get_letter(actor: Actor, letter_id: int) -> Letter:
    """One letter. Raises NotFound also where it exists but is not the actor's to know."""
    found = (
        letters(actor)
        .select_related("issued_by", "scan", "scan_by", "replaces", "partner")
        .filter(pk=letter_id)
        .first()
    )
    if found is None:
        raise NotFound(f"#{letter_id}", "letter")
    return found


def facts_of(actor: Actor, letter: Letter) -> LetterFacts:
    """What the rules ask about this letter and this actor."""
    person = user_id_of(actor)
    return LetterFacts(
        state=LetterState(letter.state),
        year=letter.year,
        manages=of_the_office(actor, letter.region_id),
        is_signer=person is not None and letter.signer_id == person,
        may_sign=actor.can(Permission.LETTERS_SIGN, letter.place_id),
    )


def may_open_page(actor: Actor, kwargs: Mapping[str, Any]) -> bool:
    """Whether the actor may know of the letter that a page's address names. One query."""
    return Letter.objects.filter(visible_letters(actor), pk=kwargs["letter_id"]).exists()


def may_open_scan(actor: Actor, stored: StoredFile) -> bool:
    """A scan is open to the office that issued the letter and to its signer."""
    found = Letter.objects.filter(visible_letters(actor), scan_id=stored.pk).first()
    if found is None:
        return False
    return found.signer_id == user_id_of(actor) or of_the_office(actor, found.region_id)


@dataclass(frozen=True)
class StepRow:
    """One line of the history."""

    word: str | Promise
    step: LetterStep


@dataclass(frozen=True)
class LetterPage:
    """Everything the page of one letter shows."""

    letter: Letter
    state: str | Promise
    mark: tuple[str, str]
    layer: str | Promise
    kind: str | Promise
    history: Sequence[StepRow]
    actions: Sequence[LetterAction]
    overdue: bool
    may_open_scan: bool
    replaced_by: Letter | None

    def may(self) -> dict[str, bool]:
        """Acts open to this actor, by name, for templates."""
        return {action.value: True for action in self.actions}


def letter_page(actor: Actor, letter_id: int) -> LetterPage:
    """The page of one letter. Raises NotFound."""
    letter = get_letter(actor, letter_id)
    facts = facts_of(actor, letter)
    newer = Letter.objects.filter(visible_letters(actor), replaces=letter).exclude(
        state=LetterState.WITHDRAWN.value
    )
    return LetterPage(
        letter=letter,
        state=STATES[letter.state],
        mark=MARKS[letter.state],
        layer=LAYERS[letter.layer],
        kind=KINDS[letter.kind],
        history=[StepRow(DONE[step.action], step) for step in letter.steps.select_related("person")],
        actions=allowed_actions(facts, today()),
        overdue=is_overdue(letter),
        may_open_scan=letter.scan_id is not None and (facts.manages or facts.is_signer),
        replaced_by=newer.order_by("-pk").first(),
    )


def is_overdue(letter: Letter) -> bool:
    """Whether the term for the signature is over."""
    return letter.state == LetterState.ISSUED and letter.sign_by is not None and letter.sign_by < today()


def templates(
    actor: Actor, region_id: int | None = None, year: int | None = None
) -> QuerySet[LetterTemplate]:
    """The newest versions of templates of the offices for which the actor manages letters."""
    found = LetterTemplate.objects.filter(newest=True).select_related("region__tree", "made_by")
    if not is_unrestricted(actor):
        found = found.filter(region_id__in=own_offices(actor))
    if region_id is not None:
        found = found.filter(region_id=region_id)
    if year is not None:
        found = found.filter(year=year)
    return found.order_by("-year", "region__position", "layer", "name")


def get_template(actor: Actor, template_id: int) -> LetterTemplate:
    """One version of a template. Raises NotFound for those of other offices."""
    found = LetterTemplate.objects.select_related("region__tree", "made_by").filter(pk=template_id)
    if not is_unrestricted(actor):
        found = found.filter(region_id__in=own_offices(actor))
    template = found.first()
    if template is None:
        raise NotFound(f"#{template_id}", "letter_template")
    return template


def offices(actor: Actor) -> list[Region]:
    """The regions whose office's letters the actor manages: those of the posts. One query."""
    return list(own_places(actor, Permission.LETTERS_MANAGE))


def partners(actor: Actor) -> QuerySet[Partner]:
    """Partner organisations of the offices for which the actor manages letters."""
    found = Partner.objects.select_related("region__tree")
    if not is_unrestricted(actor):
        found = found.filter(region_id__in=own_offices(actor))
    return found.order_by("region__position", "-is_active", "name")
