"""What people do with letters, one verb a function: each takes the actor, asks the rules, writes the audit trail."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from django.db import IntegrityError, transaction
from django.utils.timezone import localtime

from jingtu.core.audit.actions import register_actions, register_objects, register_states
from jingtu.core.audit.services import record
from jingtu.core.files.services import receive
from jingtu.core.kernel.actor import SYSTEM, Actor, Permission, user_id_of
from jingtu.core.kernel.clock import now, today
from jingtu.core.kernel.errors import Conflict, InvalidInput, PermissionDenied, Problem
from jingtu.engine.workdays import is_working_day

from . import notices
from .models import Letter, LetterStep
from .queries import facts_of, get_letter
from .rules import (
    OUT,
    TABLE,
    Hand,
    LetterAction,
    LetterState,
    digest_of,
    reason_problem,
    refusal,
    reminder_due,
    scan_problem,
    sign_by,
)
from .words import STATES

PURPOSE = "letter"

register_actions(
    {
        "letters.partner_added": ("登记合作组织", "Partner organisation entered"),
        "letters.partner_closed": ("停用合作组织", "Partner organisation closed"),
        "letters.template_saved": ("保存责任书模板", "Template of letters saved"),
        "letters.drafted": ("起草责任书", "Letters of responsibility drafted"),
        "letters.issued": ("下达责任书", "Letters of responsibility issued"),
        "letters.signed": ("签订责任书", "Letter of responsibility signed"),
        "letters.scanned": ("登记纸质责任书", "Letter signed on paper entered"),
        "letters.refused": ("拒签责任书", "Letter of responsibility refused"),
        "letters.withdrawn": ("撤回责任书", "Letter of responsibility withdrawn"),
        "letters.replaced": ("换签责任书", "Letter of responsibility replaced"),
        "letters.expired": ("责任书到期", "Letters of responsibility expired"),
        "letters.printed": ("打印责任书", "Letter of responsibility printed"),
        "letters.exported": ("导出责任书清单", "List of letters exported"),
    }
)
register_objects(
    {
        "letter": ("责任书", "Letter of responsibility"),
        "letter_template": ("责任书模板", "Template of letters"),
        "letter_partner": ("协作组织", "Partner organisation"),
    }
)
register_states("letter", STATES)


def issue(actor: Actor, letter_ids: Sequence[int]) -> list[Letter]:
    """Send drafted letters out, all or none: from now on they are to be signed within the term.

    A letter that replaces another ends that one at the same moment. Raises NotFound, PermissionDenied, Conflict.
    """
    with transaction.atomic():
        letters = [_begin(actor, letter_id, LetterAction.ISSUE) for letter_id in letter_ids]
        moment, terms = now(), set()
        for letter in letters:
            if letter.replaces_id is not None:
                _end_replaced(actor, letter, moment)
            terms.add(letter.template.sign_days)
        changes = {
            "state": LetterState.ISSUED.value,
            "issued_by_id": user_id_of(actor),
            "issued_at": moment,
        }
        chosen = Letter.objects.filter(pk__in=[letter.pk for letter in letters])
        try:
            with transaction.atomic():
                for days in sorted(terms):
                    until = sign_by(today(), days).day
                    chosen.filter(template__sign_days=days).update(**changes, sign_by=until)
        except IntegrityError as error:
            raise Conflict(
                Problem("letters.standing_already", {"recipient": letters[0].recipient_name})
            ) from error
        LetterStep.objects.bulk_create(
            LetterStep(
                letter=letter,
                action=LetterAction.ISSUE.value,
                to_state=LetterState.ISSUED.value,
                person_id=user_id_of(actor),
                at=moment,
            )
            for letter in letters
        )
        for letter in letters:
            letter.refresh_from_db()
        first = letters[0] if letters else None
        if first is not None:
            record(
                actor,
                "letters.issued",
                target_type="letter",
                target_id=first.pk if len(letters) == 1 else f"{first.pk}+{len(letters) - 1}",
                region_id=first.region_id,
                after={
                    "letters": [letter.pk for letter in letters],
                    "hashes": [letter.digest for letter in letters],
                },
            )
            notices.issued(actor, letters)
    return letters


def sign(actor: Actor, letter_id: int, digest: str) -> Letter:
    """Sign one's own letter: ``digest`` is the hash of the text that was read.

    The page asks again who sits there before it comes here. Raises NotFound, PermissionDenied, Conflict when the
    text is another.
    """
    with transaction.atomic():
        letter = _begin(actor, letter_id, LetterAction.SIGN)
        if digest != letter.digest or digest_of(letter.text) != letter.digest:
            raise Conflict(Problem("letters.text_changed"))
        _move(
            actor,
            letter,
            LetterAction.SIGN,
            "letters.signed",
            signed_at=now(),
            signed_on=today(),
            signed_digest=digest,
        )
        notices.answered(actor, letter, "letters.signed")
    return letter


def enter_scan(actor: Actor, letter_id: int, day: dt.date, name: str, blocks: Iterable[bytes]) -> Letter:
    """Enter a letter signed on paper: the day on it and the scan (PDF), by the issuing office.

    Raises NotFound, PermissionDenied, Conflict, InvalidInput (the day, the file).
    """
    letter = get_letter(actor, letter_id)
    _require(actor, letter, LetterAction.SCAN)
    assert letter.issued_at is not None
    problem = scan_problem(localtime(letter.issued_at).date(), day, today())
    if problem is not None:
        raise InvalidInput([problem])
    stored = receive(actor, blocks, name, purpose=PURPOSE, accepted=("pdf",), region_id=letter.region_id)
    with transaction.atomic():
        letter = _begin(actor, letter_id, LetterAction.SCAN)
        _move(
            actor,
            letter,
            LetterAction.SCAN,
            "letters.scanned",
            signed_at=now(),
            signed_on=day,
            scan_id=stored.pk,
            scan_by_id=user_id_of(actor),
        )
        notices.answered(actor, letter, "letters.signed")
    return letter


def refuse_letter(actor: Actor, letter_id: int, reason: str) -> Letter:
    """Refuse to sign one's own letter, with the reason. Raises NotFound, PermissionDenied, Conflict, InvalidInput."""
    with transaction.atomic():
        letter = _begin(actor, letter_id, LetterAction.REFUSE, reason)
        _move(actor, letter, LetterAction.REFUSE, "letters.refused", reason)
        notices.answered(actor, letter, "letters.refused")
    return letter


def withdraw(actor: Actor, letter_id: int, reason: str) -> Letter:
    """Take back a letter that nobody has signed. Raises NotFound, PermissionDenied, Conflict, InvalidInput."""
    with transaction.atomic():
        letter = _begin(actor, letter_id, LetterAction.WITHDRAW, reason)
        was_out = letter.state in OUT
        _move(actor, letter, LetterAction.WITHDRAW, "letters.withdrawn", reason, ended_at=now())
        if was_out:
            notices.withdrawn(actor, letter)
    return letter


def remind() -> int:
    """Remind signers on the last day and every few working days after; for the ticker."""
    day = today()
    if not is_working_day(day):
        return 0
    waiting = Letter.objects.filter(state=LetterState.ISSUED.value, sign_by__lte=day, signer__isnull=False)
    done = 0
    for letter in waiting.select_related("template").order_by("pk"):
        every = letter.template.remind_every
        if letter.sign_by is None or not reminder_due(letter.sign_by, letter.reminded_on, day, every):
            continue
        with transaction.atomic():
            # Of two tickers one changes the row, and that one tells.
            claimed = Letter.objects.filter(
                pk=letter.pk, reminded_on=letter.reminded_on, state=LetterState.ISSUED.value
            )
            if claimed.update(reminded_on=day):
                notices.due(letter)
                done += 1
    return done


def expire() -> int:
    """End the letters of years that are over; for the ticker."""
    moment = now()
    over = Letter.objects.filter(year__lt=today().year, state__in=sorted(OUT)).order_by("pk")
    done = 0
    for letter in over:
        with transaction.atomic():
            claimed = Letter.objects.filter(pk=letter.pk, state=letter.state)
            if not claimed.update(state=LetterState.EXPIRED.value, ended_at=moment):
                continue
            letter.state = LetterState.EXPIRED.value
            _step(SYSTEM, letter, LetterAction.EXPIRE, "")
            done += 1
    if done:
        record(SYSTEM, "letters.expired", target_type="letter", target_id="year", after={"letters": done})
    return done


def _end_replaced(actor: Actor, letter: Letter, moment: dt.datetime) -> None:
    old = Letter.objects.select_for_update(of=("self",)).get(replacements=letter)
    problem = refusal(LetterAction.REPLACE, facts_of(actor, old), today())
    if problem is not None:
        raise Conflict(problem)
    reason = letter.steps.order_by("pk").values_list("reason", flat=True).first() or ""
    _move(actor, old, LetterAction.REPLACE, "letters.replaced", reason, ended_at=moment)


def _begin(actor: Actor, letter_id: int, action: LetterAction, reason: str = "") -> Letter:
    """The letter, its row locked, once the rules allow the act. Call inside the transaction of the act."""
    get_letter(actor, letter_id)
    letter = (
        Letter.objects.select_for_update(of=("self",))
        .select_related("region__tree", "template")
        .get(pk=letter_id)
    )
    _require(actor, letter, action)
    problem = reason_problem(action, reason)
    if problem is not None:
        raise InvalidInput([problem])
    return letter


def _require(actor: Actor, letter: Letter, action: LetterAction) -> None:
    problem = refusal(action, facts_of(actor, letter), today())
    if problem is None:
        return
    if problem.code in {"letters.not_permitted", "letters.not_the_signer"}:
        office = TABLE[action].hand is Hand.OFFICE
        raise PermissionDenied(Permission.LETTERS_MANAGE if office else Permission.LETTERS_SIGN)
    raise Conflict(problem)


def _move(
    actor: Actor, letter: Letter, action: LetterAction, audited: str, reason: str = "", **changes: object
) -> None:
    before, state = letter.state, TABLE[action].target
    if not Letter.objects.filter(pk=letter.pk, state=before).update(state=state.value, **changes):
        raise Conflict(Problem("letters.wrong_state"))
    letter.refresh_from_db()
    _step(actor, letter, action, reason)
    record(
        actor,
        audited,
        target_type="letter",
        target_id=letter.pk,
        region_id=letter.region_id,
        before={"state": before},
        after={"state": letter.state, "hash": letter.digest},
        reason=reason.strip(),
    )


def _step(actor: Actor, letter: Letter, action: LetterAction, reason: str) -> None:
    LetterStep.objects.create(
        letter=letter,
        action=action.value,
        to_state=letter.state,
        person_id=user_id_of(actor),
        at=now(),
        reason=reason.strip(),
    )
