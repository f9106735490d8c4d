"""From a view to an answer: who may, what is shown, and how a refusal is told.

A view is `@signed_in def cockpit(request, *, scope)`; it ends in `show(request, "cockpit/cockpit.html", page)`.
A page is a frozen dataclass of plain values, so a template cannot query.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import wraps
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect, reswap

from eigenform.base.errors import Refused
from eigenform.records.scope import NotAllowed
from eigenform.staff import queries as staff

FORBIDDEN, NOT_FOUND, CONFLICT = 403, 404, 409


class NotAnAnswer(Refused):
    """A form was sent with a field that says nothing usable."""

    code = "web.not_an_answer"

    def __init__(self, *, field: str, problem: str) -> None:
        self.field, self.problem = field, problem
        super().__init__(problem)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a template may show. A fragment bears the id of the element that it replaces."""

    fragments: ClassVar[frozenset[str]] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedPage(Page):
    """Why something could not be done, and the way back."""

    heading: str
    message: str
    back_href: str
    status_code: int


def show(request: HttpRequest, template: str, page: Page, *, status: int = 200) -> HttpResponse:
    """Render a page, or just the fragment that htmx is about to swap."""
    htmx = getattr(request, "htmx", None)
    wanted = htmx.target if htmx else None
    name = f"{template}#{wanted}" if wanted in page.fragments else template
    return render(request, name, {f.name: getattr(page, f.name) for f in fields(page)}, status=status)


def signed_in(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Hand the view the reader's scope; send strangers to sign in and tell refusals calmly."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        scope = staff.scope_of(request.user)
        if not scope.may_read:
            return _to_sign_in(request)
        try:
            response = view(request, *args, scope=scope, **kwargs)
        except Refused as refusal:
            response = refused(request, refusal)
        patch_cache_control(response, private=True, no_store=True)  # pages hold personal data
        return response

    return guarded


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    if getattr(request, "htmx", None):
        came_from = urlsplit(request.htmx.current_url or "/").path
        return HttpResponseClientRedirect(f"{reverse('sign-in')}?next={came_from}")
    return redirect_to_login(request.get_full_path() if request.method == "GET" else "/", resolve_url("sign-in"))


def status_of(refusal: Refused) -> int:
    """Return 403 for what the person may not do, 404 for what is not there, 409 for what cannot be done now."""
    if isinstance(refusal, NotAllowed):
        return FORBIDDEN
    name = refusal.code.partition(".")[2]
    return NOT_FOUND if name.startswith("no_such") or name.endswith("_unknown") else CONFLICT


def refused(request: HttpRequest, refusal: Refused) -> HttpResponse:
    """Answer with a page that says what happened and what helps; to htmx only the message, and nothing is swapped."""
    status = status_of(refusal)
    headings = {FORBIDDEN: "Your role does not allow this", NOT_FOUND: "Nothing is here"}
    page = RefusedPage(
        heading=headings.get(status, "This cannot be done now"),
        message=str(refusal),
        back_href=way_back(request),
        status_code=status,
    )
    if getattr(request, "htmx", None):
        return reswap(show(request, "errors/refused.html#refused-message", page, status=status), "none")
    return show(request, "errors/refused.html", page, status=status)


def way_back(request: HttpRequest, otherwise: str = "/") -> str:
    """Return the page of ours that the reader came from, as a path, or another if that is not known."""
    came_from = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure()):
        return otherwise
    parts = urlsplit(came_from)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def go_back(request: HttpRequest, otherwise: str) -> HttpResponse:
    """After a form: show the page that it stood on."""
    return redirect(way_back(request, otherwise))
