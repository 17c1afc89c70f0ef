"""Lists of letters on their way out as files."""

from __future__ import annotations

from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from jingtu.core.audit.exporting import Outgoing, stamped
from jingtu.core.audit.services import record
from jingtu.core.kernel.actor import Actor
from jingtu.engine.tablefile import write_csv as write_file

from .coverage import Coverage
from .queries import LetterFilter, letters
from .words import KINDS, LAYERS, STATES


def letters_table(actor: Actor, wanted: LetterFilter) -> Outgoing:
    """The letters of a list."""
    found = letters(actor, wanted).defer("text")
    header = (
        _("编号"),
        _("年度"),
        pgettext("letter", "层级"),
        _("签订对象"),
        _("类别"),
        _("签字人"),
        _("下达机关"),
        _("状态"),
        _("签字期限"),
        _("签字日期"),
        _("校验码"),
    )
    rows = (
        (
            letter.pk,
            letter.year,
            str(LAYERS[letter.layer]),
            letter.recipient_name,
            str(KINDS[letter.kind]),
            letter.signer_name,
            letter.issuer,
            str(STATES[letter.state]),
            letter.sign_by.isoformat() if letter.sign_by else "",
            letter.signed_on.isoformat() if letter.signed_on else "",
            letter.digest,
        )
        for letter in found.iterator(chunk_size=500)
    )
    scope = "，".join(
        str(value) for value in (wanted.year, wanted.layer, wanted.kind, wanted.state, wanted.text) if value
    )
    fictional = found.filter(region__tree__fictional=True).exists()
    return Outgoing(_("责任书"), header, rows, found.count(), scope, fictional)


def unsigned_table(found: Coverage) -> Outgoing:
    """Who has not signed."""
    header = (
        _("下达地区"),
        pgettext("letter", "层级"),
        _("类别"),
        _("签订对象"),
        _("签字人"),
        _("状态"),
        _("签字期限"),
    )
    rows = [
        (
            one.region.name,
            str(LAYERS[one.layer]),
            str(KINDS[one.kind]),
            one.name,
            one.signer,
            str(STATES[one.state]) if one.state else _("未下达"),
            one.sign_by.isoformat() if one.sign_by else "",
        )
        for one in found.unsigned
    ]
    title = _("未签责任书")
    return Outgoing(
        title, header, rows, len(rows), f"{found.region.name} {found.year}", found.region.tree.fictional
    )


def write_csv(actor: Actor, wanted: LetterFilter, path: Path) -> int:
    """Write the list to a file, recorded and stamped as one taken out of the site; how many letters it holds."""
    table = letters_table(actor, wanted)
    entry = record(
        actor,
        "letters.exported",
        target_type="letter",
        target_id="list",
        after={"rows": table.count, "filter": table.scope},
    )
    write_file(path, stamped(actor, table, entry=entry.sequence), table.header, table.rows)
    return table.count
