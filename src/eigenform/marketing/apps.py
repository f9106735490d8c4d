from django.apps import AppConfig


class MarketingConfig(AppConfig):
    name = "eigenform.marketing"
    default_auto_field = "django.db.models.BigAutoField"
