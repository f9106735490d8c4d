"""What the intake tells others: the answer of a load, its progress, what was refused."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class LoadAnswer:
    """What a load did. Each source row was loaded, unchanged or refused: the three add up to those read."""

    rows_read: int
    rows_loaded: int
    rows_unchanged: int
    rows_refused: int
    errors_file: str | None
    tables: Mapping[str, int]  # rows of each intake table that are there because of these files
    seconds: float
    load_id: int | None
    mapping: str
    zone: str
    currency: str
    histories: str
    simulated: bool
    dry_run: bool
    item_pairs: tuple[tuple[str, str], ...] = ()
    reasons: Mapping[str, int] = field(default_factory=dict)  # the commonest reasons of refusal, with counts
    recorded_seq: int | None = None

    def as_json(self) -> dict[str, object]:
        """Return the keys of the command's JSON answer."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a load is. `total` is None while it cannot be known."""

    step: str
    done: int
    total: int | None


@dataclass(frozen=True, slots=True)
class LoadRow:
    """One load as a list shows it."""

    load_id: int
    mapping: str
    path: str
    state: str  # waiting, running, done, failed, interrupted
    dry_run: bool
    actor: str
    started_at: datetime
    finished_at: datetime | None
    step: str
    rows_done: int
    rows_total: int | None
    message: str
    answer: Mapping[str, object]

    @property
    def share_done(self) -> float | None:
        """Share of the rows written, 0 to 1; None while it cannot be known."""
        return min(self.rows_done / self.rows_total, 1.0) if self.rows_total else None

    @property
    def may_start_again(self) -> bool:
        """Whether it ended before its time."""
        return self.state in ("interrupted", "failed")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A source row that was not taken, and what would mend it."""

    file: str
    row: int  # line of the file as a person counts; the header is line 1
    column: str
    reason: str
    remedy: str
    values: Mapping[str, str]
    ordinals: str = ""  # which of several equal keys this row was, per section; "" if none are numbered


@dataclass(frozen=True, slots=True)
class RefusalPage:
    """A page of refused rows; `next_id` is None on the last."""

    rows: tuple[Refusal, ...]
    next_id: int | None


@dataclass(frozen=True, slots=True)
class MappingRow:
    """A mapping that can be chosen."""

    name: str
    title: str  # the first comment line of its text
    text: str
    bundled: bool
    mapping_id: int | None = None
