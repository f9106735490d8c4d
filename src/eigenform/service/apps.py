from django.apps import AppConfig


class ServiceConfig(AppConfig):
    name = "eigenform.service"
    default_auto_field = "django.db.models.BigAutoField"
