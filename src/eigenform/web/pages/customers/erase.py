"""Placeholder."""

from django.http import HttpRequest, HttpResponse


def erase(request: HttpRequest, customer_id: int) -> HttpResponse:
    return HttpResponse()
