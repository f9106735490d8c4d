"""Who asks, and what is on whose work list."""

from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema

from eigenform.api.auth import scope_of
from eigenform.desk import queries as desk
from eigenform.desk.contracts import TaskRecord

router = Router(tags=["people"])


class Me(Schema):
    """Whoever asks, and what they may do."""

    id: int
    name: str
    username: str
    role: str
    may_decide: bool
    may_load: bool
    may_steer: bool


@router.get("/me", response=Me)
def get_me(request: HttpRequest) -> Me:
    """Return whoever asks."""
    scope, person = scope_of(request), request.user
    return Me(
        id=person.pk,
        name=person.name,
        username=person.username,
        role=person.role,
        may_decide=scope.may_decide,
        may_load=scope.may_load,
        may_steer=scope.may_steer,
    )


@router.get("/work", response=list[TaskRecord])
def list_work(
    request: HttpRequest,
    whose: Literal["mine", "all"] = "mine",
    state: Literal["open", "done", "declined", "failed"] = "open",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[TaskRecord]:
    """List tasks by due day."""
    scope_of(request)
    return desk.work_list(assignee_id=request.user.pk if whose == "mine" else None, state=state, limit=limit)
