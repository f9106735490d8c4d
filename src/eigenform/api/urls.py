"""JSON for machines."""

urlpatterns: list = []
