"""Where requests go: machines to `api`, people to `web`."""

from django.urls import include, path

urlpatterns = [
    path("api/v1/", include("eigenform.api.urls")),
    path("", include("eigenform.web.urls")),
]
