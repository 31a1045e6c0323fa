"""One settings file for the laptop, the demo and production: everything that differs comes from the environment.

`.env.example` names every variable and says what it is for.
"""

import base64
import hashlib
import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from advocacy import guards

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
ENV_FILE = os.environ.get("ENV_FILE", str(BASE_DIR / ".env"))
if ENV_FILE and Path(ENV_FILE).is_file():
    env.read_env(ENV_FILE)
env.ENVIRON = {name: value for name, value in os.environ.items() if value}  # an empty one is one not set

# --- What kind of installation -------------------------------------------------------------------------------------

DEBUG = env.bool("DEBUG", default=False)
DEMO = env.bool("DEMO", default=False)
SITE_URL = env.str("SITE_URL", default="http://localhost:8000").rstrip("/")
SITE_HOST = urlsplit(SITE_URL).hostname or "localhost"
IS_LOCAL = guards.is_local(SITE_URL)
# How many of our own proxies stand in front; their X-Forwarded-For and X-Forwarded-Proto are believed, no others.
TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
SECURE = env.bool("SECURE", default=not DEBUG and SITE_URL.startswith("https://"))

DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "data"))).resolve()
DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)

# --- Keys ----------------------------------------------------------------------------------------------------------

SECRET_KEY = env.str("SECRET_KEY", default="insecure-only-for-debug-and-the-demo")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
# Fernet keys of the encrypted fields: the first encrypts, all of them decrypt.
FIELD_KEYS = env.list("FIELD_KEYS", default=[])
# Key of the hashes that find an encrypted value again; it is never rotated together with FIELD_KEYS.
HASH_KEY = env.str("HASH_KEY", default="insecure-hash-key-only-for-debug")

# --- Background work -----------------------------------------------------------------------------------------------

CELERY_BROKER_URL = env.str("REDIS_URL", default="memory://")
EMBEDDED = CELERY_BROKER_URL.startswith("memory")
if EMBEDDED:
    CELERY_BROKER_URL = "memory://localhost/"  # with a host, or kombu grumbles at every start
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {"polling_interval": 0.05}
    if EMBEDDED
    else {
        "visibility_timeout": 900,
        "socket_connect_timeout": 3,
        "socket_timeout": 30,
        "socket_keepalive": True,
    }
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_WORKER_PREFETCH_MULTIPLIER = 4 if EMBEDDED else 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 0 if EMBEDDED else 10
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "Asia/Jakarta"
CELERY_BEAT_SCHEDULER = "advocacy.beat:MonotonicScheduler"
# The tasks only wake the work up; the rows say what is due. A wake-up nobody took within a minute is worth nothing.
CELERY_BEAT_SCHEDULE = {
    "remind": {"task": "cases.tasks.remind", "schedule": 30.0, "options": {"expires": 60}},
    "deliver": {"task": "members.tasks.deliver", "schedule": 30.0, "options": {"expires": 60}},
    "words": {"task": "cases.tasks.refresh_words", "schedule": 30.0, "options": {"expires": 60}},
    "seal": {"task": "members.tasks.seal_access_log", "schedule": 60.0, "options": {"expires": 60}},
    "imports": {"task": "members.tasks.bring_in_lists", "schedule": 10.0, "options": {"expires": 30}},
    "papers": {"task": "cases.tasks.make_papers", "schedule": 10.0, "options": {"expires": 30}},
    "sessions": {"task": "members.tasks.clear_sessions", "schedule": 86400.0, "options": {"expires": 60}},
    "ends": {"task": "members.tasks.tell_ends", "schedule": 3600.0, "options": {"expires": 60}},
    "views": {"task": "cases.tasks.tell_views", "schedule": 3600.0, "options": {"expires": 60}},
    "sweep": {"task": "cases.tasks.sweep_papers", "schedule": 3600.0, "options": {"expires": 60}},
}
WEB_CONCURRENCY = env.int("WEB_CONCURRENCY", default=1 if EMBEDDED else 2)

# A tick is late after three intervals; a message, when it should have gone ten minutes ago.
TICK_LATE = 90
MESSAGE_LATE = 600
# Seconds a worker may hold messages; after that they belong to whoever comes next. Far above EMAIL_TIMEOUT.
MESSAGE_LEASE = 300

# --- Refusals ------------------------------------------------------------------------------------------------------

_celery_command = Path(sys.argv[0]).name in {"celery", "__main__.py"} and {"worker", "beat"} & set(sys.argv)
_problems = guards.problems(
    debug=DEBUG,
    demo=DEMO,
    site_url=SITE_URL,
    secure=SECURE,
    secure_chosen="SECURE" in env.ENVIRON,
    secret_key=SECRET_KEY,
    field_keys=FIELD_KEYS,
    hash_key=HASH_KEY,
    broker=CELERY_BROKER_URL,
    processes=WEB_CONCURRENCY,
    proxies=TRUSTED_PROXY_COUNT,
    separate_worker=bool(_celery_command),
    mail_chosen="EMAIL_URL" in env.ENVIRON,
)
if _problems:
    raise ImproperlyConfigured("\n".join(["Kawal does not start:", *(f"- {problem}" for problem in _problems)]))
if not FIELD_KEYS:  # DEBUG or DEMO without a .env: one fixed key, so that a restart can still read its rows
    FIELD_KEYS = [base64.urlsafe_b64encode(hashlib.sha256(SECRET_KEY.encode()).digest()).decode()]

# --- Hosts and proxies ---------------------------------------------------------------------------------------------

_own_hosts = ["localhost", "127.0.0.1", "[::1]"] if IS_LOCAL else [SITE_HOST]
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=_own_hosts)
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT
if TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- The application -----------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "members",
    "cases",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "crispy_forms",
    "crispy_bootstrap5",
    "phonenumber_field",
    "simple_history",
    "csp",
]

MIDDLEWARE = [
    "advocacy.middleware.HeaderMiddleware",  # outermost: it sees every answer last, with all its cookies
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "advocacy.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "advocacy.middleware.NulMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "members.middleware.SignInMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "members.middleware.SessionClockMiddleware",
    "members.middleware.DutyMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
]

ROOT_URLCONF = "advocacy.urls"
WSGI_APPLICATION = "advocacy.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "members.context.shell",
                "advocacy.context.troubles",
            ],
        },
    }
]
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
CRISPY_FAIL_SILENTLY = not DEBUG
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- Database ------------------------------------------------------------------------------------------------------

DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'db.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA temp_store=MEMORY; PRAGMA secure_delete=ON;"
        ),
    }
    # A file: threads of one test cannot share Django's in-memory test database.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
else:
    DATABASES["default"].update(CONN_MAX_AGE=60, CONN_HEALTH_CHECKS=True)

# --- Cache and sessions: both live on when Redis is away -----------------------------------------------------------

CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 20_000}}
    if EMBEDDED
    else {"BACKEND": "advocacy.cache.RedisOrMemoryCache", "LOCATION": CELERY_BROKER_URL, "KEY_PREFIX": "kawal"}
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 14 * 24 * 3600

# --- Accounts ------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "members.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "advocacy.passwords.MaximumLengthValidator", "OPTIONS": {"max_length": 128}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "advocacy.passwords.OwnWordsValidator"},
]
PASSWORD_RESET_TIMEOUT = 3600
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"

ACCOUNT_ADAPTER = "members.adapters.AccountAdapter"
MFA_ADAPTER = "members.adapters.SecondFactorAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*"]  # sign-up is closed; the adapter refuses
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # mail goes to addresses of the database alone
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
ACCOUNT_RATE_LIMITS = {
    # Many phones share the one address of a hospital: the limit per address is wide, the one per account is not.
    "login": "60/m/ip",
    "login_failed": "20/15m/ip,5/15m/key",  # the key is account and address; see members.adapters
    "login_failed_everywhere": "25/15m/key",  # the account, from all addresses together
    "reset_password": "20/m/ip,3/h/key",
}
MFA_FORMS = {
    "add_webauthn": "members.forms.passkeys.AddPasskeyForm",
    "login_webauthn": "members.forms.passkeys.LoginPasskeyForm",
    "reauthenticate_webauthn": "members.forms.passkeys.ReauthenticatePasskeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # the invitation went there; a stranger's reset request must not stop a set-up
MFA_TOTP_ISSUER = "Kawal"
MFA_TOTP_TOLERANCE = 1
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = IS_LOCAL and not SECURE
# Coordinators and admins must have a second factor; the demo does without.
MFA_REQUIRED = env.bool("MFA_REQUIRED", default=not DEMO)

# --- Browser -------------------------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "blob:"],  # blob: is the preview of a photo not sent yet
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "report-uri": "/csp-report/",
    }
}
PERMISSIONS_POLICY = ", ".join(
    [
        *(
            f"{feature}=()"
            for feature in (
                "accelerometer",
                "autoplay",
                "browsing-topics",
                "display-capture",
                "geolocation",
                "gyroscope",
                "magnetometer",
                "microphone",
                "midi",
                "payment",
                "serial",
                "usb",
            )
        ),
        *(
            f"{feature}=(self)"
            for feature in (
                "camera",
                "clipboard-read",
                "clipboard-write",
                "publickey-credentials-create",
                "publickey-credentials-get",
                "web-share",
            )
        ),
    ]
)
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = SECURE
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # asked from inside, without TLS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE
SECURE_HSTS_PRELOAD = SECURE

_cookie = "__Host-" if SECURE else ""
SESSION_COOKIE_NAME = f"{_cookie}sesi"
CSRF_COOKIE_NAME = f"{_cookie}csrf"
LANGUAGE_COOKIE_NAME = f"{_cookie}bahasa"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600

# --- Files ---------------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = DATA_DIR / "media"  # no URL: a file goes out through a view, after the permission check
MEDIA_URL = ""
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "advocacy.static_files.HashedStaticFiles"
    },
}
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
MAX_UPLOAD = env.int("MAX_UPLOAD", default=5 * 1024 * 1024)  # bytes of one file
MAX_PIXELS = 40_000_000
MAX_IMPORT = 20 * 1024 * 1024  # bytes of a list of members: 200,000 rows
# A file over its limit still gets a polite answer in its form.
MAX_REQUEST = max(MAX_UPLOAD + 11 * 1024 * 1024, MAX_IMPORT + 1024 * 1024)
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]  # never in clear on the disk
FILE_UPLOAD_MAX_MEMORY_SIZE = MAX_REQUEST

# --- Mail ----------------------------------------------------------------------------------------------------------

_mail = env.email_url("EMAIL_URL", default=f"filemail:///{DATA_DIR / 'mail'}")
EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
EMAIL_FILE_PATH = _mail["EMAIL_FILE_PATH"] or None
EMAIL_HOST = _mail["EMAIL_HOST"] or "localhost"
EMAIL_PORT = _mail["EMAIL_PORT"] or 25
EMAIL_HOST_USER = _mail["EMAIL_HOST_USER"] or ""
EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_PASSWORD"] or ""
EMAIL_USE_TLS = _mail.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = _mail.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 20  # far below the lease of a message, 300 s
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"Kawal <kawal@{SITE_HOST}>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
ADMINS: list[tuple[str, str]] = []  # no error mails: a traceback holds what people typed

# --- Language and time ---------------------------------------------------------------------------------------------

LANGUAGE_CODE = "id"
LANGUAGES = [("id", _("Indonesian")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "advocacy" / "locale"]
TIME_ZONE = "Asia/Jakarta"
USE_TZ = True
USE_I18N = True
FIRST_DAY_OF_WEEK = 1
PHONENUMBER_DEFAULT_REGION = "ID"
PHONENUMBER_DB_FORMAT = "E164"

# --- Logs: one line a record to stderr, numbers of people masked ---------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "advocacy.logs.LineFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        "django.server": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        "celery": {"level": "WARNING"},
        **{app: {"level": env.str("LOG_LEVEL", default="INFO")} for app in ("advocacy", "members", "cases")},
    },
}
