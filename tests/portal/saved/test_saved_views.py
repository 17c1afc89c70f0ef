"""Views that people keep: an address under a name, in their order, shared without widening any right."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from jingtu.core.kernel.errors import InvalidInput, NotFound
from jingtu.portal.saved import queries, services
from jingtu.portal.saved.rules import moved, tidy
from tests.access.cast import Cast
from tests.assessment.office import Office

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(office: Office) -> Cast:
    return office.cast


def test_a_view_keeps_the_filters_and_drops_the_page_number(cast: Cast) -> None:
    leader = cast.actor("leader", "own")
    view = services.save_view(leader, " 本县红线 ", "/?region=7&mark=below&page=3")
    assert (view.name, view.address) == ("本县红线", "/?region=7&mark=below")
    assert list(queries.own_views(leader)) == [view]


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "/sign-in/",
        "/api/v1/me",
        "/nothing/here/",
        "",
        "/views/",
        "/?q=" + "x" * 2000,
    ],
)
def test_only_pages_of_the_rooms_are_kept(cast: Cast, address: str) -> None:
    with pytest.raises(InvalidInput):
        services.save_view(cast.actor("leader", "own"), "x", address)


@given(st.text(max_size=60))
def test_a_kept_address_never_leaves_the_site(text: str) -> None:
    address = tidy(text)
    assert address == "" or (address.startswith("/") and not address.startswith("//"))
    assert tidy(address) == address


@given(st.lists(st.integers(0, 50), unique=True, min_size=1, max_size=12), st.data())
def test_moving_keeps_every_view_once(order: list[int], data: st.DataObject) -> None:
    pk = data.draw(st.sampled_from(order))
    step = data.draw(st.integers(-3, 3))
    assert sorted(moved(order, pk, step)) == sorted(order)
    assert moved(order, pk, 0) == order


def test_a_name_is_used_once_and_free_again_after_removal(cast: Cast) -> None:
    leader = cast.actor("leader", "own")
    first = services.save_view(leader, "甲", "/")
    with pytest.raises(InvalidInput):
        services.save_view(leader, "甲", "/indicators/")
    services.remove_view(leader, first.pk)
    services.save_view(leader, "甲", "/indicators/")
    with pytest.raises(InvalidInput):
        services.restore_view(leader, first.pk)


def test_a_removed_view_can_be_brought_back(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.user("leader", "own"))
    view = services.save_view(cast.actor("leader", "own"), "甲", "/")
    page = client.post(reverse("saved:act", args=[view.pk, "remove"]), follow=True).content.decode()
    assert "已删除“甲”" in page
    client.post(reverse("saved:act", args=[view.pk, "restore"]))
    assert [kept.name for kept in queries.own_views(cast.actor("leader", "own"))] == ["甲"]


def test_nobody_touches_the_views_of_others(cast: Cast) -> None:
    view = services.save_view(cast.actor("leader", "own"), "甲", "/")
    other = cast.actor("analyst", "own")
    for act in (
        lambda: services.remove_view(other, view.pk),
        lambda: services.change_view(other, view.pk, "乙", None),
        lambda: services.set_home(other, view.pk, True),
        lambda: services.move_view(other, view.pk, 1),
    ):
        with pytest.raises(NotFound):
            act()


def test_a_shared_view_reaches_the_unit_and_those_below_and_shows_each_their_own(office: Office) -> None:
    cast = office.cast
    office.published()
    county = cast.places["county_a"]
    services.save_view(cast.actor("leader", "own"), "看本县", f"/?region={county.pk}", share_with=county.pk)
    below, beside = cast.actor("reporter", "descendant"), cast.actor("leader", "sibling")
    assert [view.name for view in queries.shared_views(below)] == ["看本县"]
    assert list(queries.shared_views(beside)) == []
    # The address opens with the reader's rights: an outsider who is told it sees no run.
    client = Client()
    client.force_login(cast.user("leader", "outsider"))
    board = client.get(f"/?region={county.pk}").context["board"]
    assert board.run is None


def test_a_view_is_shared_only_inside_ones_own_posts(cast: Cast) -> None:
    with pytest.raises(InvalidInput):
        services.save_view(cast.actor("leader", "own"), "甲", "/", share_with=cast.places["county_b"].pk)


def test_the_day_begins_with_the_chosen_view_and_only_one(cast: Cast) -> None:
    leader = cast.actor("leader", "own")
    client = Client()
    client.force_login(cast.user("leader", "own"))
    assert client.get(reverse("saved:start")).headers["Location"] == "/"
    services.save_view(leader, "甲", "/indicators/?n=6", home=True)
    second = services.save_view(leader, "乙", "/figures/", home=True)
    assert client.get(reverse("saved:start")).headers["Location"] == "/figures/"
    services.remove_view(leader, second.pk)
    assert client.get(reverse("saved:start")).headers["Location"] == "/"


def test_the_navigation_offers_to_keep_the_page_around_it(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.user("leader", "own"))
    around = {"HX-Request": "true", "HX-Current-URL": "http://testserver/indicators/?n=6&page=2"}
    part = client.get(reverse("saved:menu"), headers=around).content.decode()
    assert "/views/new/?address=%2Findicators%2F%3Fn%3D6" in part
    services.save_view(cast.actor("leader", "own"), "六期", "/indicators/?n=6")
    part = client.get(reverse("saved:menu"), headers=around).content.decode()
    assert 'aria-current="page"' in part
    assert "/views/new/" not in part


def test_keeping_a_page_through_the_form_returns_to_it(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.user("leader", "own"))
    form = {"name": "六期", "address": "/indicators/?n=6", "share_with": ""}
    assert client.post(reverse("saved:new"), form).headers["Location"] == "/indicators/?n=6"
    assert client.post(reverse("saved:new"), form).status_code == 422


def test_the_menu_asks_a_constant_number_of_queries(
    cast: Cast, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    client = Client()
    client.force_login(cast.user("leader", "own"))
    for number in range(12):
        services.save_view(cast.actor("leader", "own"), f"视图{number}", "/")
    with django_assert_max_num_queries(6):  # type: ignore[operator]
        client.get(reverse("saved:menu"))
