from django.apps import AppConfig


class OfferingsConfig(AppConfig):
    name = "eigenform.offerings"
    default_auto_field = "django.db.models.BigAutoField"
