"""Whom we serve."""

from django.http import HttpRequest, HttpResponse


def index(request: HttpRequest) -> HttpResponse:
    """List customers."""
    return HttpResponse()


def csv(request: HttpRequest) -> HttpResponse:
    """Download the list as it is filtered."""
    return HttpResponse()


def detail(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Show one customer."""
    return HttpResponse()


def erase(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Erase a person."""
    return HttpResponse()
