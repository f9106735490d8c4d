from django.apps import AppConfig


class CoordinationConfig(AppConfig):
    name = "eigenform.coordination"
    default_auto_field = "django.db.models.BigAutoField"
