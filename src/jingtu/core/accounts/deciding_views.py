"""Where changes of posts are confirmed, and posts looked at again."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.errors import Conflict, InvalidInput

from . import proposals, queries, reviews
from .access import actor_of, require
from .confirming import confirmed_identity
from .forms import CampaignForm, add_problems
from .models import PostProposal, PostReview, RightsCampaign

READERS = (Permission.ACCOUNTS_READ, Permission.POSTS_CONFIRM)


@require_GET
@require(*READERS)
def proposal_list(request: HttpRequest) -> HttpResponse:
    """Changes of posts: those that wait first, then what became of the others."""
    actor = actor_of(request)
    page = Paginator(queries.proposals(actor), 50).get_page(request.GET.get("page"))
    rows = [
        {
            "proposal": each,
            "what": proposals.described(each, actor.language),
            "open": each.is_open,
            "may_decide": each.is_open and proposals.may_decide(actor, each),
            "own": each.is_open and actor.actor_id == f"user:{each.proposed_by_id}",
        }
        for each in page.object_list
    ]
    return render(request, "accounts/proposals.html", {"page": page, "rows": rows})


@require_POST
@require(Permission.POSTS_CONFIRM)
@confirmed_identity
def proposal_confirm(request: HttpRequest, proposal_id: int) -> HttpResponse:
    """Let a change take effect."""
    proposals.confirm(actor_of(request), proposal_id, request.POST.get("reason", ""))
    messages.success(request, _("已确认，变更已生效。"))
    return redirect("accounts:proposals")


@require_POST
@require(Permission.POSTS_CONFIRM)
def proposal_refuse(request: HttpRequest, proposal_id: int) -> HttpResponse:
    """Turn a change down, with a reason."""
    proposals.refuse_proposal(actor_of(request), proposal_id, request.POST.get("reason", ""))
    messages.success(request, _("已退回。"))
    return redirect("accounts:proposals")


@require_POST
@require(Permission.ACCOUNTS_MANAGE, Permission.POSTS_GRANT)
def proposal_withdraw(request: HttpRequest, proposal_id: int) -> HttpResponse:
    """Take back one's own proposal."""
    proposals.withdraw(actor_of(request), proposal_id)
    messages.success(request, _("已撤回。"))
    return redirect("accounts:proposals")


@require_POST
@require(Permission.ACCOUNTS_MANAGE, Permission.POSTS_GRANT)
@confirmed_identity
def factor_reset(request: HttpRequest, user_id: int) -> HttpResponse:
    """Propose that a lost second factor be taken away."""
    proposals.reset_factors(actor_of(request), user_id, request.POST.get("reason", ""))
    messages.success(request, _("已提出，待另一人确认后生效。"))
    return redirect("accounts:user", user_id)


@require_GET
@require(*READERS)
def review_list(request: HttpRequest) -> HttpResponse:
    """Posts to be confirmed: after a change of regions, or in the yearly confirmation."""
    actor = actor_of(request)
    page = Paginator(queries.reviews(actor), 50).get_page(request.GET.get("page"))
    rows = [{"review": each, "may_decide": reviews.may_decide(actor, each)} for each in page.object_list]
    context = {
        "page": page,
        "rows": rows,
        "campaign": RightsCampaign.objects.filter(closed_at__isnull=True).first(),
        "may_open": actor.can(Permission.POSTS_GRANT),
    }
    return render(request, "accounts/reviews.html", context)


Decide = Callable[[Actor, int, str], PostReview]
DECISIONS: dict[str, Decide] = {
    "confirm": reviews.confirm_post,
    "end": reviews.end_post,
    "move": reviews.move_post,
}


@require_POST
@require(Permission.POSTS_CONFIRM)
@confirmed_identity
def review_decide(request: HttpRequest, review_id: int) -> HttpResponse:
    """Confirm a post, move it to the region that took the old one's place, or end it."""
    decide = DECISIONS.get(request.POST.get("decision", ""))
    if decide is None:
        return redirect("accounts:reviews")
    review = decide(actor_of(request), review_id, request.POST.get("reason", ""))
    waits = PostProposal.objects.filter(post=review.post, state=PostProposal.State.OPEN).exists()
    messages.success(request, _("已提出，待另一人确认后生效。") if waits else _("已处理。"))
    return redirect("accounts:reviews")


@require_http_methods(["GET", "POST"])
@require(Permission.POSTS_GRANT)
@confirmed_identity
def campaign_open(request: HttpRequest) -> HttpResponse:
    """Begin the yearly confirmation."""
    actor = actor_of(request)
    form = CampaignForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            reviews.open_campaign(actor, **form.cleaned_data)
        except InvalidInput as error:
            add_problems(form, error, actor.language)
        except Conflict as error:
            form.add_error(None, error.problem.text(actor.language))
        else:
            messages.success(request, _("年度确认已开始，已通知安全管理员。"))
            return redirect("accounts:reviews")
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "accounts/campaign.html", {"form": form}, status=status)


@require_GET
@require(Permission.ACCOUNTS_READ)
def dormant(request: HttpRequest) -> HttpResponse:
    """Active accounts that nobody seems to need."""
    page = Paginator(queries.dormant_users(actor_of(request)), 50).get_page(request.GET.get("page"))
    return render(request, "accounts/dormant.html", {"page": page, "days": queries.DORMANT_DAYS})
