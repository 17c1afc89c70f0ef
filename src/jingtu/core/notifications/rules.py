"""When a message leaves, how often it is tried, and which addresses a channel may have."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlsplit

from jingtu.engine.problems import Problem, register_texts

DIGEST_HOUR = 8
DIGEST_WEEKDAY = 0  # Monday
MOST_ATTEMPTS = 6
BACKOFF = (1, 5, 20, 60, 240)
"""Minutes to wait after each failed attempt."""
SENDING_FOR = dt.timedelta(minutes=15)
"""A message that has been "sending" for longer belongs to a process that died."""

SCHEMES = {
    "email": ("mailto", "mailtos"),
    "dingtalk": ("dingtalk",),
    "wecom": ("wecombot",),
    "feishu": ("feishu",),
    "webhook": ("json", "jsons"),
}
"""Address schemes (Apprise's) that a channel of each kind may have."""

register_texts(
    {
        "messages.bad_address": (
            "该渠道的地址应以{schemes}开头，写法见运维手册。",
            "An address of this channel begins with {schemes}; see the operations manual.",
        ),
        "messages.no_responsible": (
            "群消息渠道必须指定负责人：消息只包含此人有权看到的内容。",
            "A group channel needs a responsible person: messages hold only what that person may see.",
        ),
        "messages.name_taken": ("已有同名渠道。", "There is a channel of that name."),
        "messages.one_email": (
            "已有启用的电子邮件渠道，请先停用。",
            "An e-mail channel is in use already; disable it first.",
        ),
        "messages.quiet_half": (
            "免打扰时段的起止时间要么都填，要么都不填。",
            "Give both ends of the quiet hours, or neither.",
        ),
        "messages.not_sent": ("对方服务没有接收。", "The other side did not take it."),
        "messages.no_channel": ("没有可用的发送渠道。", "There is no channel to send by."),
        "messages.no_address": ("收件人没有电子邮箱。", "The receiver has no e-mail address."),
        "messages.no_post": ("收件人已无有效岗位。", "The receiver holds no post any more."),
        "messages.no_right": ("收件人已无权查看。", "The receiver may not see it any more."),
        "messages.read_already": ("收件人已在系统内看过。", "The receiver has read it already."),
        "messages.key_lost": (
            "渠道密钥无法解密，请重新填写地址。",
            "The channel's key is lost; enter its address again.",
        ),
    }
)


def address_problem(kind: str, address: str) -> Problem | None:
    """What is wrong with a channel's address."""
    schemes = SCHEMES.get(kind, ())
    try:
        given = urlsplit(address.strip())
    except ValueError:
        given = urlsplit("")
    if given.scheme.lower() in schemes and given.netloc:
        return None
    return Problem(
        "messages.bad_address", {"schemes": " / ".join(f"{name}://" for name in schemes)}, column="address"
    )


def due_at(
    mode: str, moment: dt.datetime, quiet_from: dt.time | None = None, quiet_to: dt.time | None = None
) -> dt.datetime:
    """When a notice of ``moment`` (local) goes out: at once, after the quiet hours, or with the next digest,
    which keeps the quiet hours too."""
    if mode == "immediate":
        return after_quiet_hours(moment, quiet_from, quiet_to)
    digest = moment.replace(hour=DIGEST_HOUR, minute=0, second=0, microsecond=0)
    if digest <= moment:
        digest += dt.timedelta(days=1)
    if mode == "weekly":
        digest += dt.timedelta(days=(DIGEST_WEEKDAY - digest.weekday()) % 7)
    return after_quiet_hours(digest, quiet_from, quiet_to)


def after_quiet_hours(
    moment: dt.datetime, quiet_from: dt.time | None, quiet_to: dt.time | None
) -> dt.datetime:
    """``moment`` itself, or the end of the quiet hours it falls into; they may pass midnight."""
    if quiet_from is None or quiet_to is None or quiet_from == quiet_to:
        return moment
    clock = moment.time()
    overnight = quiet_from > quiet_to
    quiet = (clock >= quiet_from or clock < quiet_to) if overnight else quiet_from <= clock < quiet_to
    if not quiet:
        return moment
    end = moment.replace(hour=quiet_to.hour, minute=quiet_to.minute, second=0, microsecond=0)
    return end if end > moment else end + dt.timedelta(days=1)


def next_attempt(attempts: int, moment: dt.datetime) -> dt.datetime | None:
    """When to try again after so many failed attempts; None when enough were made."""
    if attempts >= MOST_ATTEMPTS:
        return None
    return moment + dt.timedelta(minutes=BACKOFF[min(attempts, len(BACKOFF)) - 1])
