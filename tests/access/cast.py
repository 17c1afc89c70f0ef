"""The fixed cast: the same places and the same people in every access test.

    全国 nation
    ├─ 甲省 ── 本市 city ┬─ 甲县 county_a ┬─ 甲一镇 township_a
    │                    │                └─ 甲二镇 township_a2
    │                    └─ 乙县 county_b ── 乙一镇 township_b
    └─ 乙省 ── 外市 outside_city ── 外县 outside

Everything that is protected belongs to county A (``own``). For each business role five people look at it:
``own`` (county A), ``ancestor`` (the city), ``descendant`` (its first township), ``sibling`` (county B) and
``outsider`` (a county of another province). Besides: the three administrators, ``nobody`` (signed in,
without posts) and ``anonymous``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field

from jingtu.core.accounts.actors import Anonymous, UserActor
from jingtu.core.accounts.models import Post, User
from jingtu.core.accounts.rules import Role
from jingtu.core.regions.models import Region, RegionTree

PLACES = (  # key, code, name, level, parent key
    ("nation", "100000", "全国", "nation", None),
    ("province", "310000", "甲省", "province", "nation"),
    ("city", "310100", "本市", "city", "province"),
    ("county_a", "310101", "甲县", "county", "city"),
    ("township_a", "310101001", "甲一镇", "township", "county_a"),
    ("township_a2", "310101002", "甲二镇", "township", "county_a"),
    ("county_b", "310102", "乙县", "county", "city"),
    ("township_b", "310102001", "乙一镇", "township", "county_b"),
    ("outside_province", "320000", "乙省", "province", "nation"),
    ("outside_city", "320100", "外市", "city", "outside_province"),
    ("outside", "320101", "外县", "county", "outside_city"),
)
RELATIONS = {
    "own": "county_a",
    "ancestor": "city",
    "descendant": "township_a",
    "sibling": "county_b",
    "outsider": "outside",
}
BUSINESS_ROLES = (Role.ANALYST, Role.REVIEWER, Role.LEADER, Role.SECRETARY, Role.REPORTER, Role.VIEWER)
ADMINISTRATORS = (Role.SYSTEM_ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR, Role.AUDITOR)
SINCE = dt.date(2020, 1, 1)


@dataclass(frozen=True)
class Member:
    """One of the cast: ``role`` is a role, ``nobody`` or ``anonymous``; ``relation`` is empty for those
    whose post has no region."""

    role: str
    relation: str
    user: User | None

    @property
    def name(self) -> str:
        return f"{self.role}-{self.relation}" if self.relation else self.role

    @property
    def actor(self) -> UserActor | Anonymous:
        """A fresh actor, as every request makes one."""
        return UserActor(self.user) if self.user else Anonymous()


@dataclass
class Cast:
    """Places by key, members by role and relation."""

    tree: RegionTree
    places: dict[str, Region]
    members: dict[tuple[str, str], Member] = field(default_factory=dict)

    def member(self, role: str, relation: str = "") -> Member:
        return self.members[(role, relation)]

    def actor(self, role: str, relation: str = "") -> UserActor:
        """The actor of a signed-in member."""
        user = self.member(role, relation).user
        assert user is not None
        return UserActor(user)

    def user(self, role: str, relation: str = "") -> User:
        """The user of a signed-in member."""
        user = self.member(role, relation).user
        assert user is not None
        return user

    def __iter__(self) -> Iterator[Member]:
        return iter(self.members.values())


def make_places(slug: str = "cast") -> tuple[RegionTree, dict[str, Region]]:
    """The region tree of the cast; PLACES stand in pre-order."""
    tree = RegionTree.objects.create(slug=slug, name_zh="测试区划", name_en="Test regions")
    places: dict[str, Region] = {}
    keys = [place[0] for place in PLACES]
    parents = {key: parent for key, _, _, _, parent in PLACES}

    def below(key: str, ancestor: str) -> bool:
        above: str | None = key
        while above is not None:
            if above == ancestor:
                return True
            above = parents[above]
        return False

    for position, (key, code, name, level, parent) in enumerate(PLACES):
        places[key] = Region.objects.create(
            tree=tree,
            parent=places[parent] if parent else None,
            code=code,
            name=name,
            level=level,
            depth=places[parent].depth + 1 if parent else 0,
            position=position,
            last=max(index for index, other in enumerate(keys) if below(other, key)),
        )
    return tree, places


def make_cast() -> Cast:
    """Places and people, written to the database with few statements."""
    tree, places = make_places()
    cast = Cast(tree, places)
    wanted: list[tuple[str, str]] = [(role.value, "") for role in ADMINISTRATORS]
    wanted += [(role.value, relation) for role in BUSINESS_ROLES for relation in RELATIONS]
    wanted.append(("nobody", ""))
    users = User.objects.bulk_create(
        User(
            username=f"{role}.{relation}".rstrip(".").replace("_", "-"),
            full_name=f"{role} {relation}".strip(),
            password="!",
        )
        for role, relation in wanted
    )
    Post.objects.bulk_create(
        Post(
            user=user,
            role=role,
            region=places[RELATIONS[relation]] if relation else None,
            valid_from=SINCE,
        )
        for user, (role, relation) in zip(users, wanted, strict=True)
        if role != "nobody"
    )
    for user, (role, relation) in zip(users, wanted, strict=True):
        cast.members[(role, relation)] = Member(role, relation, user)
    cast.members[("anonymous", "")] = Member("anonymous", "", None)
    return cast
