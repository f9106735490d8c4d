"""What others may hold of the desk."""

from dataclasses import dataclass
from datetime import date, datetime

from eigenform.base.errors import Refused


class NoSuchTask(Refused):
    """There is no task of that number."""

    code = "desk.no_such_task"

    def __init__(self, *, task: int) -> None:
        self.task = task
        super().__init__(f"There is no task {task}. The page Work list shows those that exist.")


class NoSuchAssignee(Refused):
    """The task is meant for somebody who does not work here, or no longer does."""

    code = "desk.no_such_assignee"

    def __init__(self, *, person: int) -> None:
        self.person = person
        super().__init__(f"Nobody who works here has the number {person}. Choose whose task it is from the list.")


class AssigneeMayNotDecide(Refused):
    """The task is meant for somebody who could not report it: they may only look."""

    code = "desk.assignee_may_not_decide"

    def __init__(self, *, person: int, name: str) -> None:
        self.person = person
        super().__init__(f"{name} may only look, so a task cannot be theirs. Choose a member or a leader.")


class TaskClosed(Refused):
    """The task was closed already."""

    code = "desk.task_closed"

    def __init__(self, *, task: int, state: str) -> None:
        self.task, self.state = task, state
        super().__init__(f"Task {task} is {state} already; the page Work list shows what is still open.")


class TokenNameTaken(Refused):
    """The person has a token of that name."""

    code = "desk.token_name_taken"

    def __init__(self, *, name: str, person: str) -> None:
        self.name, self.person = name, person
        super().__init__(f"{person} has a token named {name} already. Revoke it, or choose another name.")


class NoSuchToken(Refused):
    """There is no valid token of that name."""

    code = "desk.no_such_token"

    def __init__(self, *, name: str, person: str) -> None:
        self.name, self.person = name, person
        super().__init__(f"{person} has no token named {name}. `eigenform token list` shows those there are.")


@dataclass(frozen=True, slots=True)
class TokenRecord:
    """A program's token, without the token itself."""

    name: str
    person: str
    created_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class TaskRecord:
    """One line of a work list."""

    id: int
    noun: str
    noun_key: str
    title: str
    because: str
    assignee_id: int
    assignee: str
    due_on: date
    state: str
    reason: str
    created_at: datetime
    closed_at: datetime | None
