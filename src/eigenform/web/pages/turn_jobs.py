"""Turns run in the background: they read everything, so a page does not wait for them."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils import timezone
from django_tasks import default_task_backend, task
from django_tasks.base import TaskResultStatus
from django_tasks.exceptions import TaskResultDoesNotExist

from eigenform import loop
from eigenform.base.errors import Refused
from eigenform.ledger.contracts import TurnAnswer
from eigenform.policy import queries as policy
from eigenform.records.scope import Scope
from eigenform.sales import queries as sales
from eigenform.web.pages import cards, proposals

SEED = 1
OLD_AFTER_DAYS = 60  # without an order for so long the data are taken for a closed set
_KEEP_SECONDS = 60


class NoSuchJob(Refused):
    """There is no such piece of background work, or it was cleared away."""

    code = "web.no_such_job"

    def __init__(self, *, job: str) -> None:
        self.job = job[:80]
        super().__init__("This piece of work is not known any more. The page Turns lists the turns that were made.")


@dataclass(frozen=True, slots=True)
class Job:
    """A turn or a replay under way or ended. `answer` holds what is kept of a turn's JSON answer."""

    id: str
    state: str  # running, done, failed
    as_of: str
    dry_run: bool
    replayed: int | None
    enqueued_at: datetime | None
    is_picked_up: bool
    answer: Mapping[str, Any] | None
    problem: str


@task()
def run(as_of: str, dry_run: bool, scope: dict[str, Any]) -> dict[str, Any]:
    """Run one turn; a refusal is an answer, not a crash. A turn that was written is read back from the ledger."""
    return _answered(
        lambda: loop.turn(
            as_of=date.fromisoformat(as_of), seed=SEED, scope=Scope(**scope), now=timezone.now(), dry_run=dry_run
        ),
        with_decisions=dry_run,
    )


@task()
def replay(number: int, scope: dict[str, Any]) -> dict[str, Any]:
    """Decide again from exactly what a turn had read."""
    return _answered(lambda: loop.replay(number, scope=Scope(**scope)), with_decisions=True)


def _answered(call: Callable[[], TurnAnswer], *, with_decisions: bool) -> dict[str, Any]:
    """Return what is kept of the work: names are looked up when it is shown, so an erasure need not find it."""
    try:
        return {"answer": proposals.kept(call().to_json(), with_decisions=with_decisions)}
    except Refused as refusal:
        return {"problem": str(refusal)}


def start(*, as_of: date, dry_run: bool, scope: Scope) -> str:
    """Queue a turn; return the job's id."""
    return run.enqueue(as_of.isoformat(), dry_run, asdict(scope)).id


def start_replay(number: int, *, scope: Scope) -> str:
    """Queue a replay; return the job's id."""
    return replay.enqueue(number, asdict(scope)).id


def job(job_id: str) -> Job:
    """Return how a job stands, or refuse."""
    try:
        result = default_task_backend.get_result(job_id)
    except (TaskResultDoesNotExist, ValidationError) as error:
        raise NoSuchJob(job=job_id) from error
    is_turn = result.task.func is run.func
    if not is_turn and result.task.func is not replay.func:
        raise NoSuchJob(job=job_id)
    told = result.return_value if result.status == TaskResultStatus.SUCCESSFUL else {}
    return Job(
        id=job_id,
        state=_state(result.status, told),
        as_of=result.args[0] if is_turn else "",
        dry_run=is_turn and bool(result.args[1]),
        replayed=None if is_turn else result.args[0],
        enqueued_at=result.enqueued_at,
        is_picked_up=result.started_at is not None,
        answer=told.get("answer"),
        problem=told.get("problem") or _crash(result.status),
    )


def _state(status: str, told: Mapping[str, Any]) -> str:
    if status == TaskResultStatus.SUCCESSFUL:
        return "failed" if "problem" in told else "done"
    return "failed" if status == TaskResultStatus.FAILED else "running"


def _crash(status: str) -> str:
    if status != TaskResultStatus.FAILED:
        return ""
    return "The turn stopped with a fault of Eigenform and wrote nothing. The log says where; try `eigenform doctor`."


def default_as_of(now: datetime) -> date:
    """Return the day that a turn is offered for: today in the firm's zone, for old data the day of the last order."""
    today = cards.today(now, policy.document().firm.zone)
    last = cache.get_or_set(f"last_order_on:{today}", lambda: sales.last_order_on(today), _KEEP_SECONDS)
    return last if last and (today - last).days > OLD_AFTER_DAYS else today
