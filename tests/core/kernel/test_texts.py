"""What a text of an address or a form is: an id, something that can be kept, words of a language."""

from __future__ import annotations

import pytest
from django.utils.translation import get_language, gettext_lazy, override
from hypothesis import given
from hypothesis import strategies as st

from jingtu.core.kernel.characters import refuse_unseen, seen, unprintable, unseen, unseen_in_person
from jingtu.core.kernel.errors import InvalidInput
from jingtu.core.kernel.ids import LARGEST, id_in, ids_in
from jingtu.core.kernel.languages import in_both, speaking


@pytest.mark.parametrize("text", [None, "", " 7", "-7", "7.0", "²", "٧", "x", str(LARGEST + 1), "9" * 4000])
def test_what_is_no_id_is_none(text: str | None) -> None:
    assert id_in(text) is None


@given(st.integers(0, LARGEST))
def test_every_id_is_read_as_itself(number: int) -> None:
    assert id_in(str(number)) == number
    assert ids_in([str(number), "x"]) == [number]


@pytest.mark.parametrize(
    ("text", "kept", "refused"),
    [
        ("一行\n二行\t三", None, False),
        ("一行\n二行", "\r\n", False),
        ("一行\t二", "\r\n", True),
        ("一行\n二行", "", True),
        ("a\x85b", None, False),
        ("a\x85b", "\r\n", True),
        ("a\x00b", None, True),
        ("a\x00b", "\x00", True),
        ("半\ud800", "\r\n", True),
        ("字", "", False),
    ],
)
def test_characters_that_cannot_be_kept_or_printed(text: str, kept: str | None, refused: bool) -> None:
    assert unprintable(text, kept=kept) is refused


@pytest.mark.parametrize(
    ("name", "refused"),
    [
        ("王分析", False),
        ("Ann O’Neil", False),
        ("吾尔开希·多莱特", False),
        ("\u200b\u200b", True),
        ("甲\u202e乙", True),
        ("甲\u2028乙", True),
        ("甲\n乙", True),
        *(
            (f"甲{blank}", True)
            for blank in "\u3164\u115f\u1160\uffa0\u2800\u034f\u180b\u2065\ufe0f\U000e0100"
        ),
    ],
)
def test_a_name_is_seen_whole(name: str, refused: bool) -> None:
    assert unseen(name) is refused


@pytest.mark.parametrize(
    ("name", "refused"),
    [
        ("葛\U000e0100某", False),
        ("\u1820\u180b", False),
        ("葛\U000e0100\U000e0101", True),
        ("A\U000e0100", True),
        ("\u3164", True),
        ("葛\u200b", True),
    ],
)
def test_the_name_of_a_person_may_choose_the_form_of_a_character(name: str, refused: bool) -> None:
    assert unseen_in_person(name) is refused


@pytest.mark.parametrize(
    ("text", "read"), [("\u200b" * 4, ""), (" \u3164 \u2800 ", ""), ("属实 无误\u200b", "属实 无误")]
)
def test_only_what_is_seen_counts_as_written(text: str, read: str) -> None:
    assert seen(text) == read


def test_words_are_spoken_in_the_language_asked_for_and_the_page_goes_on_in_its_own() -> None:
    with override("en"):
        with speaking("zh"):
            assert get_language() == "zh-hans"
        assert get_language() == "en"
        with speaking("en"):
            assert get_language() == "en"


@pytest.mark.parametrize("around", ["zh-hans", "en"])
def test_a_word_is_told_in_both_languages_whatever_is_spoken_around(around: str) -> None:
    with override(around):
        assert in_both(gettext_lazy("导出")) == ("导出", "Export")
        assert get_language() == around


def test_a_name_with_what_nobody_sees_is_refused_at_its_field_and_shown_with_the_place_marked() -> None:
    refuse_unseen(name="甲县 轨迹（2026）", title="")
    with pytest.raises(InvalidInput) as refused:
        refuse_unseen(name="甲\u200b县", title="乙县", label="\u202e丙")
    assert [problem.column for problem in refused.value.problems] == ["name", "label"]
    assert "“甲□县”" in refused.value.problems[0].text("zh")
