"""Kinds of arguments that several commands take."""

from datetime import date, datetime
from typing import Any

import click


class IsoDate(click.ParamType):
    """A day as 2018-11-01."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Return the day, or end with wrong usage."""
        if isinstance(value, date):
            return value
        try:
            return datetime.strptime(value, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            self.fail(f"'{value}' is not a day; write it as 2018-11-01", param, ctx)


ISO_DATE = IsoDate()
