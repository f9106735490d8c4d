"""The API's page: Swagger UI from the installed package, nothing from any other host."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Swagger

# Swagger UI writes its styles inline and draws its icons as data; scripts still come from here only.
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)


class Docs(Swagger):
    """Swagger UI under a policy that it can live with."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        """Return the page."""
        response = super().render_page(request, api, **kwargs)
        response.headers["Content-Security-Policy"] = POLICY
        return response
