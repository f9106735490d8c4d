"""Make the demo company as a firm would: load its files, run turns, and let its staff act between them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from itertools import count
from pathlib import Path
from typing import Any

from eigenform import loop
from eigenform.base.errors import Refused
from eigenform.coordination import actions as coordination
from eigenform.coordination.decisions import Cap
from eigenform.customers import queries as customers
from eigenform.customers.contracts import CustomerFilter
from eigenform.intake import actions as intake
from eigenform.intake.actions import demo
from eigenform.ledger.contracts import TurnAnswer
from eigenform.policy import actions as policies
from eigenform.policy.contracts import Document, Firm
from eigenform.records.scope import SYSTEM, Scope
from eigenform.staff import actions as staff_actions
from eigenform.staff import queries as staff

TURNS_BEFORE_LAST_DAYS = (154, 77, 0)  # 11 weeks apart: less than a subject is left alone for
TEAM_FOR = {"contact_customer": "Sales", "change_attribute": "Quality", "talk_to_partner": "Supply"}
TITLE_FOR = {"contact_customer": "Call {}", "change_attribute": "Improve {}", "talk_to_partner": "Talk to {}"}
LEFT_OPEN = 4  # tasks of the last turn but one that still stand on the leader's work list


class DemoIncomplete(Refused):
    """The demo's own files were not all taken."""

    code = "cli.demo_incomplete"

    def __init__(self, *, rows_refused: int, reasons: Mapping[str, int]) -> None:
        self.rows_refused, self.reasons = rows_refused, dict(reasons)
        super().__init__(f"{rows_refused} rows of the demo's own files were refused: {', '.join(reasons)}.")


def make(files: Path, *, seed: int, leader: str, password: str, tell: Callable[[str], None]) -> dict[str, Any]:
    """Make the company in an empty home and return what was made, what was planted, and what the last turn found."""
    tell("Simulating the company")
    company = demo.write_files(files, seed=seed)
    days = [company.last_day - timedelta(days=before) for before in TURNS_BEFORE_LAST_DAYS]
    staff_actions.ensure_with_password(leader, password)
    scope = replace(SYSTEM, actor=staff.by_username(leader).actor)
    _adopt_policy(company.name, scope, now=_at(days[0], 6))
    tell("Loading its files")
    loaded = intake.load(demo.MAPPING, files, scope=scope, now=_at(days[0], 7))
    if loaded.rows_refused:
        raise DemoIncomplete(rows_refused=loaded.rows_refused, reasons=loaded.reasons)
    for person in staff.people(active_only=False):
        if not person.is_active:
            staff_actions.add(person.name, actor=scope.actor, now=_at(days[0], 8))
    turns = []
    for day in days:
        tell(f"Turning the loop as of {day.isoformat()}")
        turns.append(loop.turn(as_of=day, seed=seed, scope=scope, now=_at(day, 20)))
        if day != days[-1]:
            _act(turns[-1], scope=scope, open_until=company.last_day if day == days[-2] else None)
    return {
        "name": company.name,
        "seed": seed,
        "customers": company.customers,
        "orders": company.orders,
        "turns": len(turns),
        "turn_days": [day.isoformat() for day in days],
        "rows_loaded": loaded.rows_loaded,
        "planted": company.planted(),
        "found": demo.compare(company, **_said(turns[-1].decisions, scope)),
    }


def _adopt_policy(name: str, scope: Scope, *, now: datetime) -> None:
    policies.adopt(
        Document(firm=Firm(name=name, currency="GBP", zone="Europe/London")),
        author="Eigenform",
        reason="The defaults, for a simulated company.",
        scope=scope,
        now=now,
    )


def _said(decisions: Sequence[Mapping[str, Any]], scope: Scope) -> dict[str, Any]:
    """Return what a turn said: changes and talks in its own order, and the worth of everybody by their key."""
    changes = [d["facts"] for d in decisions if d["kind"] == "change_attribute"]
    talks = [d["subject_name"] for d in decisions if d["kind"] == "talk_to_partner"]
    rows = customers.exported(CustomerFilter(), scope=scope)
    worth = {row.customer.key: row.standing.worth_mean_minor if row.standing else None for row in rows}
    return {
        "attributes": [(facts["category"], facts["attribute"]) for facts in changes],
        "partners": talks,
        "worth_by_customer": worth,
    }


def _act(turn: TurnAnswer, *, scope: Scope, open_until: date | None) -> None:
    """Let staff act on every decision of a turn: most are done, some declined or failed, each with its reason.

    open_until  the last few contacts stay on the leader's work list until after this day; None: nothing stays open
    """
    limits = Document().limits
    cap = Cap(limits.contacts_max, limits.contacts_window_days)
    waiting = [d for d in turn.decisions if d["state"] == "waiting"]
    place = count()
    contacts = sum(d["kind"] == "contact_customer" for d in waiting)
    for decision in waiting:
        kind = decision["kind"]
        number = next(place) if kind == "contact_customer" else 0
        is_left = open_until is not None and kind == "contact_customer" and number >= contacts - LEFT_OPEN
        due_on = _due_on(decision, turn.as_of)
        if kind == "contact_customer" and number % 10 == 4 and not is_left:
            reason = "Spoke with them last week, nothing new to say."
            coordination.decline(decision["id"], reason=reason, scope=scope, now=_at(turn.as_of, 21))
            continue
        coordination.approve(
            decision["id"],
            assignee_id=_assignee(kind, scope, is_left=is_left),
            due_on=open_until + timedelta(days=5) if is_left and open_until else due_on,
            title=TITLE_FOR[kind].format(decision["subject_name"]),
            limits=cap,
            scope=scope,
            now=_at(turn.as_of, 21),
        )
        if not is_left:
            outcome, reason = _outcome(kind, number)
            coordination.report(
                decision["id"], outcome=outcome, reason=reason, done_on=due_on, scope=scope, now=_at(due_on, 16)
            )


def _outcome(kind: str, number: int) -> tuple[str, str]:
    """Return what became of an approved decision, and why it failed."""
    if kind == "change_attribute":
        return "failed", "The workshop cannot change it before the autumn."
    if kind == "contact_customer" and number % 10 == 8:
        return "failed", "No answer after three calls."
    return "done", ""


def _due_on(decision: Mapping[str, Any], as_of: date) -> date:
    planned = decision["facts"].get("due_on")
    return date.fromisoformat(planned) if planned else as_of + timedelta(days=10)


def _assignee(kind: str, scope: Scope, *, is_left: bool) -> int:
    """Return who does it: somebody of the team for it; what is left open, the leader, so that their list has work."""
    for person in staff.people():
        if person.actor == scope.actor if is_left else person.team == TEAM_FOR[kind]:
            return person.id
    raise LookupError(f"Nobody of the demo's staff is there for {kind}")


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, clock(hour), tzinfo=UTC)
