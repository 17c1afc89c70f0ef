"""What the pages of meetings share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from jingtu.core.accounts.access import actor_of
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.errors import Conflict, InvalidInput

from ..models import Meeting
from ..queries import managed_regions, people_choices

READERS = (
    Permission.DUTIES_READ,
    Permission.MEETINGS_MANAGE,
)
PAGE_SIZE = 25


def trail(*more: tuple[str, str]) -> list[tuple[str, str]]:
    """The way to a page, from the list of meetings on."""
    return [(_("会议"), reverse("meetings:list")), *more]


def trail_of(meeting: Meeting, word: str) -> list[tuple[str, str]]:
    """The way to a page about one meeting."""
    return trail((meeting.title, reverse("meetings:detail", args=[meeting.pk])), (word, ""))


def offered(actor: Actor, region_id: int | None = None) -> dict[str, list[tuple[Any, Any]]]:
    """Regions and people as forms take them."""
    regions = (
        []
        if region_id is not None
        else [
            (one.pk, one.name if one.name == one.tree.name else f"{one.name} · {one.tree.name}")
            for one in managed_regions(actor)
        ]
    )
    return {"regions": regions, "people": [*people_choices(actor, region_id)]}


def show(form: forms.Form, error: InvalidInput | Conflict, actor: Actor) -> None:
    """Put what a service said on the form, at the field it is about where there is one."""
    problems = error.problems if isinstance(error, InvalidInput) else [error.problem]
    for problem in problems:
        column = problem.column if problem.column in form.fields else None
        form.add_error(column, problem.text(actor.language))


def attempt(request: HttpRequest, form: forms.Form, deed: Callable[[], Any]) -> bool:
    """Whether a checked form's deed succeeded; what went wrong stands on the form."""
    if request.method != "POST" or not form.is_valid():
        return False
    try:
        deed()
    except (InvalidInput, Conflict) as error:
        show(form, error, actor_of(request))
        return False
    return True


def done(request: HttpRequest, deed: Callable[[], Any], said: str, to: str, *args: Any) -> HttpResponse:
    """Do what a button asks and go back to a page, saying what became of it."""
    try:
        deed()
    except (InvalidInput, Conflict) as error:
        problems = error.problems if isinstance(error, InvalidInput) else [error.problem]
        for problem in problems:
            messages.error(request, problem.text(actor_of(request).language))
    else:
        messages.success(request, said)
    return redirect(to, *args)
