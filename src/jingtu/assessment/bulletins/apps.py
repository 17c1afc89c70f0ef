from django.apps import AppConfig


class BulletinsConfig(AppConfig):
    name = "jingtu.assessment.bulletins"
    label = "bulletins"
    verbose_name = "通报"
