from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "jingtu.core.accounts"
    label = "accounts"
    verbose_name = "用户与岗位"

    def ready(self) -> None:
        from jingtu.core.kernel.actor import register_finder

        from . import problems  # noqa: F401  (registers sentences and action names)
        from .queries import actor_for

        register_finder(actor_for)
