"""What the pages share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from jingtu.core.accounts.access import actor_of
from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.errors import Conflict, InvalidInput
from jingtu.core.ui.middleware import interface_language


def trail(*more: tuple[str, str]) -> list[tuple[str, str]]:
    """The way to a page."""
    return [(_("挂牌整治"), reverse("listings:list")), *more]


def taken(
    request: HttpRequest, form: forms.Form, does: Callable[[Actor, dict[str, Any]], Any], said: str
) -> Any | None:
    """Do what a form asks; None where it was not sent or something was wrong, which then stands in the form."""
    if request.method != "POST" or not form.is_valid():
        return None
    try:
        done = does(actor_of(request), form.cleaned_data)
    except InvalidInput as error:
        show(form, error)
        return None
    except Conflict as error:
        form.add_error(None, error.problem.text(interface_language()))
        return None
    messages.success(request, said)
    return done if done is not None else True


def show(form: forms.Form, error: InvalidInput) -> None:
    """Put what a service refused beside the fields it is about."""
    for problem in error.problems:
        name = problem.column if problem.column in form.fields else None
        form.add_error(name, problem.text(interface_language()))


def posted(request: HttpRequest) -> Any:
    """What a form is filled from: nothing before it was sent, even an empty sending afterwards."""
    return request.POST if request.method == "POST" else None


def status(form: forms.Form) -> int:
    """The answer's status for a form that is shown (again)."""
    return 400 if form.is_bound and form.errors else 200


def form_page(
    request: HttpRequest,
    form: forms.Form,
    title: str,
    about: str,
    back: str,
    lead: str = "",
    fictional: bool = False,
    beside: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """A page with one form; ``beside``: what else it shows."""
    context = {
        "form": form,
        "title": title,
        "about": about,
        "lead_text": lead,
        "back": back,
        "steps": trail((about, back), (title, "")) if about else trail((title, "")),
        "fictional": fictional,
        **(beside or {}),
    }
    return render(request, "listings/form.html", context, status=status(form))


def listing_url(listing_id: int) -> str:
    """Where a listing is."""
    return reverse("listings:detail", args=[listing_id])


def to(listing_id: int) -> HttpResponse:
    """Back to the listing."""
    return redirect("listings:detail", listing_id)
