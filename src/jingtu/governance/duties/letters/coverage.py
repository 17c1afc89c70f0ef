"""Coverage: how many letters should exist, have gone out, are signed; by office, level, layer, and who has not signed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Q

from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.errors import NotFound
from jingtu.core.regions.models import Region
from jingtu.core.regions.places import own_places
from jingtu.core.regions.queries import get_region
from jingtu.core.regions.reach import Span, inside

from .models import Letter, LetterTemplate
from .queries import of_the_office
from .recipients import Recipient, recipients_of
from .rules import OUT, Kind, Layer, LetterState

READERS = (Permission.DUTIES_READ, Permission.LETTERS_MANAGE)


@dataclass
class Tally:
    """Counts of recipients: for how many a letter should exist, to how many it went out, how many signed all."""

    due: int = 0
    issued: int = 0
    signed: int = 0

    @property
    def percent(self) -> int | None:
        """Signed of due, rounded down so that 100 means all."""
        return self.signed * 100 // self.due if self.due else None

    def count(self, issued: bool, signed: bool) -> None:
        """Count one more recipient."""
        self.due += 1
        self.issued += issued
        self.signed += signed


@dataclass(frozen=True)
class Line:
    """The tally of one office, layer and kind of recipient."""

    region: Region
    layer: str
    kind: str
    tally: Tally


@dataclass(frozen=True)
class Unsigned:
    """A recipient without a signed letter: ``state`` empty where there is no letter at all."""

    region: Region
    layer: str
    kind: str
    recipient: str
    name: str
    signer: str = ""
    state: str = ""
    letter_id: int | None = None
    sign_by: dt.date | None = None


@dataclass
class Coverage:
    """The coverage of a year inside a region; ``unnamed``: letters not signed whose holders only their office names."""

    region: Region
    year: int
    lines: list[Line] = field(default_factory=list)
    unsigned: list[Unsigned] = field(default_factory=list)
    unnamed: int = 0
    by_level: dict[str, Tally] = field(default_factory=dict)
    by_layer: dict[str, Tally] = field(default_factory=dict)
    by_office: dict[int, tuple[Region, Tally]] = field(default_factory=dict)
    total: Tally = field(default_factory=Tally)


@dataclass
class _Held:
    """The letters of one recipient in one layer."""

    letters: list[Letter] = field(default_factory=list)

    @property
    def issued(self) -> bool:
        return bool(self._out)

    @property
    def signed(self) -> bool:
        return bool(self._out) and all(letter.signed_at is not None for letter in self._out)

    @property
    def _out(self) -> list[Letter]:
        return [letter for letter in self.letters if letter.state in COUNTED]


COUNTED = OUT | {LetterState.EXPIRED}
"""Of a year that is over the letters have expired; they still say whether they were signed."""


def readable_regions(actor: Actor) -> list[Region]:
    """Where the actor may look at coverage: the regions of the posts. One query."""
    return list(own_places(actor, *READERS))


def coverage(actor: Actor, region_id: int, year: int, layer: str = "", kind: str = "") -> Coverage:
    """The coverage of the letters that offices inside a region issue. A constant number of queries.

    A letter should exist for everybody a newest template of the year is meant for, and for whoever holds one; a person
    inside a unit holds one of some layer, and whoever has none is due as staff. Names
    of persons inside units are listed only in the office that writes to them. Raises NotFound where the actor
    reads no duties.
    """
    region = get_region(actor, region_id)
    if not any(actor.can(permission, region_id) for permission in READERS):
        raise NotFound(region.name, "region")
    wanted = LetterTemplate.objects.filter(newest=True, year=year).filter(_below(region, "region__"))
    if layer:
        wanted = wanted.filter(layer=layer)
    meant: dict[tuple[int, str], set[str]] = {}
    offices: dict[int, Region] = {}
    for template in wanted.select_related("region__tree"):
        meant.setdefault((template.region_id, template.layer), set()).update(template.kinds)
        offices[template.region_id] = template.region
    known = recipients_of(offices)
    held = _letters(region, year)
    found = Coverage(region, year)
    for (office_id, one_layer), kinds in sorted(
        meant.items(),
        key=lambda item: (offices[item[0][0]].position or 0, list(Layer).index(Layer(item[0][1]))),
    ):
        office = offices[office_id]
        own = of_the_office(actor, office_id)
        for one_kind in Kind:
            if one_kind not in kinds or (kind and one_kind != kind):
                continue
            people = [one for one in known[office_id] if one.kind == one_kind]
            if one_kind == Kind.MEMBER:
                people = _due_inside(people, office_id, one_layer, held)
            _count(found, office, one_layer, one_kind, people, held, own)
    return found


def _due_inside(
    people: Sequence[Recipient], office_id: int, layer: str, held: dict[tuple[int, str, str], _Held]
) -> list[Recipient]:
    """Persons inside units hold one letter, of whichever layer; whoever has none is due as staff.

    Whoever signs for the unit itself is not due again.
    """
    bound = {key for office, _layer, key in held if office == office_id and key.startswith("member:")}
    heads = {
        f"member:{letter.unit_id}:{letter.signer_id}"
        for (office, _layer, key), holding in held.items()
        if office == office_id and key.startswith("unit:")
        for letter in holding.letters
    }
    if layer != Layer.STAFF:
        return []
    return [one for one in people if one.key not in bound and one.key not in heads]


def _below(region: Region, prefix: str) -> Q:
    return inside([Span.of(region)], prefix)


def _letters(region: Region, year: int) -> dict[tuple[int, str, str], _Held]:
    rows = (
        Letter.objects.filter(_below(region, "region__"), year=year)
        .exclude(state__in=[LetterState.WITHDRAWN, LetterState.REPLACED])
        .defer("text")
        .order_by("pk")
    )
    held: dict[tuple[int, str, str], _Held] = {}
    for letter in rows:
        held.setdefault((letter.region_id, letter.layer, letter.recipient), _Held()).letters.append(letter)
    return held


def _count(
    found: Coverage,
    office: Region,
    layer: str,
    kind: Kind,
    people: Sequence[Recipient],
    held: dict[tuple[int, str, str], _Held],
    own: bool,
) -> None:
    named = own or kind != Kind.MEMBER
    line = Line(office, layer, kind.value, Tally())
    names = {one.key: one.name for one in people}
    for (office_id, one_layer, key), holding in held.items():
        # Whoever holds a letter of the year counts, also a place that has been merged since.
        if (office_id, one_layer) == (office.pk, layer) and holding.letters[0].kind == kind:
            names.setdefault(key, holding.letters[0].recipient_name)
    tallies = (
        line.tally,
        found.total,
        found.by_level.setdefault(office.level, Tally()),
        found.by_layer.setdefault(layer, Tally()),
        found.by_office.setdefault(office.pk, (office, Tally()))[1],
    )
    for key, name in names.items():
        holding = held.get((office.pk, layer, key), _Held())
        for tally in tallies:
            tally.count(holding.issued, holding.signed)
        if holding.signed:
            continue
        if not named:
            found.unnamed += 1
        else:
            found.unsigned += _missing(office, layer, kind, key, name, holding, own)
    found.lines.append(line)


def _missing(
    office: Region, layer: str, kind: Kind, key: str, name: str, holding: _Held, own: bool
) -> list[Unsigned]:
    # A draft is known only in the office that writes it; to others nothing has gone out yet.
    known = holding.letters if own else [one for one in holding.letters if one.state != LetterState.DRAFTED]
    waiting = [letter for letter in known if letter.signed_at is None]
    if not waiting:
        return [Unsigned(office, layer, kind.value, key, name)]
    return [
        Unsigned(
            office,
            layer,
            kind.value,
            key,
            name,
            letter.signer_name,
            letter.state,
            letter.pk,
            letter.sign_by,
        )
        for letter in waiting
    ]
