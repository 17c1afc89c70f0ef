from __future__ import annotations

import pytest

from jingtu.engine.problems import Problem, refuse, register_texts

register_texts({"test.unknown": ("没有“{name}”", 'no "{name}"')})


def test_a_problem_names_row_column_and_sentence_in_both_languages() -> None:
    problem = Problem("test.unknown", {"name": "甲"}, row=3, column="地区")
    assert problem.located_text("zh") == "第3行“地区”列：没有“甲”"
    assert problem.located_text("en") == 'row 3, column "地区": no "甲"'


def test_two_languages_must_use_the_same_placeholders() -> None:
    with pytest.raises(ValueError, match="placeholders"):
        register_texts({"test.uneven": ("{a}", "{b}")})


def test_a_code_cannot_be_registered_with_other_words() -> None:
    with pytest.raises(ValueError, match="twice"):
        register_texts({"test.unknown": ("另一句{name}", "another {name}")})


def test_refuse_makes_an_exception_that_carries_the_problem() -> None:
    error = refuse("test.unknown", row=2, name="乙")
    assert error.problems[0].row == 2
    assert "乙" in str(error)
