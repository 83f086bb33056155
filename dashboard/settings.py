"""Every setting. `SIDECAR_*` variables are the twins of the command's flags; see docs/settings.md."""

from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from dashboard.state import secret_key, state_dir

BASE_DIR = Path(__file__).resolve().parent.parent
# Beside the packages in the repository, inside this one when installed; see setup.py.
WEB_DIR = BASE_DIR if (BASE_DIR / "templates").is_dir() else BASE_DIR / "dashboard"
env = environ.Env()


def _flag(name: str) -> bool:
    text = env.str(name, "").strip().lower()
    if text not in {"", "0", "1", "true", "false", "yes", "no"}:
        raise ImproperlyConfigured(f"{name} is {text!r}; it must be 1 or 0.")
    return text in {"1", "true", "yes"}


def _port() -> int:
    text = env.str("SIDECAR_PORT", "8765")
    if not text.isdecimal() or not 0 <= int(text) <= 65535:
        raise ImproperlyConfigured(f"SIDECAR_PORT is {text!r}; it must be a number from 0 to 65535.")
    return int(text)


def _count(name: str, default: int, most: int) -> int:
    text = env.str(name, str(default))
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise ImproperlyConfigured(f"{name} is {text!r}; it must be a number from 1 to {most}.")
    return int(text)


def _base_path() -> str:
    path = str(urlsplit(env.str("SIDECAR_BASE_URL", "")).path).rstrip("/")
    if path and not path.startswith("/"):
        raise ImproperlyConfigured("SIDECAR_BASE_URL must be a path such as /sidecars, or a whole address.")
    return path


# What the dashboard shows and where it listens
SIDECAR_LISTEN = env.str("SIDECAR_LISTEN", "127.0.0.1")
SIDECAR_PORT = _port()
SIDECAR_BASE_PATH = _base_path()
SIDECAR_KUBECONFIG = env.str("SIDECAR_KUBECONFIG", "")
SIDECAR_CONTEXT = env.str("SIDECAR_CONTEXT", "")
SIDECAR_NAMESPACE = env.str("SIDECAR_NAMESPACE", "")
SIDECAR_ALL_NAMESPACES = _flag("SIDECAR_ALL_NAMESPACES")
SIDECAR_READ_ONLY = _flag("SIDECAR_READ_ONLY")
SIDECAR_NO_BROWSER = _flag("SIDECAR_NO_BROWSER")
SIDECAR_LABEL = env.str("SIDECAR_LABEL", "")
SIDECAR_PRESETS_DIR = env.str("SIDECAR_PRESETS_DIR", "")
SIDECAR_IMAGES_FILE = env.str("SIDECAR_IMAGES_FILE", "")
SIDECAR_DEBUG_IMAGE = env.str("SIDECAR_DEBUG_IMAGE", "docker.io/library/busybox:1.36")
SIDECAR_LOG_VIEWS = _count("SIDECAR_LOG_VIEWS", 20, 1000)
SIDECAR_LOG_STREAMS = _count("SIDECAR_LOG_STREAMS", 200, 10_000)
SIDECAR_LOG_DOWNLOAD_BYTES = _count("SIDECAR_LOG_DOWNLOAD_BYTES", 1 << 30, 1 << 50)
SIDECAR_STATE_DIR = state_dir()

# Django
SECRET_KEY = secret_key(SIDECAR_STATE_DIR)
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]  # without port: security/gate.py compares the whole
ROOT_URLCONF = "dashboard.urls"
ASGI_APPLICATION = "dashboard.asgi.application"
FORCE_SCRIPT_NAME = SIDECAR_BASE_PATH or None
INSTALLED_APPS = [
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "csp",
    "django_htmx",
    "dashboard",
]
MIDDLEWARE = [
    "dashboard.middleware.RequestId",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "dashboard.middleware.PageHeaders",
    "django.middleware.csrf.CsrfViewMiddleware",
    "dashboard.middleware.SignInRequired",
    "dashboard.middleware.ErrorPages",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [WEB_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "dashboard.templatetags.frame",
                "dashboard.templatetags.logs",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "dashboard.context_processors.frame",
            ],
        },
    }
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": SIDECAR_STATE_DIR / "dashboard.sqlite3",
        "OPTIONS": {
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            # A write that starts as a read cannot wait for another writer; BEGIN IMMEDIATE can.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
        },
    }
}
STATIC_URL = f"{SIDECAR_BASE_PATH}/static/"
STATICFILES_DIRS = [WEB_DIR / "static"]
STORAGES = {"staticfiles": {"BACKEND": "dashboard.static_files.VersionedStorage"}}

# Languages
USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "dashboard" / "locale"]
LANGUAGE_COOKIE_NAME = "sidecar_language"
USE_TZ = True
TIME_ZONE = "UTC"

# Sessions. Cookies know no port: the port in the name keeps two dashboards of one computer apart.
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_NAME = f"sidecar_session_{SIDECAR_PORT}"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_PATH = f"{SIDECAR_BASE_PATH}/"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_USE_SESSIONS = True
CSRF_FAILURE_VIEW = "dashboard.views.errors.csrf_failure"
CSRF_HEADER_NAME = "HTTP_X_CSRFTOKEN"
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
FILE_UPLOAD_HANDLERS: list[str] = []  # nothing here takes files

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "worker-src": [SELF],
        "style-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "img-src": [SELF, "data:"],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "require-trusted-types-for": ["'script'"],
        "trusted-types": ["htmx", "log-pattern"],  # the second makes one worker from one address of ours
    }
}

TITLE = _("Sidecar Dashboard")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    # What is known is a WARNING with its reason already (`middleware.ErrorPages`): only crashes here.
    "filters": {
        "crashes": {"()": "django.utils.log.CallbackFilter", "callback": lambda record: record.exc_info}
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.str("SIDECAR_LOG_LEVEL", "WARNING").upper()},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.request": {"level": "ERROR", "filters": ["crashes"]},
    },
}
