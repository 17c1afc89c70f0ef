"""Help and language are public; search answers with what the reader may see."""

from __future__ import annotations

from tests.access.doors import Row, everyone, everyone_signed_in

ROWS = [
    Row("ui:help", open_to=everyone()),
    Row("ui:help-topic", kwargs=lambda known: {"topic": "numbers"}, open_to=everyone()),
    Row("ui:search", data=lambda known: {"q": "甲"}, open_to=everyone_signed_in()),
    Row("ui:set-language", method="POST", data=lambda known: {"language": "en"}, open_to=everyone()),
]
