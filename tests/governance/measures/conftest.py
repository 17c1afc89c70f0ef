from __future__ import annotations

import pytest

from jingtu.core.documents.models import NormativeDocument
from jingtu.core.kernel.clock import now
from tests.governance.measures.scene import Scene


@pytest.fixture
def scene(db: None) -> Scene:
    for code in ("report_hubei_2024", "report_linshui_2022"):
        NormativeDocument.objects.get_or_create(
            code=code, defaults={"title_zh": code, "title_en": code, "kind": "report", "updated_at": now()}
        )
    found = Scene()
    found.set_up()
    return found
