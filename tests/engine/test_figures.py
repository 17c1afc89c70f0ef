"""Figures as people write them are read, and written so that they read back the same."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jingtu.engine.figures import WrittenFigure, read_figure
from jingtu.engine.problems import Problem
from jingtu.engine.qualifiers import Qualifier

NUMBERS = st.decimals(-(10**12), 10**12, places=3)


@given(NUMBERS, st.sampled_from(list(Qualifier)), st.sampled_from(["", "%", "‰"]))
def test_what_is_written_reads_back_the_same(number: Decimal, qualifier: Qualifier, sign: str) -> None:
    figure = WrittenFigure(number, qualifier, sign)
    assert read_figure(figure.text()) == figure


@pytest.mark.parametrize("text", ["", "-", "—", "无数据", "N/A", "缺报"])
def test_what_says_that_there_is_no_figure_holds_none(text: str) -> None:
    assert read_figure(text) == WrittenFigure(None)
    assert WrittenFigure(None).text() == ""


@pytest.mark.parametrize("text", ["约5多", "5,00", "1e5", "98.5%%", "--5", "½", "=1+1", "五"])
def test_what_is_no_figure_is_refused(text: str) -> None:
    assert isinstance(read_figure(text), Problem)
