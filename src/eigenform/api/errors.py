"""One shape for everything that goes wrong: {"code", "message", "facts"} with a fitting status."""

import logging
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError

from eigenform.api.auth import TokenUnknown
from eigenform.base.errors import Refused
from eigenform.records.places import CursorUnreadable
from eigenform.records.scope import NotAllowed

log = logging.getLogger("eigenform.api")

UNPROCESSABLE = (
    *("policy.impossible", "coordination.reason_missing", "coordination.day_out_of_bounds"),
    CursorUnreadable.code,
)


class Problem(Schema):
    """What could not be done, and what helps."""

    code: str
    message: str
    facts: dict[str, Any]


def status_of(refusal: Refused) -> int:
    """Return 401, 403, 404 or 422 where that fits, else 409: asked correctly, but not possible now."""
    if isinstance(refusal, TokenUnknown):
        return 401
    if isinstance(refusal, NotAllowed):
        return 403
    name = refusal.code.partition(".")[2]
    if name.startswith("no_such") or name.endswith("_unknown"):
        return 404
    return 422 if refusal.code in UNPROCESSABLE else 409


def install(api: NinjaAPI) -> None:
    """Teach the API to answer every error in the one shape."""

    def tell(request: HttpRequest, status: int, code: str, message: str, facts: dict[str, Any]) -> HttpResponse:
        return api.create_response(request, {"code": code, "message": message, "facts": facts}, status=status)

    @api.exception_handler(Refused)
    def refused(request: HttpRequest, error: Refused) -> HttpResponse:
        return tell(request, status_of(error), error.code, str(error), error.facts())

    @api.exception_handler(ValidationError)
    def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
        problems = [{"where": list(map(str, e["loc"])), "what": e["msg"]} for e in error.errors]
        first = f"{'.'.join(problems[0]['where'][1:])}: {problems[0]['what']}" if problems else "unreadable"
        return tell(request, 422, "api.invalid", f"The request cannot be read: {first}.", {"problems": problems})

    @api.exception_handler(AuthenticationError)
    def stranger(request: HttpRequest, error: AuthenticationError) -> HttpResponse:  # noqa: ARG001
        message = "Sign in, or send a token: Authorization: Bearer TOKEN (`eigenform token add NAME --for PERSON`)."
        return tell(request, 401, "api.not_signed_in", message, {})

    @api.exception_handler(Http404)
    def missing(request: HttpRequest, error: Http404) -> HttpResponse:  # noqa: ARG001
        return tell(request, 404, "api.no_such_address", "Nothing is at this address. See /api/v1/docs.", {})

    @api.exception_handler(HttpError)
    def failed(request: HttpRequest, error: HttpError) -> HttpResponse:
        return tell(request, error.status_code, "api.refused", str(error), {})

    @api.exception_handler(Exception)
    def fault(request: HttpRequest, error: Exception) -> HttpResponse:
        log.error("A request ended unexpectedly.", exc_info=error, extra={"facts": {"path": request.path}})
        return tell(request, 500, "internal", "This is a fault of Eigenform; the log says more.", {})
