from django.apps import AppConfig


class CockpitConfig(AppConfig):
    name = "jingtu.portal.cockpit"
    label = "cockpit"
    verbose_name = "驾驶舱"
