"""Placeholder."""

from django.http import HttpRequest, HttpResponse


def detail(request: HttpRequest, customer_id: int) -> HttpResponse:
    return HttpResponse()
