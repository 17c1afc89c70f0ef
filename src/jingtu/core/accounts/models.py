"""Users, member units, posts."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jingtu.core.kernel.clock import now, today
from jingtu.core.regions.models import Region, RegionChange

from .rules import ADMINISTRATIVE, Module, PostState, Role, device_label, post_state

ROLE_LABELS = {
    Role.SYSTEM_ADMINISTRATOR: _("系统管理员"),
    Role.SECURITY_ADMINISTRATOR: _("安全管理员"),
    Role.AUDITOR: _("审计员"),
    Role.ANALYST: _("分析员"),
    Role.REVIEWER: _("审核员"),
    Role.LEADER: _("领导"),
    Role.SECRETARY: _("秘书"),
    Role.REPORTER: _("填报员"),
    Role.VIEWER: _("查阅员"),
}
MODULE_LABELS = {
    Module.ASSESSMENT: _("考核评估"),
    Module.FACTS: _("数据"),
    Module.DOCUMENTS: _("制度文件"),
    Module.DUTIES: _("责任链"),
    Module.ACCOUNTABILITY: _("追责整治"),
}


class UserManager(BaseUserManager["User"]):
    """Makes users; user names are kept in lower case, so that one person has one spelling."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> User:
        """A new user; without password nobody can sign in as them."""
        user = self.model(username=self.model.normalize_username(username).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person who signs in. What they may do comes from their posts alone."""

    class Language(models.TextChoices):
        ZH = "zh", "简体中文"
        EN = "en", "English"

    username = models.CharField(max_length=64, unique=True)
    full_name = models.CharField(max_length=64)
    email = models.EmailField(blank=True)
    language = models.CharField(max_length=2, choices=Language.choices, default=Language.ZH)
    is_active = models.BooleanField(default=True)
    must_change_password = models.BooleanField(default=False)
    password_changed_at = models.DateTimeField(null=True, blank=True)
    # From this day nothing but setting up a second factor is possible; None until the rule first met them.
    second_factor_due = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(default=now, editable=False)
    created_by = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="created_users"
    )

    USERNAME_FIELD = "username"
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        ordering: ClassVar[list[str]] = ["username"]

    def __str__(self) -> str:
        return self.username

    def get_full_name(self) -> str:
        return self.full_name

    @property
    def label(self) -> str:
        """Name and user name, as the audit trail and lists show them."""
        return f"{self.full_name}（{self.username}）"


class Unit(models.Model):
    """A member unit of a committee: an office at a place, possibly itself a subject of assessment."""

    name = models.CharField(max_length=128)
    short_name = models.CharField(max_length=32, blank=True)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="units")
    unit_region = models.OneToOneField(
        Region, on_delete=models.PROTECT, null=True, blank=True, related_name="unit"
    )
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["region_id", "name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["region", "name"], name="unit_name_once_per_region"),
        ]

    def __str__(self) -> str:
        return self.name


class Post(models.Model):
    """A role held by a user over a region subtree, from one day to another (both inclusive)."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="posts")
    role = models.CharField(
        max_length=32, choices=[(role.value, label) for role, label in ROLE_LABELS.items()]
    )
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="posts")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, null=True, blank=True, related_name="posts")
    module = models.CharField(
        max_length=32, blank=True, choices=[(module.value, label) for module, label in MODULE_LABELS.items()]
    )
    valid_from = models.DateField(default=today)
    valid_to = models.DateField(null=True, blank=True)
    granted_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="granted_posts"
    )
    granted_at = models.DateTimeField(default=now, editable=False)
    ended_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="ended_posts"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=255, blank=True)
    confirmed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="confirmed_posts"
    )
    suspended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["user_id", "-valid_from", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(role__in=sorted(role.value for role in ADMINISTRATIVE), ended_at__isnull=True),
                name="post_one_administrator",
            ),
            models.CheckConstraint(
                condition=Q(role__in=sorted(role.value for role in ADMINISTRATIVE), region__isnull=True)
                | (~Q(role__in=sorted(role.value for role in ADMINISTRATIVE)) & Q(region__isnull=False)),
                name="post_region_by_role",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="post_period_in_order",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["region", "role"], name="post_by_region"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role}"

    @property
    def role_label(self) -> str:
        """The role in the reader's language."""
        return str(ROLE_LABELS[Role(self.role)])

    @property
    def state(self) -> PostState:
        """Where the post stands today."""
        state = post_state(self.valid_from, self.valid_to, self.ended_at is not None, today())
        suspended = self.suspended_at is not None and state is PostState.IN_FORCE
        return PostState.SUSPENDED if suspended else state

    @property
    def summary(self) -> str:
        """Role and place in a few words."""
        return " · ".join(str(part) for part in (self.role_label, self.region and self.region.name) if part)

    @property
    def module_label(self) -> str:
        """The module in the reader's language, empty for all."""
        return str(MODULE_LABELS[Module(self.module)]) if self.module else ""


class PostProposal(models.Model):
    """A change of posts, or of a second factor, that takes effect only when another person confirms it."""

    class Kind(models.TextChoices):
        GRANT = "grant", _("授予岗位")
        EXTEND = "extend", _("变更期限")
        END = "end", _("终止岗位")
        MOVE = "move", _("改任区划")
        RESET_FACTORS = "reset_factors", _("重置第二因素")

    class State(models.TextChoices):
        OPEN = "open", _("待确认")
        CONFIRMED = "confirmed", _("已确认")
        REFUSED = "refused", pgettext_lazy("confirmation", "已退回")
        WITHDRAWN = "withdrawn", _("已撤回")
        LAPSED = "lapsed", _("逾期失效")

    kind = models.CharField(max_length=16, choices=Kind.choices)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="proposals_about")
    post = models.ForeignKey(Post, on_delete=models.PROTECT, null=True, blank=True, related_name="proposals")
    content = models.JSONField(default=dict)
    reason = models.CharField(max_length=500)
    proposed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="proposals_made"
    )
    proposed_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    state = models.CharField(max_length=16, choices=State.choices, default=State.OPEN)
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="proposals_decided"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-proposed_at", "-id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "expires_at"], name="proposal_by_state")
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True)
                | Q(state="withdrawn")
                | (~Q(decided_by=F("proposed_by")) & ~Q(decided_by=F("user")))
                | Q(proposed_by__isnull=True),
                name="proposal_needs_a_second_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.user_id}"

    @property
    def is_open(self) -> bool:
        """Whether it can still be decided."""
        return self.state == self.State.OPEN and now() < self.expires_at


class RightsCampaign(models.Model):
    """A yearly confirmation of all posts, with the day after which unconfirmed ones are suspended."""

    title = models.CharField(max_length=100)
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    opened_at = models.DateTimeField()
    due_on = models.DateField()
    reminded_days = models.PositiveSmallIntegerField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-opened_at", "-id"]

    def __str__(self) -> str:
        return self.title


class PostReview(models.Model):
    """A post that somebody must look at again, and what became of it."""

    class Cause(models.TextChoices):
        YEARLY = "yearly", _("年度确认")
        REGION_CHANGE = "region_change", _("区划变更")

    class State(models.TextChoices):
        OPEN = "open", _("待确认")
        CONFIRMED = "confirmed", _("已确认")
        MOVED = "moved", _("改任")
        ENDED = "ended", _("终止")
        SUSPENDED = "suspended", _("逾期暂停")

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="reviews")
    cause = models.CharField(max_length=16, choices=Cause.choices)
    campaign = models.ForeignKey(
        RightsCampaign, on_delete=models.PROTECT, null=True, blank=True, related_name="reviews"
    )
    change = models.ForeignKey(
        RegionChange, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    successor = models.ForeignKey(Region, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    opened_at = models.DateTimeField()
    due_on = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=16, choices=State.choices, default=State.OPEN)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["due_on", "opened_at", "id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "cause"], name="review_by_state")
        ]

    def __str__(self) -> str:
        return f"{self.cause} {self.post_id}"


class SignInSession(models.Model):
    """One sign-in of a browser, as its owner sees it; ``key`` is that of Django's own session row."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_ins")
    key = models.CharField(max_length=40, unique=True)
    device = models.CharField(max_length=300, blank=True)
    address = models.CharField(max_length=45, blank=True)
    started_at = models.DateTimeField()
    used_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-used_at", "-id"]

    def __str__(self) -> str:
        return f"{self.user_id} {self.started_at:%Y-%m-%d %H:%M}"

    @property
    def label(self) -> str:
        """Browser and system in words, empty when neither is known."""
        return device_label(self.device)


class ApiToken(models.Model):
    """A personal token: a program that carries it acts as its owner, with the owner's rights of the day."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="api_tokens")
    name = models.CharField(max_length=64)
    start = models.CharField(max_length=16)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="api_token_expires_after_creation"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.start}…"

    @property
    def is_live(self) -> bool:
        """Whether it opens anything now."""
        return self.revoked_at is None and now() < self.expires_at


class RateBucket(models.Model):
    """What a caller may still take at a door, shared by all processes that serve. Times in seconds of the epoch."""

    key = models.CharField(max_length=160, unique=True)
    tokens = models.FloatField()
    counted_at = models.FloatField(db_index=True)

    def __str__(self) -> str:
        return self.key
