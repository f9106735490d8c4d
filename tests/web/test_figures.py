"""A number on a page never claims more than its interval."""

import pytest

from eigenform.web.components import Chart, Point, Series, point_texts
from eigenform.web.figures import CannotTell, Figure, common_scale, format_money


def figure(mean, low, high, unit="days", **more) -> Figure:
    return Figure(mean, low, high, unit, **({"n": 312, "age_days": 4, "model_version": "kalman 1"} | more))


class TestFigure:
    @pytest.mark.parametrize(
        ("mean", "low", "high", "unit", "text", "interval"),
        [
            (4_821_300, 3_120_000, 6_690_000, "GBP", "£48k", "£31k to £67k"),
            (4_821_300, 4_810_000, 4_830_000, "GBP", "£48,210", "£48,100 to £48,300"),
            (120_000, 20_000, 340_000, "GBP", "£1,200", "£200 to £3,400"),
            (482_130_000, 30_000_000, 669_000_000, "GBP", "£4.8m", "£0.3m to £6.7m"),
            (-1.31, -1.92, -0.72, "days", "−1.3 days", "−1.9 to −0.7 days"),
            (1.04, 0.6, 1.5, "days", "1.0 day", "0.6 to 1.5 days"),
            (0.341, 0.288, 0.412, "share", "34 %", "29 to 41 %"),
            (5.0, 5.0, 5.0, "days", "5.00 days", "5.00 to 5.00 days"),
            (12_345, 12_345, 12_345, "JPY", "¥12.3k", "¥12.3k to ¥12.3k"),
            (1000, 500, 1400, "PLN", "PLN 10", "PLN 5 to PLN 14"),
            (-4.0, -7.1, -1.0, "points", "−4.0 points", "−7.1 to −1.0 points"),
            (9_634, 0, 0, "GBP", "£96", "£0 to £0"),
            (-0.01, -0.4, 0.4, "points", "0.0 points", "−0.4 to 0.4 points"),
        ],
    )
    def test_shows_no_more_digits_than_its_interval_supports(self, mean, low, high, unit, text, interval):
        shown = figure(mean, low, high, unit)

        assert shown.text.replace("\N{NO-BREAK SPACE}", " ") == text
        assert shown.interval_text.replace("\N{NO-BREAK SPACE}", " ") == interval

    @pytest.mark.parametrize("numbers", [(float("nan"), 0, 1), (0, float("-inf"), 1), (0, 1, 0.5)])
    def test_refuses_what_is_no_interval(self, numbers):
        with pytest.raises(ValueError, match=r"finite|interval"):
            figure(*numbers)

    @pytest.mark.parametrize(
        ("low", "high", "sense"), [(-2, -1, "shortfall"), (1, 2, "surplus"), (-1, 2, ""), (0, 2, ""), (-2, 0, "")]
    )
    def test_takes_a_side_only_if_the_whole_interval_does(self, low, high, sense):
        assert figure((low + high) / 2, low, high, signed=True).sense == sense
        assert figure((low + high) / 2, low, high).sense == ""

    def test_money_that_was_paid_is_shown_to_the_penny(self):
        assert format_money(-123_450, "GBP") == "−£1,234.50"
        assert format_money(1234, "JPY") == "¥1,234"
        assert format_money(1234, "KWD") == "KWD\N{NO-BREAK SPACE}1.234"

    def test_a_common_scale_holds_every_interval_and_zero(self):
        both = [figure(5, 4, 9), CannotTell("Nothing known."), None, figure(3, 2, 4)]

        assert common_scale(both) == (0, 9)
        assert common_scale(both, zero=False) == (2, 9)
        assert common_scale([None]) == (0, 1)


class TestChartTable:
    @pytest.mark.parametrize(
        ("means", "texts"),
        [((29, 234, 9, 12_345), ["29", "234", "9", "12,345"]), ((29.5, 234, 9), ["29.50", "234.0", "9.000"])],
    )
    def test_counts_are_whole_numbers(self, means, texts):
        points = tuple(Point(str(i), mean) for i, mean in enumerate(means))
        chart = Chart("c", "histogram", "T", "S", "x", "y", (Series("Customers", points),))

        assert [point_texts(chart, point)[0] for point in points] == texts
