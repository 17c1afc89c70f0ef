"""The audit trail opens to the auditor alone."""

from __future__ import annotations

from jingtu.core.audit.models import AuditEntry
from jingtu.core.audit.services import record
from jingtu.core.kernel.actor import SYSTEM
from tests.access.cast import Cast
from tests.access.doors import Known, Row, roles

AUDITOR = roles("auditor")


def prepare(cast: Cast) -> Known:
    for number in range(3):
        record(SYSTEM, "accounts.user_changed", target_type="user", target_id=number)
    newest = AuditEntry.objects.first()
    assert newest
    return {"entry": newest.pk}


ROWS = [
    Row("audit:list", open_to=AUDITOR),
    Row("audit:entry", kwargs=lambda known: {"sequence": known["entry"]}, open_to=AUDITOR),
    Row("audit:verify", method="POST", open_to=AUDITOR),
    Row("audit:export", method="POST", data=lambda known: {"reason": "检查"}, open_to=AUDITOR),
]
