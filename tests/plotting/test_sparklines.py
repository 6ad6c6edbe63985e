"""Curves and tables as text."""

import io
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite.plotting.sparklines import ASCII, BLOCKS, marks_for, sparkline
from autograd_lite.plotting.tables import table

numbers = st.floats(allow_nan=True, allow_infinity=True)


@given(st.lists(numbers, max_size=200), st.integers(1, 80), st.booleans())
def test_a_sparkline_is_as_wide_as_there_is_room_and_holds_marks_only(curve: list[float], width: int, logarithmic: bool) -> None:
    line = sparkline(curve, width, logarithmic=logarithmic)
    assert len(line) == min(len(curve), width)
    assert set(line) <= {*BLOCKS, " "}


@given(st.lists(st.floats(-1e308, 1e308), min_size=2, max_size=60))
def test_higher_numbers_never_have_lower_bars(curve: list[float]) -> None:
    line = sparkline(sorted(curve), 60)
    assert list(line) == sorted(line)
    if max(curve) > min(curve):
        assert (line[0], line[-1]) == (BLOCKS[0], BLOCKS[-1])


def test_the_whole_range_of_floats_fits() -> None:
    assert sparkline([-1.7e308, 0.0, 1.7e308]) == "▁▅█"


def test_a_flat_curve_is_flat() -> None:
    assert len(set(sparkline([3.0] * 5))) == 1


def test_what_is_no_number_leaves_a_blank() -> None:
    assert sparkline([1.0, math.nan, 2.0, math.inf]) == "▁ █ "
    assert sparkline([], 10) == ""
    assert sparkline([0.0, -1.0], logarithmic=True) == "  "


def test_many_numbers_are_averaged_not_dropped() -> None:
    spike = [0.0] * 999
    spike[500] = 1000.0
    assert sparkline(spike, 9) == "▁▁▁▁█▁▁▁▁"


def test_a_logarithmic_sparkline_goes_by_powers() -> None:
    assert sparkline([1.0, 10.0, 100.0, 1000.0, 1e4, 1e5, 1e6, 1e7], logarithmic=True) == BLOCKS


def test_marks_follow_the_encoding_of_the_stream() -> None:
    assert marks_for(io.TextIOWrapper(io.BytesIO(), encoding="utf-8")) == BLOCKS
    assert marks_for(io.TextIOWrapper(io.BytesIO(), encoding="latin-1")) == ASCII
    assert len(BLOCKS) == len(ASCII)


@pytest.mark.parametrize(("width", "marks"), [(0, BLOCKS), (5, "")])
def test_no_room_or_no_marks_is_refused(width: int, marks: str) -> None:
    with pytest.raises(ValueError, match="requires a width of at least 1 and at least one mark"):
        sparkline([1.0], width, marks=marks)


# ---- tables ------------------------------------------------------------------------------------------------------------------


def test_columns_of_numbers_stand_to_the_right_and_texts_to_the_left() -> None:
    assert table(["name", "n"], [["a", 5], ["bcdef", 12_345]]) == "name        n\na           5\nbcdef  12,345"


def test_missing_numbers_are_blank_and_truth_is_a_word() -> None:
    assert table(["n", "ok"], [[None, True], [1.5, False]], indent="  ") == "    n  ok\n       True\n  1.5  False"


def test_a_table_without_rows_is_its_headings() -> None:
    assert table(["a", "b"], []) == "a  b"


def test_a_row_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match=r"a row of 1 cells under 2 headings: \[1\]"):
        table(["a", "b"], [[1]])
