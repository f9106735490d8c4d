"""Erase a person on request: first what will go and what will stay, then, once confirmed, the deed."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from eigenform.coordination import actions, queries
from eigenform.customers import queries as customers
from eigenform.intake import actions as intake
from eigenform.records.scope import Scope
from eigenform.web.pages.rendering import Page, show, signed_in
from eigenform.web.pages.wording import counted


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasePage(Page):
    """All that customers/erase.html may show."""

    name: str
    key: str
    source: str
    back_href: str
    goes: tuple[str, ...]
    stays: tuple[str, ...]
    problem: str


@require_http_methods(["GET", "POST"])
@signed_in
def erase(request: HttpRequest, customer_id: int, *, scope: Scope) -> HttpResponse:
    """Say what an erasure does, and do it once the box is ticked. Leaders only, to look as well as to do."""
    scope.require("steer", "erase a person")
    customer = customers.by_id(customer_id)
    problem = ""
    if request.method == "POST":
        if request.POST.get("confirmed") == "yes":
            actions.erase_person(customer_id, scope=scope, now=timezone.now(), also=intake.forget)
            messages.success(request, "The person was erased. What they bought stays, without a name.")
            return redirect("customers")
        problem = "Tick the box to say that you have read what goes and what stays."
    held = queries.held_about(customer_id)
    page = ErasePage(
        name=customer.name,
        key=customer.key,
        source=customer.source,
        back_href=reverse("customer", args=[customer_id]),
        goes=_goes(held),
        stays=_stays(held),
        problem=problem,
    )
    return show(request, "customers/erase.html", page, status=422 if problem else 200)


def _goes(held: dict[str, int]) -> tuple[str, ...]:
    return (
        "Name, key, segment, country, identifiers and whatever else their source told of them",
        f"{counted(held['contact'], 'person', 'people')} who acted for them, with addresses and telephone numbers"
        if held["contact"]
        else "",
        f"What they wrote in {counted(held['answer'], 'answer')} and {counted(held['case'], 'case')}"
        if held["answer"] or held["case"]
        else "",
        "Earlier versions of all of this, rows of theirs that were refused, and their name on work lists",
        "The link from the ledger's random id to them",
    )


def _stays(held: dict[str, int]) -> tuple[str, ...]:
    return (
        f"{counted(held['order'], 'order')} with amounts and days, so that sums stay right; nobody can see whose",
        f"{counted(held['answer'], 'score')}, {counted(held['case'], 'case')}, {counted(held['touch'], 'contact')}, "
        f"{counted(held['lead'], 'lead')} and {counted(held['opportunity'], 'opportunity', 'opportunities')}: no name",
        "What the ledger says was decided and done, under a random id that leads to nobody",
        "A keyed hash of their keys, so that loading an old file does not bring them back",
        "Backups that were made before: delete those yourself",
    )
