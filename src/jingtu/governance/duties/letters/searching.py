"""Lets the search of everything find letters."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from jingtu.core.kernel.actor import Actor
from jingtu.core.ui.search import Hit

from .queries import LetterFilter, letters
from .words import LAYERS, STATES


def find_letters(actor: Actor, text: str, limit: int) -> list[Hit]:
    """Letters by recipient or signer, the latest year first. One query."""
    return [
        Hit(
            f"{letter.recipient_name} {letter.year} {LAYERS[letter.layer]}",
            reverse("letters:detail", args=[letter.pk]),
            _("责任书 · %(state)s") % {"state": STATES[letter.state]},
        )
        for letter in letters(actor, LetterFilter(text=text)).defer("text")[:limit]
    ]
