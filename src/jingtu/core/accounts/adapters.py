"""How django-allauth fits into this house: nobody signs up, secrets are encrypted, single sign-on grants nothing."""

from __future__ import annotations

from typing import Any, NoReturn

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from jingtu.core.audit.services import record
from jingtu.core.kernel import vault
from jingtu.core.kernel.actor import SYSTEM

from . import services
from .actors import UserActor
from .landing import landing
from .models import User


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in by user name; accounts are made by the administrator."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def login(self, request: HttpRequest, user: User) -> None:
        """The last step, after the password and the second factor."""
        user.backend = settings.AUTHENTICATION_BACKENDS[-1]  # type: ignore[attr-defined]
        super().login(request, user)
        services.note_sign_in(UserActor(user), ways_in(request))

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return landing(request)

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        """The same answer as for a wrong password: nobody learns that the account exists."""
        from .views import sign_in_page

        return sign_in_page(request, _("用户名或密码不正确，或账号已停用。"))

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Our own views say what happened, in our own words."""

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Nothing is sent by e-mail; what happened to an account stands in the audit trail."""


def ways_in(request: HttpRequest) -> list[str]:
    """How the person of this session proved who they are: password, totp, recovery_codes, webauthn, single sign-on."""
    steps = request.session.get("account_authentication_methods") or []
    return [str(step.get("type") or step["method"]) for step in steps]


class FactorAdapter(DefaultMFAAdapter):
    """Secrets of second factors are encrypted with keys that are not in the database."""

    def encrypt(self, text: str) -> str:
        return vault.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return vault.decrypt(encrypted_text)

    def get_totp_label(self, user: User) -> str:
        return user.username

    def get_totp_issuer(self) -> str:
        return str(settings.MFA_TOTP_ISSUER)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {**super().get_public_key_credential_rp_entity(), "name": self.get_totp_issuer()}

    def _get_user_identifier(self, user: User) -> str:
        return user.username


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    """Somebody known to the office's directory signs in here only when an active account bears their name.

    The claim ``settings.OIDC_CLAIM`` must name the account, at every sign-in, not only at the first; posts come
    from nowhere but the security administrator.
    """

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        claims = _claims(sociallogin.account.extra_data)
        named = str(claims.get(settings.OIDC_CLAIM) or "").strip().lower()
        user = _account_named(named, claims)
        linked = sociallogin.user if sociallogin.is_existing else None
        other = (
            SocialAccount.objects.filter(user=user, provider=sociallogin.account.provider) if user else None
        )
        if user is None or (linked and linked.pk != user.pk) or (not linked and other and other.exists()):
            record(
                SYSTEM,
                "accounts.sign_on_refused",
                target_type="username",
                target_id=named[:128] or "–",
                after={"claim": settings.OIDC_CLAIM},
            )
            _refuse(request)
        # Of what the directory tells, only the name by which it links is kept.
        sociallogin.account.extra_data = {settings.OIDC_CLAIM: named}
        if linked:
            sociallogin.account.save(update_fields=["extra_data"])
            return
        sociallogin.connect(request, user)
        record(
            UserActor(user),
            "accounts.sign_on_linked",
            target_type="user",
            target_id=user.pk,
            after={"claim": settings.OIDC_CLAIM, "provider": sociallogin.account.provider},
        )

    def on_authentication_error(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        _refuse(request, _("单点登录没有完成，请重试，或用用户名和密码登录。"))

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Nothing is sent by e-mail."""


def _claims(told: dict[str, Any]) -> dict[str, Any]:
    return {**(told.get("id_token") or {}), **(told.get("userinfo") or {})}


def _account_named(named: str, claims: dict[str, Any]) -> User | None:
    if not named:
        return None
    if settings.OIDC_CLAIM != "email":
        return User.objects.filter(username=named, is_active=True).first()
    if claims.get("email_verified") is not True:
        return None
    found = list(User.objects.filter(email__iexact=named, is_active=True)[:2])
    return found[0] if len(found) == 1 else None


def _refuse(request: HttpRequest, why: str = "") -> NoReturn:
    from .views import sign_in_page

    text = why or _("您已通过单点登录验证，但这里没有对应的有效账号。账号由系统管理员建立，请与其联系。")
    raise ImmediateHttpResponse(sign_in_page(request, text, status=403))
