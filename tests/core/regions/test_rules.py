from __future__ import annotations

from jingtu.core.regions.rules import preorder, search_keys


def test_names_are_found_by_full_pinyin_and_by_initials() -> None:
    assert search_keys("祁阳市") == ("qiyangshi", "qys")


def test_a_character_with_two_readings_takes_the_one_of_the_place_name() -> None:
    assert search_keys("重庆市")[1] == "cqs"


def test_latin_names_keep_their_letters_and_give_first_letters() -> None:
    assert search_keys("Saint-Denis 93") == ("saintdenis93", "sd9")


def test_positions_are_pre_order_and_last_is_the_last_descendant() -> None:
    numbered = preorder({None: ["r"], "r": ["a", "b"], "a": ["c", "d"]})
    assert numbered == [("r", 0, 4, 0), ("a", 1, 3, 1), ("c", 2, 2, 2), ("d", 3, 3, 2), ("b", 4, 4, 1)]


def test_a_chain_deeper_than_the_recursion_limit_is_numbered() -> None:
    depth = 5_000
    chain: dict[int | None, list[int]] = {None: [0], **{n: [n + 1] for n in range(depth)}}
    numbered = preorder(chain)
    assert numbered[0] == (0, 0, depth, 0)
    assert numbered[-1] == (depth, depth, depth, depth)
