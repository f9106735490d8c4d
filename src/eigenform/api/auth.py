"""Who asks: a person with the pages' session, or a program with a token. Both become the one scope."""

from typing import Any

from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.security import APIKeyCookie, HttpBearer
from ninja.utils import check_csrf

from eigenform.base.errors import Refused
from eigenform.desk import queries as desk
from eigenform.records.scope import Scope
from eigenform.staff import queries as staff


class TokenUnknown(Refused):
    """The token opens nothing."""

    code = "api.token_unknown"

    def __init__(self) -> None:
        super().__init__(
            "This token is not one of ours, or was revoked. Make one: `eigenform token add NAME --for PERSON`."
        )


class Token(HttpBearer):
    """`Authorization: Bearer TOKEN`, as `eigenform token add` gives it."""

    def authenticate(self, request: HttpRequest, token: str) -> Scope:
        """Return what the token's person may do, or refuse."""
        owner_id = desk.token_owner_id(token)
        person = staff.account(owner_id) if owner_id is not None else None
        if person is None:
            raise TokenUnknown
        request.user = person
        return staff.scope_of(person)


class Session(APIKeyCookie):
    """The session cookie of a person who signed in on the pages; what changes something needs the CSRF token too."""

    param_name = "eigenform"

    def __call__(self, request: HttpRequest) -> Any:
        """Return what the person may do, None for a stranger."""
        scope = staff.scope_of(request.user)
        if not scope.may_read:
            return None
        if check_csrf(request):
            raise HttpError(403, "The CSRF token is missing or wrong: send the cookie's value as X-CSRFToken.")
        return scope

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:  # noqa: ARG002
        """Return what the person may do; `__call__` has decided already."""
        return self(request)


def scope_of(request: HttpRequest) -> Scope:
    """Return the scope that authentication left on the request."""
    scope: Scope = request.auth  # type: ignore[attr-defined]
    scope.require("read", "read this")
    return scope
