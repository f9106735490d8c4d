"""Readings and answers to judge, each made of a few plain numbers."""

from datetime import date

import numpy as np

from eigenform.offerings.contracts import Readings
from eigenform.offerings.decisions import Answers

AS_OF = date(2026, 3, 2)
TODAY = float((AS_OF - date(1970, 1, 1)).days)


def readings(*rows, unit="days"):
    """Make readings of (category, customer, gap, days ago) and, if given, partner, segment, weight."""
    full = [(*row, *("", "", 1.0)[len(row) - 4 :]) for row in rows]
    category, customer, gap, ago, partner, segment, weight = (list(column) for column in zip(*full, strict=True))
    gaps = np.array([np.nan if g is None else g for g in gap], float)
    return Readings(
        category=np.array(category),
        attribute=np.full(len(full), "delivery"),
        segment=np.array(segment),
        partner=np.array([f"partner:{p}" if p else "" for p in partner]),
        customer=np.array([f"customer:{c}" if c else "" for c in customer]),
        unit=np.full(len(full), unit),
        gap=gaps,
        short=np.where(np.isnan(gaps), 1.0, gaps < 0).astype(float),  # not delivered at all: it fell short
        day=TODAY - np.array(ago, float),
        weight=np.array(weight, float),
    )


def answers(*rows):
    """Make answers of (kind, score, days ago) and, if given, channel, half, segment, customer."""
    full = [(*row, *("email", "", "", "")[len(row) - 3 :]) for row in rows]
    kind, score, ago, channel, half, segment, customer = (list(column) for column in zip(*full, strict=True))
    n = len(full)
    return Answers(
        category=np.full(n, "Chairs"),
        attribute=np.full(n, "comfort"),
        segment=np.array(segment),
        customer=np.array([f"customer:{c}" if c else "" for c in customer]),
        kind=np.array(kind),
        unit=np.full(n, "points"),
        channel=np.array(channel),
        half=np.array(half),
        score=np.array(score, float),
        day=TODAY - np.array(ago, float),
        weight=np.ones(n),
    )
