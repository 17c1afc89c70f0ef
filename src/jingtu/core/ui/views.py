"""Help and search: the pages that belong to no app in particular."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from .context import actor_of
from .help import TOPICS
from .middleware import interface_language
from .search import search


@require_GET
def help_page(request: HttpRequest, topic: str = "start") -> HttpResponse:
    """One help topic in the reader's language. Open to everyone, also before sign-in."""
    if topic not in TOPICS:
        raise Http404(topic)
    context = {
        "topic": topic,
        "topics": TOPICS,
        "topic_title": TOPICS[topic],
        "topic_template": f"ui/help/{interface_language()}/{topic}.html",
    }
    return render(request, "ui/help/page.html", context)


@require_GET
def search_page(request: HttpRequest) -> HttpResponse:
    """Everything that matches `q` among what the person may see; htmx asks for the list alone."""
    actor = actor_of(request)
    text = request.GET.get("q", "")
    answers = search(actor, text) if actor else []
    template = "ui/search_answers.html" if request.headers.get("HX-Request") == "true" else "ui/search.html"
    return render(request, template, {"text": text.strip(), "searched": text.strip(), "answers": answers})
