"""Settings shared by every installation; each value that an office may change is read from JINGTU_*."""

from __future__ import annotations

from pathlib import Path

import dj_database_url
from csp.constants import NONE, SELF

from . import env

SOURCE = Path(__file__).resolve().parents[2]  # src/jingtu
PROJECT = SOURCE.parents[1]
HOME = Path(env.text("JINGTU_HOME", str(PROJECT / "var"))).resolve()

SECRET_KEY = env.secret("JINGTU_SECRET_KEY", HOME)
DEBUG = False
ALLOWED_HOSTS = env.words("JINGTU_HOSTS", ("127.0.0.1", "localhost", "[::1]"))
TRUSTED_PROXIES = env.integer("JINGTU_TRUSTED_PROXIES", 0)  # reverse proxies in front that we run ourselves

INSTALLED_APPS = [
    "jingtu.portal.api",
    "jingtu.portal.cockpit",
    "jingtu.portal.maintenance",
    "jingtu.portal.saved",
    "jingtu.governance.accountability.listings",
    "jingtu.governance.accountability.measures",
    "jingtu.governance.duties.meetings",
    "jingtu.governance.duties.plans",
    "jingtu.governance.duties.letters",
    "jingtu.governance.duties.supervising",
    "jingtu.governance.duties.dutyreports",
    "jingtu.governance.duties.bodies",
    "jingtu.assessment.schedules",
    "jingtu.assessment.situation",
    "jingtu.assessment.outputs",
    "jingtu.assessment.bulletins",
    "jingtu.assessment.subscriptions",
    "jingtu.assessment.simulations",
    "jingtu.assessment.alerts",
    "jingtu.assessment.appeals",
    "jingtu.assessment.runs",
    "jingtu.assessment.reporting",
    "jingtu.assessment.targets",
    "jingtu.assessment.surveys",
    "jingtu.assessment.adjustments",
    "jingtu.assessment.indicators",
    "jingtu.core.ui",
    "jingtu.core.notifications",
    "jingtu.core.numbering",
    "jingtu.core.jobs",
    "jingtu.core.files",
    "jingtu.core.documents",
    "jingtu.core.facts",
    "jingtu.core.accounts",
    "jingtu.core.regions",
    "jingtu.core.audit",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_tasks_db",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "axes",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "jingtu.portal.api.middleware.ProblemDocumentsMiddleware",
    "jingtu.core.audit.middleware.AuditContextMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "jingtu.core.accounts.middleware.SessionLimitsMiddleware",
    "jingtu.core.accounts.middleware.TokenMiddleware",
    "jingtu.core.accounts.middleware.ActorMiddleware",
    "jingtu.core.accounts.middleware.SignInRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
    "jingtu.core.ui.middleware.PlainErrorsMiddleware",
    "jingtu.core.kernel.reading.ReadingMiddleware",
]

ROOT_URLCONF = "jingtu.portal.urls"
WSGI_APPLICATION = "jingtu.portal.wsgi.application"

FORM_RENDERER = "jingtu.core.ui.rendering.FormRenderer"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "jingtu.core.ui.context.frame",
            ],
        },
    },
]

DATABASES = {
    "default": dj_database_url.parse(
        env.text("JINGTU_DATABASE_URL", f"sqlite:///{HOME / 'jingtu.sqlite3'}"), conn_max_age=60
    )
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        # One writer at a time, taken at BEGIN so that a writer waits instead of failing half-way.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }
elif DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    # The same, and every connection says who reads (core.kernel.wall).
    DATABASES["default"]["ENGINE"] = "jingtu.core.kernel.postgresql"
    # Conditions of row-level security look dear to the planner, which would compile small queries for seconds.
    given = DATABASES["default"].setdefault("OPTIONS", {})
    given["options"] = f"{given.get('options', '')} -c jit=off".strip()
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "accounts:sign-in"
LOGIN_REDIRECT_URL = "saved:start"
LOGOUT_REDIRECT_URL = "accounts:sign-in"
# Every other page asks for sign-in.
PUBLIC_VIEWS = {
    "accounts:sign-in",
    "account_login",
    "mfa_authenticate",
    "openid_connect_login",
    "openid_connect_callback",
    "accounts:passkey-sign-in",
    "accounts:passkey-options",
    "ui:set-language",
    "subscriptions:stop",
    "plans:feed",
    "ui:help",
    "ui:help-topic",
}
VIEWS_BEFORE_NEW_PASSWORD = {"accounts:password", "accounts:sign-out"}
VIEWS_BEFORE_SECOND_FACTOR = {
    "accounts:account",
    "accounts:codes-new",
    "accounts:confirm",
    "accounts:factor-remove",
    "accounts:factors",
    "accounts:passkey-add",
    "accounts:password",
    "accounts:sessions",
    "accounts:session-end",
    "accounts:sessions-end-others",
    "accounts:sign-out",
    "accounts:totp-add",
}
# Whoever holds no post in force reaches only these.
VIEWS_WITHOUT_POST = {*VIEWS_BEFORE_SECOND_FACTOR, "accounts:tokens", "accounts:token-revoke"}
# Deeds of apps below accounts that ask again who is there; other apps mark their views themselves.
VIEWS_TO_CONFIRM = {"audit:export"}
# Pages that a browser asks for by itself: they do not keep a session alive.
BACKGROUND_VIEWS = {"notifications:unread", "saved:menu", "cockpit:today"}

# Wrong passwords are remembered for a day; accounts.lockout says how long each more of them closes sign-in.
AXES_HANDLER = "jingtu.core.accounts.lockout.GrowingDelayHandler"
AXES_LOCKOUT_CALLABLE = "jingtu.core.accounts.lockout.refusal"
AXES_LOCKOUT_PARAMETERS = ["username", "ip_address"]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 24  # hours
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "jingtu.core.audit.middleware.client_address"
AXES_DISABLE_ACCESS_LOG = True  # the audit trail has its own
AXES_ENABLE_ACCESS_FAILURE_LOG = False

# Sign-in by django-allauth: by user name, no sign-up, no mail; failures are counted by axes alone.
ACCOUNT_ADAPTER = "jingtu.core.accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = False
ACCOUNT_LOGIN_TIMEOUT = 5 * 60  # between password and second factor
MFA_ADAPTER = "jingtu.core.accounts.adapters.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# A security key left in the machine must not confirm for whoever sits there: every use asks its owner's PIN or finger.
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_TOTP_ISSUER = env.text("JINGTU_NAME", "Jingtu")
MFA_TOTP_TOLERANCE = 1  # phones whose clock is half a minute off
MFA_RECOVERY_CODES_SHOW_ONCE = True
# Who must have a second factor, and how many days after the rule first met them.
SECOND_FACTOR_ROLES = env.words(
    "JINGTU_SECOND_FACTOR_ROLES",
    ("system_administrator", "security_administrator", "auditor", "reviewer"),
)
SECOND_FACTOR_GRACE_DAYS = env.integer("JINGTU_SECOND_FACTOR_GRACE_DAYS", 14)
# A proposed change of posts that nobody confirms lapses after so many days.
PROPOSAL_DAYS = env.integer("JINGTU_PROPOSAL_DAYS", 7)
# Keys that encrypt secrets in the database: numbered, the highest encrypts. In neither database nor backup.
FIELD_KEYS = env.text("JINGTU_FIELD_KEYS", "")
FIELD_KEYS_FILE = Path(env.text("JINGTU_FIELD_KEYS_FILE", str(HOME / "jingtu_field_keys")))

# Single sign-on with the office's directory (OpenID Connect): only when an address is given. The claim names
# an active account; nobody gets an account or a right by it.
OIDC_URL = env.text("JINGTU_OIDC_URL", "")
OIDC_ID = "office"
OIDC_NAME = env.text("JINGTU_OIDC_NAME", "单点登录 · SSO")
OIDC_CLAIM = env.text("JINGTU_OIDC_CLAIM", "preferred_username")
SOCIALACCOUNT_ADAPTER = "jingtu.core.accounts.adapters.SingleSignOnAdapter"
SOCIALACCOUNT_AUTO_SIGNUP = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_LOGIN_ON_GET = False
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": OIDC_ID,
                "name": OIDC_NAME,
                "client_id": env.text("JINGTU_OIDC_CLIENT_ID", ""),
                "secret": env.given_secret("JINGTU_OIDC_CLIENT_SECRET"),
                "settings": {"server_url": OIDC_URL},
            }
        ]
        if OIDC_URL
        else [],
    }
}

# How often one caller may pass a door, as number per s, m or h: JINGTU_RATE_LIMITS="api=6000/m,export=60/h".
RATE_LIMITS = env.rates(
    "JINGTU_RATE_LIMITS",
    {
        "sign-in": "60/m",
        "search": "240/m",
        "api": "6000/m",
        "export": "60/h",
        "upload": "120/h",
        "calendar": "1200/h",  # an address may be a whole office's
    },
)
LIMITED_VIEWS = {
    "accounts:sign-in": "sign-in",
    "accounts:passkey-sign-in": "sign-in",
    "mfa_authenticate": "sign-in",
    "ui:search": "search",
    "facts:export": "export",
    "audit:export": "export",
    "reporting:export": "export",
    "targets:export": "export",
    "cockpit:explorer-csv": "export",
    "cockpit:slides": "export",
    "cockpit:compare-file": "export",
    "reporting:progress-file": "export",
    "reporting:burden-file": "export",
    "runs:group-csv": "export",
    "runs:publication": "export",
    "simulations:retrospect-csv": "export",
    "outputs:export": "export",
    "plans:export": "export",
    "letters:export": "export",
    "letters:export-coverage": "export",
    "supervising:export": "export",
    "listings:export": "export",
    "facts:upload": "upload",
    "targets:trajectory_new": "upload",
    "plans:feed": "calendar",
}

SESSION_COOKIE_AGE = env.integer("JINGTU_SESSION_SECONDS", 30 * 60)  # idle time-out
SESSION_ABSOLUTE_SECONDS = env.integer("JINGTU_SESSION_ABSOLUTE_SECONDS", 12 * 3600)
# How long a sign-in, or a confirmation of it, counts as fresh for publishing, exporting and changing rights.
CONFIRM_SECONDS = env.integer("JINGTU_CONFIRM_SECONDS", 15 * 60)
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = False  # htmx reads the token from the page, other scripts have no use for it
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        # A form that leads to single sign-on is sent on to the directory.
        "form-action": [SELF, *([env.origin(OIDC_URL)] if OIDC_URL else [])],
        "frame-ancestors": [NONE],
    }
}

# The sentences of the interface are written in Chinese; `locale/en` of each app translates them.
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = PROJECT / "static_build"
NODE_MODULES = PROJECT / "node_modules"
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "jingtu.core.ui.finders.NodePackagesFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

# Uploads, facts, snapshots and documents live here, never below the web root.
STORE = HOME / "store"
# How many hours the link to an exported file is good; after that the file is removed.
EXPORT_HOURS = env.integer("JINGTU_EXPORT_HOURS", 24)
UPLOAD_LIMIT_BYTES = env.integer("JINGTU_UPLOAD_LIMIT_BYTES", 50 * 1024 * 1024)
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
# Chinese fonts that PDFs embed (OFL); the machine's own fonts are never used.
PDF_FONT_FOLDERS = [
    PROJECT / "node_modules" / "@expo-google-fonts" / family / weight
    for family, weight in (
        ("noto-serif-sc", "400Regular"),
        ("noto-serif-sc", "600SemiBold"),
        ("noto-serif-sc", "900Black"),
        ("noto-sans-sc", "400Regular"),
        ("noto-sans-sc", "500Medium"),
    )
]
# Where documents say their numbers can be looked up.
BASE_URL = env.text("JINGTU_BASE_URL", "http://127.0.0.1:8000")
# Apprise's address of the mail server, such as mailtos://user:password@mail.example.gov.cn?from=jingtu@…;
# a channel that an administrator adds on screen comes first.
MAIL_URL = env.text("JINGTU_MAIL_URL", "")
SMALL_CELL_LIMIT = env.integer("JINGTU_SMALL_CELL_LIMIT", 5)
# Memory of one process for open drafts that are kept up to date with every changed figure.
FOLLOWED_DRAFTS_BYTES = env.integer("JINGTU_FOLLOWED_DRAFTS_MB", 512) * 1024 * 1024

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.text("JINGTU_LOG_LEVEL", "WARNING")},
}
