from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "jingtu.core.accounts"
    label = "accounts"
    verbose_name = "用户与岗位"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in, user_logged_out

        from jingtu.core.audit.actions import register_teller
        from jingtu.core.kernel.actor import register_finder
        from jingtu.core.regions.effects import register_effect
        from jingtu.core.regions.hooks import register_change_hook

        from . import naming, problems, sessions  # noqa: F401  (problems registers sentences and action names)
        from .effects import affected_posts
        from .queries import actor_for
        from .reviews import after_region_change

        register_finder(actor_for)
        register_teller("user", naming.tell, naming.find)
        register_change_hook("accounts", after_region_change)
        register_effect("accounts", _("用户与岗位"), affected_posts, order=100)
        # Django tells of every sign-in, whichever door it came through, in this way only.
        user_logged_in.connect(sessions.on_sign_in, dispatch_uid="accounts.sign_in")
        user_logged_out.connect(sessions.on_sign_out, dispatch_uid="accounts.sign_out")
