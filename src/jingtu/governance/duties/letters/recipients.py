"""For whom letters should exist, who may sign them, and what a template's fields say of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q

from jingtu.assessment.indicators.store import catalogue_of, newest
from jingtu.assessment.targets.models import Target
from jingtu.assessment.targets.rules import TargetState
from jingtu.assessment.targets.visibility import visible
from jingtu.core.accounts.models import Unit
from jingtu.core.accounts.queries import posts_in_force
from jingtu.core.accounts.rules import Role, permissions_of
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.regions.models import Region
from jingtu.core.regions.queries import peer_groups
from jingtu.engine.problems import Language
from jingtu.engine.targets import BASES, span_label

from .models import LetterTemplate, Partner
from .rules import Kind, Layer

NO_TARGETS = {"zh": "本年度未单独下达指标。", "en": "No target of its own was set for the year."}
NO_DUTIES = {"zh": "职责按有关规定执行。", "en": "Duties as the regulations have them."}
TARGETS_HEAD = {
    "zh": ("指标", "期间", "目标", "红线"),
    "en": ("Indicator", "Period", "Target", "Red line"),
}


@dataclass(frozen=True)
class Recipient:
    """Somebody a letter may bind. ``key`` names it among those of an issuer; ``place``: where it belongs."""

    kind: Kind
    key: str
    name: str
    place: Region
    unit_id: int | None = None
    partner_id: int | None = None
    user_id: int | None = None


@dataclass(frozen=True)
class Candidate:
    """A user who may sign for a recipient."""

    user_id: int
    name: str
    leads: bool


def recipients_of(region_ids: Iterable[int]) -> dict[int, list[Recipient]]:
    """Everybody the offices of some regions may issue letters to, by region. Four queries.

    Places directly below, active member units, partner organisations, and the people with posts in those units.
    """
    wanted = list(region_ids)
    found: dict[int, list[Recipient]] = {region_id: [] for region_id in wanted}
    below = Region.objects.filter(parent_id__in=wanted, valid_to__isnull=True).select_related("tree")
    for region in below.order_by("position"):
        found[region.parent_id or 0].append(Recipient(Kind.PLACE, f"place:{region.pk}", region.name, region))
    units = Unit.objects.filter(region_id__in=wanted, is_active=True)
    for unit in units.select_related("region__tree", "unit_region__tree").order_by("pk"):
        place = unit.unit_region or unit.region
        found[unit.region_id].append(
            Recipient(Kind.UNIT, f"unit:{unit.pk}", unit.name, place, unit_id=unit.pk)
        )
    partners = Partner.objects.filter(region_id__in=wanted, is_active=True)
    for partner in partners.select_related("region__tree").order_by("pk"):
        found[partner.region_id].append(
            Recipient(
                Kind.PARTNER, f"partner:{partner.pk}", partner.name, partner.region, partner_id=partner.pk
            )
        )
    posts = posts_in_force().filter(unit__region_id__in=wanted, unit__is_active=True)
    seen = set()
    for post in posts.select_related("user", "unit__region__tree").order_by("unit_id", "user_id"):
        unit_ = post.unit
        if unit_ is None or (unit_.pk, post.user_id) in seen:
            continue
        seen.add((unit_.pk, post.user_id))
        found[unit_.region_id].append(
            Recipient(
                Kind.MEMBER,
                f"member:{unit_.pk}:{post.user_id}",
                f"{unit_.name} {post.user.full_name}",
                unit_.region,
                unit_id=unit_.pk,
                user_id=post.user_id,
            )
        )
    return found


def candidates(region_id: int) -> dict[str, list[Candidate]]:
    """Who may sign, by the recipient's key: the holders of the right at exactly that place or in that unit. One query.

    Leaders stand first.
    """
    rows = (
        posts_in_force()
        .filter(Q(region__parent_id=region_id, unit__isnull=True) | Q(unit__region_id=region_id))
        .select_related("user")
        .order_by("user_id", "pk")
    )
    found: dict[str, dict[int, Candidate]] = {}
    for post in rows:
        if Permission.LETTERS_SIGN not in permissions_of(post.role, post.module):
            continue
        one = Candidate(post.user_id, post.user.full_name, post.role == Role.LEADER)
        keys = [f"place:{post.region_id}"]
        if post.unit_id is not None:
            keys = [f"unit:{post.unit_id}", f"member:{post.unit_id}:{post.user_id}"]
        for key in keys:
            known = found.setdefault(key, {})
            if post.user_id not in known or one.leads:
                known[post.user_id] = one
    return {
        key: sorted(people.values(), key=lambda one: (not one.leads, one.user_id))
        for key, people in found.items()
    }


def usual_signer(layer: str, people: Sequence[Candidate]) -> int | None:
    """Whom the form proposes: the only one, or for the head's letter the only leader."""
    leaders = [one for one in people if one.leads]
    if layer == Layer.HEAD and len(leaders) == 1:
        return leaders[0].user_id
    return people[0].user_id if len(people) == 1 else None


@dataclass(frozen=True)
class _Asked:
    specific: int
    cells: tuple[str, str, str, str]


def target_tables(
    actor: Actor, places: Sequence[Region], year: int, codes: Sequence[str] = (), language: Language = "zh"
) -> Mapping[int, str]:
    """The targets of the year for each place, as lines of cells parted by tabs; the most specific one of each holds.

    Only targets the actor may see. A constant number of queries for places of one tree.
    """
    version = newest()
    if version is None or not places:
        return {}
    names = catalogue_of(version).indicators
    tree = places[0].tree
    rows = Target.objects.filter(
        visible(actor),
        tree=tree,
        state=TargetState.IN_FORCE,
        start__lte=f"{year}-12-31",
    ).filter(Q(end__isnull=True) | Q(end__gte=f"{year}-01-01"))
    if codes:
        rows = rows.filter(indicator__in=list(codes))
    targets = list(rows.select_related("region").order_by("indicator", "start", "pk"))
    groups = peer_groups(actor, tree) if any(target.scope == "group" for target in targets) else {}
    return {place.pk: _table(place, targets, groups, names, language) for place in places}


def _table(
    place: Region,
    targets: Sequence[Target],
    groups: Mapping[str, Sequence[int]],
    names: Mapping,
    language: Language,
) -> str:
    asked: dict[tuple[str, str, str], _Asked] = {}
    for target in targets:
        specific = _applies(target, place, groups)
        key = (target.indicator, target.period, target.basis)
        if specific is None or target.indicator not in names:
            continue
        if key in asked and asked[key].specific <= specific:
            continue
        indicator = names[target.indicator]
        unit = indicator.unit_name(language)
        known = target.as_target()
        asked[key] = _Asked(
            specific,
            (
                indicator.name(language),
                _span(target.period, BASES[known.basis], language),
                known.requirement.label(unit, language) if known.requirement else "–",
                known.red_line.label(unit, language) if known.red_line else "–",
            ),
        )
    if not asked:
        return NO_TARGETS[language]
    rows = (TARGETS_HEAD[language], *(one.cells for one in asked.values()))
    return "\n".join("\t".join(cells) for cells in rows)


def _span(period: str, basis: tuple[str, str], language: Language) -> str:
    label = span_label(period, language)
    return f"{label}（{basis[0]}）" if language == "zh" else f"{label} ({basis[1]})"


def _applies(target: Target, place: Region, groups: Mapping[str, Sequence[int]]) -> int | None:
    """How specific a target is for a place, the smaller the more; None when it is not meant."""
    if target.scope == "place":
        return 0 if target.region_id == place.pk else None
    if target.scope == "group":
        return 1 if place.pk in groups.get(target.group, ()) else None
    area = target.region
    if target.level != place.level or area.position is None or place.position is None:
        return None
    inside = area.position <= place.position <= (area.last or area.position)
    return 2 + 100 - area.depth if inside else None


def duties_text(duties: str, language: Language = "zh") -> str:
    """The duties as numbered lines."""
    lines = [line.strip() for line in duties.splitlines() if line.strip()]
    dot = "．" if language == "zh" else ". "
    numbered = "\n".join(f"{number}{dot}{line}" for number, line in enumerate(lines, start=1))
    return numbered or NO_DUTIES[language]


def field_values(
    template: LetterTemplate,
    recipient_name: str,
    signer_name: str,
    targets: str,
    language: Language = "zh",
) -> dict[str, str]:
    """What the fields of a template say for one recipient."""
    return {
        "year": str(template.year),
        "issuer": template.issuer,
        "recipient": recipient_name,
        "signer": signer_name,
        "targets": targets or NO_TARGETS[language],
        "duties": duties_text(template.duties if language == "zh" else template.duties_en, language),
    }
