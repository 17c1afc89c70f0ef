"""Notices that accounts wants sent. The app that sends notices stands above this one and registers itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from jingtu.core.kernel.actor import Actor

from .models import User

# code -> subject and body, in Chinese and English
TEXTS: dict[str, tuple[str, str, str, str]] = {
    "accounts.proposal_waits": (
        "岗位变更待确认",
        "A change of posts waits",
        "{proposer} 为 {person} 提出：{what}。须由另一人在 {day} 前确认，逾期失效。",
        "{proposer} proposes for {person}: {what}. Somebody else must confirm it before {day}, or it lapses.",
    ),
    "accounts.proposal_decided": (
        "岗位变更已{outcome}",
        "Change of posts {outcome}",
        "{decider} 已{outcome}（{person}）：{what}。{reason}",
        "{decider} decided ({outcome}, {person}): {what}. {reason}",
    ),
    "accounts.post_suspended": (
        "岗位已暂停",
        "A post was suspended",
        "您的岗位“{what}”在年度确认中逾期未获确认，已自 {day} 起暂停。请联系安全管理员。",
        "Your post “{what}” was not confirmed in the yearly review and is suspended from {day}. Ask the security administrator.",
    ),
    "accounts.review_opened": (
        "权限年度确认：{title}",
        "Yearly confirmation of rights: {title}",
        "有 {count} 个岗位待确认，截止 {day}；逾期未确认的岗位将暂停。",
        "{count} posts are to be confirmed by {day}; those not confirmed are suspended then.",
    ),
    "accounts.review_reminder": (
        "权限年度确认即将截止：{title}",
        "Yearly confirmation of rights ends soon: {title}",
        "还有 {count} 个岗位未确认，截止 {day}；逾期将暂停。",
        "{count} posts are still unconfirmed; after {day} they are suspended.",
    ),
    "accounts.review_warning": (
        "您的岗位尚未通过年度确认",
        "Your post has not been confirmed yet",
        "您的岗位“{what}”须在 {day} 前由负责人或安全管理员确认，逾期将暂停。",
        "Your post “{what}” must be confirmed by {day} by the head or the security administrator, or it is suspended.",
    ),
}

Sender = Callable[[Actor, Iterable[User | int], str, Mapping[str, str | int], str], object]
_senders: list[Sender] = []


def register_sender(sender: Sender) -> None:
    """Say who sends notices; the app that has them does so once, when it starts."""
    _senders[:] = [sender]


def announce(
    actor: Actor, recipients: Iterable[User | int], code: str, params: Mapping[str, str | int], link: str
) -> None:
    """Send a notice of :data:`TEXTS`, within the transaction of the deed."""
    for sender in _senders:
        sender(actor, recipients, code, params, link)
