"""Subscriptions: due once, told with the receiver's rights of that moment, ended by one button."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from jingtu.assessment.subscriptions import services
from jingtu.assessment.subscriptions.figures import figures
from jingtu.assessment.subscriptions.models import Subscription
from jingtu.assessment.subscriptions.rules import MOST_INDICATORS, content_problem, next_day
from jingtu.core.accounts.actors import UserActor
from jingtu.core.accounts.models import Post
from jingtu.core.kernel.clock import frozen
from jingtu.core.kernel.errors import InvalidInput, NotFound, PermissionDenied
from jingtu.core.notifications.models import Channel, Delivery, Notice
from tests.assessment.office import FIGURES, Office

NOON = dt.datetime(2026, 11, 22, 12, tzinfo=timezone.get_default_timezone())  # a Sunday


@pytest.mark.parametrize(
    ("cadence", "after", "day"),
    [
        ("weekly", "2026-11-22", "2026-11-23"),
        ("weekly", "2026-11-23", "2026-11-30"),
        ("monthly", "2026-11-09", "2026-11-10"),
        ("monthly", "2026-11-10", "2026-12-10"),
        ("monthly", "2026-12-31", "2027-01-10"),
        ("monthly", "2027-01-31", "2027-02-10"),
    ],
)
def test_the_next_day(cadence: str, after: str, day: str) -> None:
    assert next_day(cadence, dt.date.fromisoformat(after)) == dt.date.fromisoformat(day)


def test_a_subscription_is_neither_empty_nor_endless() -> None:
    assert content_problem([1], ["A"]) is None
    assert content_problem([], ["A"]) is not None
    assert content_problem([1], [str(number) for number in range(MOST_INDICATORS + 1)]) is not None


def make(office: Office, role: str = "leader", relation: str = "ancestor", **changes: object) -> Subscription:
    values: dict[str, object] = {
        "name": "两县两项",
        "regions": [office.cast.places[place].pk for place in ("county_a", "county_b")],
        "indicators": ["RATE", "CASES"],
        "cadence": "weekly",
        "way": "inside",
    }
    with frozen(NOON):
        return services.save(office.cast.actor(role, relation), **{**values, **changes})  # type: ignore[arg-type]


def test_it_shows_the_latest_published_figures_with_change_and_state(office: Office) -> None:
    office.report("2026-08", {**FIGURES, "township_b": (30, 24, 9)})
    for month in ("2026-08", "2026-09"):
        office.published(month)
    subscription = make(office)
    shown = figures(office.cast.actor("analyst", "ancestor"), subscription)
    assert [(figure.place, figure.code) for figure in shown] == [
        ("甲县", "RATE"),
        ("甲县", "CASES"),
        ("乙县", "RATE"),
        ("乙县", "CASES"),
    ]
    rate = shown[2]
    assert (str(rate.value), str(rate.change), rate.mark) == ("100.00", "20.00", "met")


def test_small_counts_never_leave_the_system(office: Office) -> None:
    office.published()
    places = [office.cast.places[place].pk for place in ("township_a2", "county_b")]
    subscription = make(office, "analyst", "ancestor", regions=places)
    analyst = office.analyst
    inside = {(figure.place, figure.code): figure for figure in figures(analyst, subscription)}
    outside = {(figure.place, figure.code): figure for figure in figures(analyst, subscription, outside=True)}
    hidden = [key for key in inside if inside[key].value is not None and outside[key].value is None]
    assert hidden == [("甲二镇", "RATE")]  # 3 of 20
    message = services.worded(analyst, f"{subscription.pk}:2026-11-23")
    assert message is not None
    text = "\n".join(line for line, _link in message.lines)
    assert "15.00" not in text
    assert "100.00" in text


def test_only_what_the_receiver_may_read_is_shown(office: Office) -> None:
    office.published()
    township = [office.cast.places["township_b"].pk]
    with pytest.raises(InvalidInput):
        make(office, "leader", "own", regions=township)
    subscription = make(office, "leader", "ancestor", regions=township, indicators=["CASES"])
    assert figures(office.cast.actor("leader", "ancestor"), subscription)
    assert not figures(office.cast.actor("leader", "own"), subscription)
    assert not figures(office.cast.actor("leader", "outsider"), subscription)
    with pytest.raises(PermissionDenied):
        services.save(
            office.cast.actor("auditor"),
            name="x",
            regions=[1],
            indicators=["RATE"],
            cadence="weekly",
            way="inside",
        )


def test_wrong_choices_are_refused(office: Office) -> None:
    make(office)
    for changes in (
        {"name": "两县两项"},
        {"name": "b", "indicators": ["NOPE"]},
        {"name": "c", "way": "group"},
        {"name": "d", "regions": []},
    ):
        with pytest.raises(InvalidInput):
            make(office, **changes)


def test_it_is_due_once_however_long_the_machine_was_off(office: Office) -> None:
    office.published()
    subscription = make(office, way="email")
    with frozen(NOON):
        assert services.send_due() == 0
    with frozen(NOON.replace(hour=7) + dt.timedelta(days=1)):
        assert services.send_due() == 0  # nobody is woken
    later = NOON + dt.timedelta(days=17)
    with frozen(later):
        assert services.send_due() == 1
        assert services.send_due() == 0
    subscription.refresh_from_db()
    assert subscription.next_on == dt.date(2026, 12, 14)
    assert Notice.objects.filter(code="subscriptions.due").count() == 1
    assert Delivery.objects.filter(source="subscription").count() == 1


def test_a_post_that_has_ended_ends_the_telling(office: Office) -> None:
    office.published()
    make(office)
    leader = office.cast.user("leader", "ancestor")
    Post.objects.filter(user=leader).update(ended_at=NOON)
    with frozen(NOON + dt.timedelta(days=2)):
        assert services.send_due() == 0
    assert not Notice.objects.filter(code="subscriptions.due").exists()


def test_a_group_is_written_to_by_whoever_answers_for_it(office: Office) -> None:
    office.published()
    leader = office.cast.user("leader", "ancestor")
    group = Channel.objects.create(name="工作群", kind="webhook", secret="v1:x", responsible=leader)
    with pytest.raises(InvalidInput):
        make(office, "analyst", "ancestor", way="group", channel_id=group.pk)
    subscription = make(office, way="group", channel_id=group.pk)
    with frozen(NOON + dt.timedelta(days=1)):
        services.send_due()
    assert Delivery.objects.get(source="subscription").channel == group
    message = services.worded(UserActor(leader), f"{subscription.pk}:2026-11-23")
    assert message is not None
    assert subscription.token not in str(message)  # the group cannot end one person's subscription
    group.responsible = office.cast.user("analyst", "ancestor")
    group.save()
    with frozen(NOON + dt.timedelta(days=8)):
        services.send_due()
    assert Delivery.objects.filter(source="subscription").count() == 1


def test_a_mail_is_ended_by_one_button_without_signing_in(office: Office, client: Client) -> None:
    office.published()
    subscription = make(office, way="email")
    message = services.worded(office.cast.actor("leader", "ancestor"), f"{subscription.pk}:x")
    assert message is not None
    address = reverse("subscriptions:stop", args=[subscription.token])
    assert message.lines[-1][1] == address
    page = client.get(address)
    assert subscription.name not in page.content.decode()
    subscription.refresh_from_db()
    assert subscription.active  # looking ends nothing: mail scanners open links
    client.post(address)
    subscription.refresh_from_db()
    assert not subscription.active
    assert services.worded(office.cast.actor("leader", "ancestor"), f"{subscription.pk}:x") is None
    assert not services.end_by_token("wrong")


def test_nobody_ends_anothers_subscription(office: Office) -> None:
    subscription = make(office)
    with pytest.raises(NotFound):
        services.end(office.analyst, subscription.pk)
    services.end(office.cast.actor("leader", "ancestor"), subscription.pk)
    assert not Subscription.objects.exists()
