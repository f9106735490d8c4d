from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "eigenform.customers"
    default_auto_field = "django.db.models.BigAutoField"
