"""The whole simulated firm: draw what is true, let it happen, and write down what the firm would know."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from eigenform.value.arrays import BoolArray, FloatArray, IntArray
from eigenform.value.dynamics import answers, dealings, firm, people, tables
from eigenform.value.dynamics.deliveries import Deliveries, deliver
from eigenform.value.dynamics.expectations import Course, follow, gap_at_rest
from eigenform.value.dynamics.plan import PERIOD_DAYS, Plan
from eigenform.value.dynamics.purchases import (
    Purchases,
    Traits,
    draw_traits,
    expected_value,
    simulate_purchases,
)
from eigenform.value.dynamics.tables import Table
from eigenform.value.dynamics.truth import Planted, Truth

SEGMENTS = len(firm.SEGMENTS)


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """A simulated firm: what is true of it, and the tables that it would hand over, column by column."""

    plan: Plan
    truth: Truth
    tables: Mapping[str, Table]


@dataclass(frozen=True, slots=True, eq=False)
class _Happened:
    """What happened before anybody was asked: segment per customer, the rest per order."""

    bought: Purchases
    segment: IntArray
    category: IntArray
    delivered: Deliveries
    is_withdrawn: BoolArray


def simulate(plan: Plan, rng: np.random.Generator) -> World:
    """Return a firm drawn with the generator: the same plan and seed give the same firm.

    Each part draws from a stream of its own, so that a change to one leaves the others as they were.
    """
    for_traits, for_buying, for_levels, for_partners, for_answers, for_people, for_rest = rng.spawn(7)
    traits = draw_traits(plan.customers, counts=plan.counts, amounts=plan.amounts, rng=for_traits)
    came_week = plan.weeks * for_traits.beta(0.9, 1.5, plan.customers) * 0.97
    bought = simulate_purchases(traits, came_week=came_week, end_week=float(plan.weeks), rng=for_buying)
    segment = _segments(traits, for_traits)
    order_category = _categories(bought, for_buying)
    worst_quality, late_partner = _planted(plan, rng=for_levels)
    course = _course(plan, worst_quality, for_levels)
    delivered, late_shares = _deliveries(plan, bought, late_partner, for_partners)
    is_withdrawn = for_rest.random(len(bought.customer)) < plan.withdrawn_share
    happened = _Happened(bought, segment, order_category, delivered, is_withdrawn)
    asked, said = _answers(plan, happened, course, for_answers)
    keys = people.customer_keys(plan.customers)
    orders = tables.Orders.build(
        plan, bought, order_category, keys, delivered=delivered, is_withdrawn=is_withdrawn, rng=for_rest
    )
    truth = Truth(
        planted=_names(worst_quality, late_partner) if plan.planted else None,
        gaps=course.gap[-1].reshape(-1, SEGMENTS) @ np.array(firm.SEGMENT_SHARES),
        late_shares=late_shares,
        customers=keys,
        future_value=expected_value(traits, bought.is_alive, horizon_weeks=plan.horizon_weeks),
        segment=np.array(firm.SEGMENTS)[segment],
        horizon_weeks=plan.horizon_weeks,
    )
    written = {
        **people.tables(segment, bought, plan, for_people),
        **tables.catalogue(),
        **orders.tables(),
        "survey": tables.survey(plan, asked, said, orders),
        **dealings.tables(plan, orders, segment, for_rest),
    }
    return World(plan=plan, truth=truth, tables=MappingProxyType(written))


def _segments(traits: Traits, rng: np.random.Generator) -> IntArray:
    """Sort customers into segments by how much they tend to buy, roughly: the firm guesses it from who they are."""
    tendency = np.log(traits.rate_per_week * traits.mean_spend)
    guess = tendency + 0.6 * tendency.std() * rng.standard_normal(len(traits))
    edges = np.quantile(guess, np.cumsum(firm.SEGMENT_SHARES)[:-1])
    return np.searchsorted(edges, guess)


def _categories(bought: Purchases, rng: np.random.Generator) -> IntArray:
    return rng.choice(len(firm.CATEGORIES), size=len(bought.customer), p=firm.CATEGORY_SHARES)


def _planted(plan: Plan, *, rng: np.random.Generator) -> tuple[int, int]:
    """Return the number of the quality that disappoints and of the partner who is late; -1 for none."""
    quality, partner = int(rng.integers(len(firm.QUALITIES))), int(rng.integers(len(firm.PARTNERS)))
    return (quality, partner) if plan.planted else (-1, -1)


def _names(quality: int, partner: int) -> Planted:
    found = firm.QUALITIES[quality]
    return Planted(category=found.category, attribute=found.name, partner=firm.PARTNERS[partner])


def _course(plan: Plan, worst_quality: int, rng: np.random.Generator) -> Course:
    """Return the course of every cell (quality x segment), at rest in the beginning."""
    cells, steps = len(firm.QUALITIES) * SEGMENTS, plan.days // PERIOD_DAYS
    drift, improvement = np.full((steps, cells), plan.drift), np.full((steps, cells), plan.improvement)
    is_worst = np.repeat(np.arange(len(firm.QUALITIES)) == worst_quality, SEGMENTS)
    later = np.arange(steps)[:, None] >= plan.planted_after * steps
    drift[later & is_worst], improvement[later & is_worst] = plan.planted_drift, 0.0
    experience = np.repeat(rng.uniform(6.0, 6.8, len(firm.QUALITIES)), SEGMENTS) + rng.normal(0.0, 0.15, cells)
    at_rest = gap_at_rest(adaptation=plan.adaptation, drift=plan.drift, improvement=plan.improvement)
    return follow(
        expectation=experience - at_rest,
        experience=experience,
        adaptation=plan.adaptation,
        drift=drift,
        improvement=improvement,
        noise_sd=plan.level_noise_sd,
        rng=rng,
    )


def _deliveries(
    plan: Plan, bought: Purchases, late_partner: int, rng: np.random.Generator
) -> tuple[Deliveries, FloatArray]:
    late_shares = np.full(len(firm.PARTNERS), plan.late_share)
    if late_partner >= 0:
        late_shares[late_partner] = plan.planted_late_share
    delivered = deliver(
        tables.order_day(plan, bought),
        partner_shares=np.array(firm.PARTNER_SHARES),
        late_shares=late_shares,
        lost_share=plan.lost_share,
        days_late_mean=plan.days_late_mean,
        rng=rng,
    )
    return delivered, late_shares


def _answers(
    plan: Plan, happened: _Happened, course: Course, rng: np.random.Generator
) -> tuple[answers.Asked, answers.Answers]:
    """Ask about some orders: expectation when the order comes in, experience some days after it was delivered."""
    bought, came_day = happened.bought, happened.delivered.delivered_day
    half = answers.draw_halves(plan.customers, both_share=plan.both_share, rng=rng)
    lean = rng.normal(0.0, plan.lean_sd, plan.customers)
    arrived = np.isfinite(came_day) & (came_day + tables.ASKED_AFTER_DAYS <= plan.days) & ~happened.is_withdrawn
    order = np.flatnonzero(arrived & (rng.random(len(bought.customer)) < plan.answered_share))
    customer = bought.customer[order]
    channel = rng.choice(len(firm.SURVEY_CHANNELS), size=len(order), p=firm.SURVEY_CHANNEL_SHARES)
    per_category = len(firm.QUALITIES) // len(firm.CATEGORIES)
    quality = happened.category[order][:, None] * per_category + np.arange(per_category)
    asked = answers.Asked(
        order=order,
        half=half[customer],
        channel=channel,
        cells=quality * SEGMENTS + happened.segment[customer][:, None],
        lean=lean[customer] + np.array(firm.SURVEY_CHANNEL_BIASES)[channel],
    )
    asked_day = (tables.order_day(plan, bought)[order], came_day[order].astype(np.int64) + tables.ASKED_AFTER_DAYS)
    period = [np.minimum(day // PERIOD_DAYS, len(course.gap) - 1)[:, None] for day in asked_day]
    said = answers.answer(
        asked,
        expectation=course.expectation[period[0], asked.cells],
        experience=course.experience[period[1], asked.cells],
        is_late=came_day[order] > happened.delivered.promised_day[order],
        reading_sd=plan.reading_sd,
        scale=(firm.SCALE_MIN, firm.SCALE_MAX),
        rng=rng,
    )
    return asked, said
