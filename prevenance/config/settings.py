"""Settings, all from the environment; a demonstration needs none (docs/operations.md lists them)."""

import contextlib
import ipaddress
import os
import secrets
from pathlib import Path
from urllib.parse import unquote, urlsplit

from csp.constants import NONCE, NONE, SELF

from prevenance.config import postgres
from prevenance.config.paths import DATA, PACKAGE, VAR  # noqa: F401  (DATA is read through settings)


def env(name: str, default: str = "") -> str:
    return os.environ.get(f"PREVENANCE_{name}", default)


def kept_secret(name: str) -> str:
    """A random secret made at first use and kept, readable by its owner only, under `var/secrets`."""
    path = VAR / "secrets" / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial = path.with_name(f"{name}.{secrets.token_hex(4)}")
        with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
        with contextlib.suppress(FileExistsError):  # the other one was first: its secret is the secret
            os.link(partial, path)
        partial.unlink()
    return path.read_text()


DEMONSTRATION = env("DEMONSTRATION") == "1"
BRAND = env("BRAND", "neutral")  # "state" serves the DSFR, which the law bars to local authorities
SECRET_KEY = env("SECRET_KEY") or kept_secret("django")
DEBUG = False
QUERIES_CHECKED = env("QUERIES_CHECKED") == "1"  # each composed query is compared with Django's (ADR 0009): tests
SECURE = env("SECURE", "0" if DEMONSTRATION else "1") == "1"  # served over HTTPS
ALLOWED_HOSTS = env("HOSTS", "127.0.0.1,localhost,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [o for o in env("ORIGINS").split(",") if o]
PUBLIC_ADDRESS = env("ADDRESS", "http://127.0.0.1:8000")  # begins the links written in mails

DOMAINS = ["territories", "accounts", "governance", "strategy", "directory", "followup", "pages"]
INSTALLED_APPS = [
    "prevenance.core",
    *(f"prevenance.domains.{domain}" for domain in DOMAINS),
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "axes",
    "csp",
    "django_htmx",
    "leaflet",
    "procrastinate.contrib.django",
    *(["widget_tweaks", "dsfr"] if BRAND == "state" else []),
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "prevenance.core.transaction.RequestTransaction",
    "prevenance.domains.accounts.sessions.Sessions",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "prevenance.domains.accounts.acting.ActingMandate",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "prevenance.config.urls"
WSGI_APPLICATION = "prevenance.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "prevenance.domains.pages.context.site",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "prevenance.core.templatetags.prevenance",
                "prevenance.core.templatetags.rows",
                "prevenance.core.templatetags.once",
            ],
        },
    }
]
FORM_RENDERER = "prevenance.core.widgets.Renderer"


def database(role: str) -> dict[str, object]:
    address = urlsplit(postgres.url(role))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(address.path.lstrip("/")),
        "USER": unquote(address.username or ""),
        "PASSWORD": unquote(address.password or ""),
        "HOST": address.hostname or "",
        "PORT": address.port or "",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 5, "server_side_binding": False},
    }


# The owner migrates and seeds; everything else runs as the application, neither owner nor superuser (ADR 0003).
DATABASES = {"default": database(os.environ.get("PREVENANCE_DATABASE_ROLE", "application"))}
APPLICATION_ROLE = database("application")["USER"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.Person"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "prevenance.domains.accounts.backends.Mandated"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["email", "given_name", "family_name"]},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "pages:my_day"
OTP_TOTP_ISSUER = "Prévenance"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_USERNAME_FORM_FIELD = "username"
AXES_LOCKOUT_CALLABLE = "prevenance.domains.accounts.views.locked_out"
AXES_CLIENT_IP_CALLABLE = "prevenance.core.client_address.client_address"
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False
AXES_DISABLE_ACCESS_LOG = True  # the audit keeps who entered, without network addresses
PASSWORD_RESET_TIMEOUT = 3600

SESSION_ENGINE = "prevenance.domains.accounts.sessions"
SESSION_COOKIE_AGE = 10 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "prevenance.core.errors.csrf_failure"
SECURE_SSL_REDIRECT = SECURE
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env("BEHIND_PROXY") == "1" else None
# Addresses or networks of the proxies in front: only they are believed when they say who called them.
TRUSTED_PROXIES = [ipaddress.ip_network(text.strip()) for text in env("TRUSTED_PROXIES").split(",") if text.strip()]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français")]
LOCALE_PATHS = [PACKAGE / "locale"]
TIME_ZONE = "Europe/Paris"
USE_TZ = USE_I18N = True

STATIC_URL = "static/"
STATIC_ROOT = VAR / f"static-{BRAND}"  # apart: no file of the DSFR stays when the brand changes
STATICFILES_DIRS = [PACKAGE / "static"]
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": Path(env("FILES") or VAR / "files")},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
}
DSFR_USE_INTEGRITY_CHECKSUMS = False  # the manifest storage rewrites the CSS, and integrity would block it
WHITENOISE_MANIFEST_STRICT = True

UPLOAD_LIMIT = int(env("UPLOAD_MEGABYTES", "10")) * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
DATA_UPLOAD_MAX_NUMBER_FILES = 10
FILE_UPLOAD_HANDLERS = ["prevenance.core.uploads.BoundedUpload"]
FILE_UPLOAD_PERMISSIONS = 0o600

mail = urlsplit(env("SMTP"))  # smtp://user:password@host:port or smtps://…
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env("MAIL_FROM", "ne-pas-repondre@prevenance.invalid")
if mail.hostname:
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST, EMAIL_PORT = mail.hostname, mail.port or (465 if mail.scheme == "smtps" else 587)
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(mail.username or ""), unquote(mail.password or "")
    EMAIL_USE_SSL, EMAIL_USE_TLS = mail.scheme == "smtps", mail.scheme == "smtp"
    EMAIL_TIMEOUT = 20
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = Path(env("MAIL_FOLDER") or VAR / "mail")

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
SEALS = Path(env("SEALS") or VAR / "seals")  # best kept on another machine (docs/operations.md)
SEAL_KEY = env("SEAL_KEY") or VAR / "secrets" / "seal-key"

# Keys of files, apart from the database (core/vault, docs/operations.md). Of the sources, the first wraps, all unwrap.
KEY_STORE = Path(env("KEY_STORE") or VAR / "keys")
# Once `prevenance reseal` says that nothing is left to seal again, text bound to its column alone is refused.
OLD_SEALS_REFUSED = env("OLD_SEALS") == "refused"
MASTER_SOURCES = [s.strip() for s in env("MASTER_SOURCES").split(",") if s.strip()]  # environment, file, transit
MASTER_KEYS_GIVEN = env("MASTER_KEYS")  # "name:64 hexadecimal digits,…"
MASTER_KEYS = Path(env("MASTER_KEYS_FILE") or VAR / "secrets" / "master-keys")
TRANSIT = {
    "url": env("TRANSIT_URL"),
    "key": env("TRANSIT_KEY", "prevenance"),
    "token": env("TRANSIT_TOKEN"),
    "token_file": env("TRANSIT_TOKEN_FILE"),
    "mount": env("TRANSIT_MOUNT", "transit"),
    "namespace": env("TRANSIT_NAMESPACE"),
    "authority": env("TRANSIT_AUTHORITY"),  # file of the certificate authority, when it is a private one
    "timeout": float(env("TRANSIT_SECONDS", "5")),
}
LEAFLET_CONFIG = {"TILES": [], "NO_GLOBALS": True, "RESET_VIEW": False}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    # Errors without their words, which may quote a form or what was deciphered (core/logs.py).
    "filters": {"discreet": {"()": "prevenance.core.logs.Discreet"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["discreet"]}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", "WARNING")},
    "loggers": {
        "axes": {"level": "ERROR"},
        "django": {
            "handlers": [],
            "propagate": True,
        },  # no mail of an error to anybody, with the form that it came from
        "django.request": {"filters": ["discreet"]},  # whoever else listens
        "django.db.backends": {"level": "WARNING"},  # statements and their values are not written, at any level
    },
}
