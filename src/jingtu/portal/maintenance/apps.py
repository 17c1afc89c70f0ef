from django.apps import AppConfig


class MaintenanceConfig(AppConfig):
    name = "jingtu.portal.maintenance"
    label = "maintenance"
    verbose_name = "运维"
