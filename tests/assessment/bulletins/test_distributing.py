"""Whom a bulletin is sent to, who has confirmed it, and that nobody learns of it before its time."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from jingtu.assessment.bulletins import distributing, gathering, queries, services
from jingtu.assessment.bulletins.distributing import Entry
from jingtu.assessment.bulletins.duties import bulletins_to_read
from jingtu.assessment.bulletins.models import Addressee, DistributionList
from jingtu.assessment.bulletins.rules import BulletinKind, EntryKind
from jingtu.assessment.runs import services as runs
from jingtu.core.accounts.models import Post, Unit, User
from jingtu.core.files.models import StoredFile
from jingtu.core.files.queries import may_open
from jingtu.core.kernel.clock import frozen, now
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from jingtu.core.notifications.models import Notice
from jingtu.core.numbering import services as numbering
from tests.access.cast import BUSINESS_ROLES, SINCE
from tests.assessment.office import Office

pytestmark = pytest.mark.django_db


def counties(office: Office) -> int:
    """A list of the people of all counties, and the city's leader."""
    entries = [
        Entry(EntryKind.LEVEL, office.city.pk, level="county"),
        Entry(EntryKind.POST, office.city.pk, role="leader"),
    ]
    return distributing.save_list(office.analyst, office.city.pk, "各县区和分管领导", entries).pk


# Everybody in post at the two counties, and the city's leader.
REACHED = 2 * len(BUSINESS_ROLES) + 1


def issued(office: Office) -> int:
    return services.issue(office.analyst, office.published().pk, number="", issuer_zh="本市禁毒办").pk


def test_a_list_comes_down_to_the_people_in_post_today_each_once(office: Office) -> None:
    bulletin = issued(office)
    sent = distributing.distribute(office.analyst, bulletin, counties(office))
    names = set(Addressee.objects.values_list("user__username", flat=True))
    assert names == {
        *(f"{role.value}.{relation}" for role in BUSINESS_ROLES for relation in ("own", "sibling")),
        "leader.ancestor",
    }  # fmt: skip
    assert sent.count == len(names)
    # The outsider county is no part of the city; nobody gets it a second time.
    assert distributing.distribute(office.analyst, bulletin, counties(office)).count == 0
    assert Notice.objects.filter(code="bulletins.sent").count() == len(names)


def test_a_bulletin_sent_twice_at_once_reaches_everybody_once(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    bulletin, to = issued(office), counties(office)
    people, first = distributing.people_of, iter([True])

    def overtaken(chosen: DistributionList) -> list[tuple[User, str, str]]:
        found = people(chosen)
        for _once in first:
            user = next(user for user, *_named in found if user.username == "leader.ancestor")
            Addressee.objects.create(
                bulletin_id=bulletin, user=user, place="市", role="leader", sent_at=now()
            )
        return found

    monkeypatch.setattr(distributing, "people_of", overtaken)
    distributing.distribute(office.analyst, bulletin, to)
    people_reached = list(Addressee.objects.values_list("user__username", flat=True))
    assert len(people_reached) == len(set(people_reached)) == REACHED
    assert Notice.objects.filter(code="bulletins.sent").count() == REACHED


def test_people_of_a_unit_without_the_right_to_read_get_nothing_and_are_named(office: Office) -> None:
    unit = Unit.objects.create(name="教育局", region=office.city)
    able, unable = (User.objects.create_user(name, full_name=name) for name in ("able", "unable"))
    Post.objects.create(user=able, role="viewer", region=office.city, unit=unit, valid_from=SINCE)
    Post.objects.create(
        user=unable, role="viewer", region=office.cast.places["outside"], unit=unit, valid_from=SINCE
    )
    chosen = distributing.save_list(
        office.analyst, office.city.pk, "成员单位", [Entry(EntryKind.UNIT, unit_id=unit.pk)]
    )
    sent = distributing.distribute(office.analyst, issued(office), chosen.pk)
    assert (sent.count, sent.without_right) == (1, 1)
    addressee = Addressee.objects.get()
    assert (addressee.as_whom, addressee.role) == ("教育局 查阅员", "viewer")
    with override("en"):
        assert addressee.as_whom == "教育局 Viewer"


def test_a_list_names_nobody_outside_the_area_of_its_office(office: Office) -> None:
    places = office.cast.places
    analyst, county = office.cast.actor("analyst", "own"), places["county_a"].pk
    foreign = Unit.objects.create(name="邻县单位", region=places["county_b"])
    outside = (
        Entry(EntryKind.REGION, places["county_b"].pk),
        Entry(EntryKind.REGION, office.city.pk),
        Entry(EntryKind.REGION, places["outside"].pk),
        Entry(EntryKind.LEVEL, office.city.pk, level="county"),
        Entry(EntryKind.LEVEL, county, level="province"),
        Entry(EntryKind.POST, office.city.pk, role="leader"),
        Entry(EntryKind.POST, county, role="auditor"),
        Entry(EntryKind.UNIT, unit_id=foreign.pk),
        Entry(EntryKind.UNIT, unit_id=10**9),
    )
    for entry in outside:
        with pytest.raises(InvalidInput) as refused:
            distributing.save_list(analyst, county, "本县", [Entry(EntryKind.REGION, county), entry])
        assert refused.value.problems[0].code == "bulletins.list_outside", entry
    assert not DistributionList.objects.exists()


def test_a_line_that_has_come_under_another_office_names_nobody(office: Office) -> None:
    places = office.cast.places
    analyst, county = office.cast.actor("analyst", "own"), places["county_a"].pk
    chosen = distributing.save_list(analyst, county, "本县", [Entry(EntryKind.REGION, county)])
    assert distributing.people_of(chosen)
    chosen.entries.update(region=places["county_b"])
    assert distributing.people_of(chosen) == []


def test_whoever_sends_learns_how_many_may_not_read_and_not_who(office: Office, client: Client) -> None:
    unit = Unit.objects.create(name="教育局", region=office.city)
    unable = User.objects.create_user("unable", full_name="无权之人")
    Post.objects.create(
        user=unable, role="viewer", region=office.cast.places["outside"], unit=unit, valid_from=SINCE
    )
    chosen = distributing.save_list(
        office.analyst, office.city.pk, "成员单位", [Entry(EntryKind.UNIT, unit_id=unit.pk)]
    )
    client.force_login(office.analyst.user)
    address = reverse("bulletins:send", args=[issued(office)])
    page = client.post(address, {"list": chosen.pk}, follow=True).content.decode()
    assert "有1人没有查看权限" in page
    assert "无权之人" not in page


def test_a_receipt_is_given_once_by_whom_it_was_sent_to(office: Office) -> None:
    bulletin = issued(office)
    distributing.distribute(office.analyst, bulletin, counties(office))
    reader = office.cast.actor("viewer", "own")
    assert len(bulletins_to_read(reader)) == 1
    row = distributing.confirm_read(reader, bulletin)
    assert distributing.confirm_read(reader, bulletin).read_at == row.read_at
    assert bulletins_to_read(reader) == []
    with pytest.raises(Conflict):
        distributing.confirm_read(office.cast.actor("viewer", "ancestor"), bulletin)
    with pytest.raises(NotFound):
        distributing.confirm_read(office.cast.actor("viewer", "outsider"), bulletin)
    stored = queries.get_bulletin(office.analyst, bulletin)
    assert sum(1 for one in queries.receipts(office.analyst, stored) if one.read_at) == 1
    assert [one.user_id for one in queries.receipts(reader, stored)] == [reader.user_id]


def test_whoever_sends_learns_which_assessed_places_it_did_not_reach(office: Office, client: Client) -> None:
    bulletin = issued(office)
    client.force_login(office.analyst.user)
    page = reverse("bulletins:detail", args=[bulletin])
    assert "还没有人收到" not in client.get(page).content.decode()
    only = office.cast.places["county_a"]
    chosen = distributing.save_list(
        office.analyst, office.city.pk, "甲县", [Entry(EntryKind.REGION, region_id=only.pk)]
    )
    distributing.distribute(office.analyst, bulletin, chosen.pk)
    assert (
        f"1 个被考核地区（单位）还没有人收到：{office.cast.places['county_b'].name}"
        in client.get(page).content.decode()
    )
    distributing.distribute(office.analyst, bulletin, counties(office))
    assert "还没有人收到" not in client.get(page).content.decode()


def test_only_those_who_have_not_confirmed_are_reminded(office: Office) -> None:
    bulletin = issued(office)
    with pytest.raises(Conflict) as refused:
        distributing.remind(office.analyst, bulletin)
    assert refused.value.problem.code == "bulletins.never_sent"
    distributing.distribute(office.analyst, bulletin, counties(office))
    distributing.confirm_read(office.cast.actor("viewer", "own"), bulletin)
    with pytest.raises(PermissionDenied):
        distributing.remind(office.cast.actor("viewer", "own"), bulletin)
    assert distributing.remind(office.analyst, bulletin) == REACHED - 1
    told = set(Notice.objects.filter(code="bulletins.remind").values_list("recipient__username", flat=True))
    assert "viewer.own" not in told
    assert "reporter.own" in told


def test_whoever_was_sent_the_bulletin_of_a_withdrawn_assessment_is_told_and_every_page_says_so(
    office: Office, client: Client
) -> None:
    bulletin, to = issued(office), counties(office)
    distributing.distribute(office.analyst, bulletin, to)
    reader = office.cast.actor("viewer", "own")
    runs.withdraw(office.reviewer, queries.get_bulletin(reader, bulletin).run_id, "口径有误，撤回")
    assert Notice.objects.filter(code="bulletins.void").count() == REACHED
    assert bulletins_to_read(reader) == []
    for act in (lambda: distributing.remind(office.analyst, bulletin),
                lambda: distributing.distribute(office.analyst, bulletin, to)):  # fmt: skip
        with pytest.raises(Conflict) as refused:
            act()
        assert refused.value.problem.code == "bulletins.not_valid"
    with pytest.raises(Conflict) as refused:
        distributing.confirm_read(reader, bulletin)
    assert refused.value.problem.code == "bulletins.receipt_void"
    client.force_login(reader.user)
    assert "口径有误，撤回" in client.get(reverse("bulletins:detail", args=[bulletin])).content.decode()
    assert "已撤回" in client.get(reverse("bulletins:list")).content.decode()


def test_the_bulletin_of_a_replaced_version_points_to_the_new_one(office: Office, client: Client) -> None:
    old = services.issue(office.analyst, office.published().pk, number="", issuer_zh="本市禁毒办")
    office.change("township_a2", "done", 18)
    new = runs.submit_for_review(office.analyst, runs.correct(office.analyst, old.run_id, "甲二镇漏报").pk)
    runs.approve_and_publish(office.reviewer, new.pk)
    client.force_login(office.analyst.user)
    page = client.get(reverse("bulletins:detail", args=[old.pk])).content.decode()
    assert "以新版为准" in page
    assert reverse("runs:detail", args=[new.pk]) in page


def test_when_the_version_that_replaced_a_bulletin_is_withdrawn_nobody_is_sent_to_it(
    office: Office, client: Client
) -> None:
    old = services.issue(office.analyst, office.published().pk, number="", issuer_zh="本市禁毒办")
    to = counties(office)
    distributing.distribute(office.analyst, old.pk, to)
    office.change("township_a2", "done", 18)
    new = runs.submit_for_review(office.analyst, runs.correct(office.analyst, old.run_id, "甲二镇漏报").pk)
    runs.approve_and_publish(office.reviewer, new.pk)
    for act in (lambda: distributing.remind(office.analyst, old.pk),
                lambda: distributing.distribute(office.analyst, old.pk, to)):  # fmt: skip
        with pytest.raises(Conflict) as refused:
            act()
        assert refused.value.problem.code == "bulletins.replaced"
    newer = services.issue(office.analyst, new.pk, number="", issuer_zh="本市禁毒办")
    leader = [Entry(EntryKind.POST, office.city.pk, role="leader")]
    only = distributing.save_list(office.analyst, office.city.pk, "分管领导", leader)
    distributing.distribute(office.analyst, newer.pk, only.pk)
    runs.withdraw(office.reviewer, new.pk, "口径有误，撤回")
    # Each is told once: of the bulletin they were sent last.
    told = Notice.objects.filter(code__startswith="bulletins.void").values_list("code", "recipient__username")
    assert [one for one in told if one[1] == "leader.ancestor"] == [("bulletins.void", "leader.ancestor")]
    assert sorted(code for code, _ in told) == ["bulletins.void"] + (REACHED - 1) * ["bulletins.void_newer"]
    client.force_login(office.analyst.user)
    page = client.get(reverse("bulletins:detail", args=[old.pk])).content.decode()
    assert "以新版为准" not in page
    assert "新版又已撤回" in page
    assert reverse("bulletins:remind", args=[old.pk]) not in page
    assert reverse("bulletins:send", args=[old.pk]) not in page


def test_a_bulletin_issued_before_the_release_is_unknown_until_then(office: Office) -> None:
    at = now() + dt.timedelta(hours=4)
    run = runs.approve_and_publish(office.reviewer, office.in_review().pk, release_at=at)
    bulletin = services.issue(office.analyst, run.pk, number="", issuer_zh="本市禁毒办")
    distributing.distribute(office.analyst, bulletin.pk, counties(office))
    reader = office.cast.actor("viewer", "own")
    stored = StoredFile.objects.filter(purpose="bulletin").first()
    assert stored is not None
    with pytest.raises(Conflict):
        distributing.remind(office.analyst, bulletin.pk)
    assert not Notice.objects.filter(code__startswith="bulletins.").exists()
    assert not queries.bulletins(reader).exists()
    assert bulletins_to_read(reader) == []
    assert not may_open(reader, stored)
    with frozen(at + dt.timedelta(minutes=1)):
        runs.release_due()
    assert Notice.objects.filter(code="bulletins.sent", recipient=reader.user).count() == 1
    assert len(bulletins_to_read(reader)) == 1
    assert may_open(reader, stored)


def test_a_bulletin_bears_the_number_of_its_run_and_the_kind_of_its_draft(office: Office) -> None:
    series = numbering.make_series(office.analyst, office.city.pk, name="通报", office="本禁办通")
    runs.set_release_rule(office.reviewer, office.city.pk, "card", series_id=series.pk)
    run = office.in_review()
    services.plan(office.analyst, run.pk, BulletinKind.DAILY)
    runs.approve_and_publish(office.reviewer, run.pk)
    draft = queries.draft_for(office.analyst, run.pk)
    assert (draft.kind, draft.number) == ("daily", f"本禁办通〔{now().year}〕1号")
    bulletin = services.issue(office.analyst, run.pk, number="", issuer_zh="本市禁毒办")
    assert (bulletin.kind, bulletin.number) == ("daily", f"本禁办通〔{now().year}〕1号")
    with pytest.raises(PermissionDenied):
        services.plan(office.cast.actor("viewer", "ancestor"), run.pk, BulletinKind.FULL)


def test_a_list_belongs_to_an_office(office: Office) -> None:
    with pytest.raises(PermissionDenied):
        distributing.save_list(
            office.cast.actor("analyst", "own"),
            office.city.pk,
            "x",
            [Entry(EntryKind.REGION, office.city.pk)],
        )
    with pytest.raises(InvalidInput):
        distributing.save_list(office.analyst, office.city.pk, "x", [])
    foreign = distributing.save_list(
        office.cast.actor("analyst", "sibling"),
        office.cast.places["county_b"].pk,
        "乙县",
        [Entry(EntryKind.REGION, office.cast.places["county_b"].pk)],
    )
    with pytest.raises(NotFound):
        distributing.distribute(office.analyst, issued(office), foreign.pk)


def test_a_later_version_says_in_its_bulletin_what_changed(office: Office) -> None:
    first = office.published()
    office.change("township_a2", "done", 18, note="漏报更正")
    newer = runs.submit_for_review(office.analyst, runs.correct(office.analyst, first.pk, "甲二镇漏报").pk)
    newer = runs.approve_and_publish(office.reviewer, newer.pk)
    source = gathering.source_of(queries.draft_for(office.analyst, newer.pk))
    [changed] = [one for one in source.version_changes if one.place == "甲县"]
    assert changed.total is not None
    assert changed.earlier_total is not None
    assert changed.total > changed.earlier_total
    assert source.version_reason == "甲二镇漏报"
