"""A day of which nothing can be known is refused at once, not reckoned for minutes."""

from datetime import date, timedelta

import pytest

from eigenform import loop
from eigenform.control.contracts import TooFarAhead
from tests.loop import firm


@pytest.mark.parametrize("as_of", [date(9999, 12, 31), firm.NOW.date() + timedelta(days=367)])
def test_a_turn_far_ahead_is_refused_with_the_latest_day(empty_books, as_of):
    with pytest.raises(TooFarAhead, match=str(firm.NOW.date() + timedelta(days=366))):
        loop.turn(as_of=as_of, scope=firm.LEADER, now=firm.NOW, dry_run=True)


def test_a_year_ahead_is_reckoned(empty_books):
    answer = loop.turn(as_of=firm.NOW.date() + timedelta(days=366), scope=firm.LEADER, now=firm.NOW, dry_run=True)

    assert answer.as_of == firm.NOW.date() + timedelta(days=366)
