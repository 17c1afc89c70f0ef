"""Drawing up: partner organisations, templates with their versions, letters merged from them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Max

from jingtu.assessment.indicators.store import catalogue_of, newest
from jingtu.core.audit.services import record
from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.kernel.clock import now, today
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied, Problem, refuse
from jingtu.core.regions.models import Region
from jingtu.core.regions.queries import get_region
from jingtu.engine.problems import Language

from . import services
from .models import Letter, LetterStep, LetterTemplate, Partner
from .queries import facts_of, get_letter, get_template, of_the_office
from .recipients import Recipient, candidates, field_values, recipients_of, target_tables
from .rules import (
    LIVE,
    REMIND_EVERY,
    SIGN_DAYS,
    Kind,
    Layer,
    LetterAction,
    LetterState,
    days_problems,
    digest_of,
    letter_text,
    reason_problem,
    refusal,
    template_problems,
    text_problem,
    year_problem,
)

LANGUAGES: tuple[Language, ...] = ("zh", "en")


@dataclass(frozen=True)
class TemplateData:
    """What a person writes in a template."""

    year: int
    layer: Layer
    name: str
    kinds: Collection[Kind]
    issuer: str
    title: str
    text: str
    duties: str = ""
    indicators: Sequence[str] = ()
    sign_days: int = SIGN_DAYS
    remind_every: int = REMIND_EVERY
    title_en: str = ""
    text_en: str = ""
    duties_en: str = ""


@dataclass(frozen=True)
class Wanted:
    """One letter to be drawn up: for whom, and who signs: a user, or somebody by name on paper."""

    key: str
    signer_id: int | None = None
    signer_name: str = ""


def add_partner(actor: Actor, region_id: int, name: str) -> Partner:
    """Enter a partner organisation of an office. Raises PermissionDenied, InvalidInput, Conflict."""
    _must_manage(actor, region_id)
    name = name.strip()
    if not name:
        raise refuse("letters.missing", column="name")
    problem = text_problem(name, "name")
    if problem is not None:
        raise InvalidInput([problem])
    try:
        with transaction.atomic():
            partner = Partner.objects.create(region_id=region_id, name=name[:128])
            _record(actor, "letters.partner_added", "letter_partner", partner.pk, region_id, {"name": name})
    except IntegrityError as error:
        raise Conflict(Problem("letters.partner_known")) from error
    return partner


def close_partner(actor: Actor, partner_id: int) -> Partner:
    """Say that an organisation is no partner any more; its letters stay. Raises NotFound, PermissionDenied."""
    partner = Partner.objects.filter(pk=partner_id).first()
    if partner is None or not of_the_office(actor, partner.region_id):
        raise NotFound(f"#{partner_id}")
    with transaction.atomic():
        partner.is_active = False
        partner.save(update_fields=["is_active"])
        _record(actor, "letters.partner_closed", "letter_partner", partner.pk, partner.region_id, {})
    return partner


def save_template(actor: Actor, region_id: int, data: TemplateData) -> LetterTemplate:
    """Save a template; of the same year, layer and name it becomes the next version, and the earlier ones stay.

    Raises PermissionDenied, InvalidInput (an unknown field is named, what is missing, the year).
    """
    _must_manage(actor, region_id)
    get_region(actor, region_id)
    problems = _problems(data)
    if problems:
        raise InvalidInput(problems)
    with transaction.atomic():
        same = LetterTemplate.objects.select_for_update().filter(
            region_id=region_id, year=data.year, layer=data.layer.value, name=data.name.strip()
        )
        version = (same.aggregate(last=Max("version"))["last"] or 0) + 1
        same.filter(newest=True).update(newest=False)
        template = LetterTemplate.objects.create(
            region_id=region_id,
            year=data.year,
            layer=data.layer.value,
            name=data.name.strip(),
            version=version,
            kinds=sorted(Kind(kind).value for kind in data.kinds),
            issuer=data.issuer.strip(),
            title=data.title.strip(),
            text=data.text.strip(),
            duties=data.duties.strip(),
            indicators=list(data.indicators),
            title_en=data.title_en.strip(),
            text_en=data.text_en,
            duties_en=data.duties_en,
            sign_days=data.sign_days,
            remind_every=data.remind_every,
            made_by_id=user_id_of(actor),
            made_at=now(),
        )
        after = {"year": data.year, "layer": data.layer.value, "name": template.name, "version": version}
        _record(actor, "letters.template_saved", "letter_template", template.pk, region_id, after)
    return template


def _problems(data: TemplateData) -> list[Problem]:
    problems = []
    year = year_problem(data.year, today())
    if year is not None:
        problems.append(year)
    if not data.kinds:
        problems.append(Problem("letters.no_kind", column="kinds"))
    needed = ("name", "issuer", "title", "text")
    for column in (*needed, "duties", "title_en", "text_en", "duties_en"):
        written = getattr(data, column)
        unfit = text_problem(written, column)
        if unfit is not None:
            problems.append(unfit)
        if column in needed and not written.strip():
            problems.append(Problem("letters.missing", column=column))
    if bool(data.title_en.strip()) != bool(data.text_en.strip()):
        problems.append(Problem("letters.half_english", column="text_en"))
    problems += days_problems(data.sign_days, data.remind_every)
    for column in ("title", "text", "title_en", "text_en"):
        problems += template_problems(getattr(data, column), column)
    version = newest()
    known = catalogue_of(version).indicators if version else {}
    if any(code not in known for code in data.indicators):
        problems.append(Problem("letters.missing", column="indicators"))
    return problems


def previews(actor: Actor, template_id: int, wanted: Sequence[Wanted]) -> list[tuple[Recipient, str, str]]:
    """The recipients with the signer's name and the exact text each would get; nothing is stored.

    Raises NotFound, PermissionDenied, InvalidInput.
    """
    template = get_template(actor, template_id)
    _must_manage(actor, template.region_id)
    return [(one.recipient, one.signer_name, one.text) for one in _merge(actor, template, wanted)]


def draft(actor: Actor, template_id: int, wanted: Sequence[Wanted]) -> list[Letter]:
    """Draw up letters from a template, all or none. Raises NotFound, PermissionDenied, InvalidInput, Conflict."""
    template = get_template(actor, template_id)
    _must_manage(actor, template.region_id)
    ready = _merge(actor, template, wanted)
    with transaction.atomic():
        # Two who draft at once wait for each other at the template.
        LetterTemplate.objects.select_for_update().get(pk=template.pk)
        letters = []
        subjects = {_subject(template, one) for one in ready}
        standing = dict(
            Letter.objects.filter(
                region_id=template.region_id,
                year=template.year,
                subject__in=subjects,
                state__in=sorted(LIVE),
            ).values_list("subject", "recipient_name")
        )
        if standing or len(subjects) < len(ready):
            name = next(iter(standing.values()), ready[0].recipient.name if ready else "")
            raise Conflict(Problem("letters.standing_already", {"recipient": name}))
        for one in ready:
            letters.append(_stored(actor, template, one))
        Letter.objects.bulk_create(letters)
        LetterStep.objects.bulk_create(
            LetterStep(
                letter=letter,
                action=LetterAction.DRAFT.value,
                to_state=letter.state,
                person_id=user_id_of(actor),
                at=letter.drafted_at,
            )
            for letter in letters
        )
        after = {"template": template.pk, "letters": [letter.pk for letter in letters]}
        _record(actor, "letters.drafted", "letter_template", template.pk, template.region_id, after)
    return letters


def issue_batch(actor: Actor, template_id: int, wanted: Sequence[Wanted]) -> list[Letter]:
    """Draw up and issue in one act. Raises as :func:`draft` and :func:`services.issue`."""
    with transaction.atomic():
        letters = draft(actor, template_id, wanted)
        return services.issue(actor, [letter.pk for letter in letters])


def replace(
    actor: Actor, letter_id: int, template_id: int, reason: str, wanted: Wanted | None = None
) -> Letter:
    """Draft a letter in place of one that has gone out; when it is issued the old one ends as replaced.

    ``wanted``: another signer; without it the same one. Raises NotFound, PermissionDenied, Conflict, InvalidInput.
    """
    old = get_letter(actor, letter_id)
    problem = refusal(LetterAction.REPLACE, facts_of(actor, old), today())
    if problem is not None:
        if problem.code == "letters.not_permitted":
            raise PermissionDenied(Permission.LETTERS_MANAGE)
        raise Conflict(problem)
    missing = reason_problem(LetterAction.REPLACE, reason)
    if missing is not None:
        raise InvalidInput([missing])
    template = get_template(actor, template_id)
    if (template.region_id, template.year, template.layer) != (old.region_id, old.year, old.layer):
        raise InvalidInput([Problem("letters.unknown_recipient", column="template")])
    named = wanted or Wanted(old.recipient, old.signer_id, old.signer_name)
    [merged] = _merge(actor, template, [named])
    with transaction.atomic():
        LetterTemplate.objects.select_for_update().get(pk=template.pk)
        if Letter.objects.filter(replaces=old, state=LetterState.DRAFTED.value).exists():
            raise Conflict(Problem("letters.replacement_waits"))
        letter = _stored(actor, template, merged)
        letter.replaces = old
        letter.save()
        LetterStep.objects.create(
            letter=letter,
            action=LetterAction.DRAFT.value,
            to_state=letter.state,
            person_id=user_id_of(actor),
            at=letter.drafted_at,
            reason=reason.strip(),
        )
        _record(
            actor,
            "letters.drafted",
            "letter",
            letter.pk,
            template.region_id,
            {"replaces": old.pk, "reason": reason.strip()},
        )
    return letter


def subject_of(layer: str, key: str, signer_id: int | None, signer_name: str) -> str:
    """Whom a letter binds: one head for each recipient, but several deputies and members of staff."""
    if layer == Layer.HEAD or key.startswith("member:"):
        return f"{layer} {key}"
    return f"{layer} {key} {signer_id or signer_name}"


@dataclass(frozen=True)
class _Merged:
    """One letter ready to be stored; ``text_en`` empty where the template has no English wording."""

    recipient: Recipient
    signer_id: int | None
    signer_name: str
    text: str
    text_en: str


def _subject(template: LetterTemplate, one: _Merged) -> str:
    return subject_of(template.layer, one.recipient.key, one.signer_id, one.signer_name)


def _stored(actor: Actor, template: LetterTemplate, one: _Merged) -> Letter:
    recipient = one.recipient
    return Letter(
        template=template,
        region_id=template.region_id,
        year=template.year,
        layer=template.layer,
        kind=recipient.kind.value,
        place=recipient.place,
        unit_id=recipient.unit_id,
        partner_id=recipient.partner_id,
        recipient=recipient.key,
        recipient_name=recipient.name,
        subject=_subject(template, one),
        signer_id=one.signer_id,
        signer_name=one.signer_name,
        issuer=template.issuer,
        text=one.text,
        text_en=one.text_en,
        digest=digest_of(one.text),
        drafted_by_id=user_id_of(actor),
        drafted_at=now(),
    )


def _merge(actor: Actor, template: LetterTemplate, wanted: Sequence[Wanted]) -> list[_Merged]:
    if not wanted:
        raise refuse("letters.no_recipient", column="recipients")
    known = {
        one.key: one
        for one in recipients_of([template.region_id])[template.region_id]
        if one.kind in template.kinds
    }
    able = candidates(template.region_id)
    chosen, problems = [], []
    for want in wanted:
        recipient = known.get(want.key)
        if recipient is None:
            raise refuse("letters.unknown_recipient", column="recipients")
        people = {one.user_id: one.name for one in able.get(want.key, ())}
        signer_id, name = want.signer_id, want.signer_name.strip()
        if signer_id is not None and signer_id not in people:
            problems.append(Problem("letters.unknown_signer", {"recipient": recipient.name}))
        elif signer_id is None and not name:
            problems.append(Problem("letters.signer_missing", {"recipient": recipient.name}))
        unfit = text_problem(name, "recipients")
        if unfit is not None:
            problems.append(unfit)
        chosen.append((recipient, signer_id, people.get(signer_id or 0, name)[:64]))
    if problems:
        raise InvalidInput(problems)
    places = {one.place.pk: one.place for one, _, _ in chosen if one.kind != Kind.MEMBER}
    texts = {
        language: _texts(actor, template, chosen, list(places.values()), language) for language in LANGUAGES
    }
    return [
        _Merged(recipient, signer_id, name, texts["zh"][number], texts["en"][number])
        for number, (recipient, signer_id, name) in enumerate(chosen)
    ]


def _texts(
    actor: Actor,
    template: LetterTemplate,
    chosen: Sequence[tuple[Recipient, int | None, str]],
    places: Sequence[Region],
    language: Language,
) -> list[str]:
    """The merged text for each recipient in one language; empty ones where the template has no wording in it."""
    title, body = (template.title, template.text)
    if language == "en":
        title, body = template.title_en, template.text_en
    if not body.strip():
        return [""] * len(chosen)
    tables: dict[int, str] = {}
    if "{targets}" in body:
        for tree_id in {place.tree_id for place in places}:
            own = [place for place in places if place.tree_id == tree_id]
            tables |= target_tables(actor, own, template.year, template.indicators, language)
    texts = []
    for recipient, _signer, name in chosen:
        own_place = recipient.kind == Kind.PLACE or recipient.place.pk != template.region_id
        table = tables.get(recipient.place.pk, "") if own_place else ""
        values = field_values(template, recipient.name, name, table, language)
        texts.append(letter_text(title, body, values))
    return texts


def _must_manage(actor: Actor, region_id: int) -> None:
    if not of_the_office(actor, region_id):
        raise PermissionDenied(Permission.LETTERS_MANAGE)


def _record(
    actor: Actor, action: str, kind: str, target: int, region_id: int, after: dict[str, object]
) -> None:
    record(actor, action, target_type=kind, target_id=target, region_id=region_id, after=after)
