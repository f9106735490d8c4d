"""Where requests go: machines to `api`, people to `web`."""

from django.urls import include, path

from eigenform.api.health import healthz
from eigenform.api.site import api

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("api/v1/", api.urls),
    path("", include("eigenform.web.urls")),
]

handler403 = "eigenform.web.pages.errors.forbidden"
handler404 = "eigenform.web.pages.errors.not_found"
handler500 = "eigenform.web.pages.errors.failed"
