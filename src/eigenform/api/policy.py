"""The policy: in force, its history, and adopting a new version."""

from datetime import UTC, datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from eigenform.api.auth import scope_of
from eigenform.policy import actions, queries
from eigenform.policy.contracts import PolicyVersion, from_json

router = Router(tags=["policy"])


class NewPolicy(Schema):
    """A whole policy document; a field that is left out takes its default."""

    document: dict[str, Any]
    reason: Annotated[str, Field(min_length=1, max_length=2000)]


@router.get("", response=PolicyVersion)
def get_policy(request: HttpRequest) -> PolicyVersion:
    """Return the policy in force."""
    scope_of(request)
    return actions.ensure_first(now=datetime.now(UTC))


@router.get("/history", response=list[PolicyVersion])
def list_policies(request: HttpRequest) -> list[PolicyVersion]:
    """List all versions, newest first."""
    scope_of(request)
    return queries.history()


@router.put("", response=PolicyVersion)
def put_policy(request: HttpRequest, new: NewPolicy) -> PolicyVersion:
    """Adopt a document as the next version, with its reason; leaders may."""
    scope = scope_of(request)
    return actions.adopt(
        from_json(new.document),
        author=request.user.name,
        reason=new.reason,
        scope=scope,
        now=datetime.now(UTC),
    )
