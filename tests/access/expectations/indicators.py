"""Definitions are no secret: whoever is signed in may read them."""

from __future__ import annotations

from jingtu.assessment.indicators.services import import_catalogue
from jingtu.core.kernel.actor import SYSTEM
from tests.access.cast import Cast
from tests.access.doors import Known, Row, everyone_signed_in
from tests.assessment.office import CATALOGUE


def prepare(cast: Cast) -> Known:
    import_catalogue(SYSTEM, CATALOGUE)
    return {}


ROWS = [
    Row("indicators:catalogue", open_to=everyone_signed_in()),
    Row("indicators:versions", open_to=everyone_signed_in()),
    Row("indicators:export", open_to=everyone_signed_in()),
    Row("indicators:indicator", kwargs=lambda known: {"code": "RATE"}, open_to=everyone_signed_in()),
    Row("indicators:element", kwargs=lambda known: {"code": "due"}, open_to=everyone_signed_in()),
    Row("indicators:scorecard", kwargs=lambda known: {"code": "card"}, open_to=everyone_signed_in()),
    Row("indicators:group", kwargs=lambda known: {"code": "both"}, open_to=everyone_signed_in()),
]
