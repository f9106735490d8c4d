from django.apps import AppConfig


class SupplyChainConfig(AppConfig):
    name = "eigenform.supply_chain"
    default_auto_field = "django.db.models.BigAutoField"
