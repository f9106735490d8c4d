"""The policy: what the loop may do and what it assumes, as a form, with the history of its versions."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.forms import BoundField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from eigenform.policy import actions, queries
from eigenform.policy.contracts import ImpossiblePolicy, PolicyVersion
from eigenform.records.scope import Scope
from eigenform.web.pages import policy_form, policy_sections, wording
from eigenform.web.pages.policy_form import Change, PolicyForm
from eigenform.web.pages.rendering import CONFLICT, Page, show, signed_in

UNPROCESSABLE = 422
VERSIONS_SHOWN = 30


@dataclass(frozen=True, slots=True)
class SectionFields:
    """A section of the form with its fields."""

    title: str
    meaning: str
    fields: tuple[BoundField, ...]


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version of the history and what it changed."""

    number: int
    author: str
    reason: str
    adopted_at: datetime
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyPage(Page):
    """All that policy/policy.html may show."""

    sentence: str
    form: PolicyForm
    sections: tuple[SectionFields, ...]
    versions: tuple[VersionRow, ...]
    may_steer: bool
    problem: str


@require_http_methods(["GET", "POST"])
@signed_in
def index(request: HttpRequest, *, scope: Scope) -> HttpResponse:
    """Show the policy in force; a leader's POST adopts a new version."""
    now = timezone.now()
    if request.method == "POST":
        scope.require("steer", "change the policy")
    in_force = actions.ensure_first(now=now)
    if request.method == "GET":
        return _show(request, scope, PolicyForm(in_force.document, in_force.version), in_force)
    form = PolicyForm(in_force.document, in_force.version, request.POST)
    if not form.is_valid():
        return _show(request, scope, form, in_force, status=UNPROCESSABLE)
    if form.cleaned_data["version"] != in_force.version:
        return _overtaken(request, scope, in_force)
    return _adopt(request, scope, form, in_force, now)


def _adopt(
    request: HttpRequest, scope: Scope, form: PolicyForm, in_force: PolicyVersion, now: datetime
) -> HttpResponse:
    try:
        document = form.document()
    except ImpossiblePolicy as refusal:
        return _show(request, scope, form, in_force, problem=str(refusal), status=UNPROCESSABLE)
    if document == in_force.document:
        problem = "Nothing is different, so nothing was saved."
        return _show(request, scope, form, in_force, problem=problem, status=UNPROCESSABLE)
    adopted = actions.adopt(
        document, author=request.user.name, reason=form.cleaned_data["reason"], scope=scope, now=now
    )
    messages.success(request, f"Version {adopted.version} is in force. The next turn keeps to it.")
    return redirect("policy")


def _overtaken(request: HttpRequest, scope: Scope, in_force: PolicyVersion) -> HttpResponse:
    problem = (
        f"{in_force.author} adopted version {in_force.version} while you were editing. Nothing of yours was saved: "
        "the form now holds their version, and the history says what they changed."
    )
    form = PolicyForm(in_force.document, in_force.version)
    return _show(request, scope, form, in_force, problem=problem, status=CONFLICT)


def _show(
    request: HttpRequest,
    scope: Scope,
    form: PolicyForm,
    in_force: PolicyVersion,
    *,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    if not scope.may_steer:
        for field in form.fields.values():
            field.disabled = True
    page = PolicyPage(
        sentence=(
            f"Version {in_force.version}, adopted by {in_force.author} on {wording.day(in_force.adopted_at.date())}. "
            + ("Each change is a new version with its reason." if scope.may_steer else "Leaders can change it.")
        ),
        form=form,
        sections=tuple(
            SectionFields(s.title, s.meaning, tuple(form[leaf.name] for leaf in s.leaves))
            for s in policy_sections.SECTIONS
        ),
        versions=_versions(),
        may_steer=scope.may_steer,
        problem=problem,
    )
    return show(request, "policy/policy.html", page, status=status)


def _versions() -> tuple[VersionRow, ...]:
    found = queries.history()[: VERSIONS_SHOWN + 1]
    before = [*found[1:], None]
    return tuple(
        VersionRow(
            v.version, v.author, v.reason, v.adopted_at, policy_form.changes(b.document, v.document) if b else ()
        )
        for v, b in list(zip(found, before, strict=True))[:VERSIONS_SHOWN]
    )
