"""Settings: one file for every place; what differs comes from the environment (see deploy/)."""

import os
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

BASE_DIR = Path(__file__).resolve().parent.parent
MODE = os.environ.get("RELIEF_MODE", "demo")
IS_PRODUCTION = MODE == "production"
DEBUG = False

# Production refuses to start without keys of its own; the launcher makes them elsewhere.
SECRET_KEY = (
    os.environ["DJANGO_SECRET_KEY"]
    if IS_PRODUCTION
    else os.environ.get("DJANGO_SECRET_KEY", "only-for-checks-that-serve-nobody")
)
FIELD_KEY = (
    os.environ["RELIEF_FIELD_KEY"]
    if IS_PRODUCTION
    else os.environ.get("RELIEF_FIELD_KEY", "00" * 32)
)
ALLOWED_HOSTS = os.environ.get("RELIEF_HOSTS", "127.0.0.1,localhost,[::1],testserver").split(",")
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("RELIEF_ORIGINS", "").split(",") if o]


def database(url: str) -> dict[str, object]:
    """Django's settings for a postgresql:// address; `?host=` names a socket folder."""
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query["host"][0] if "host" in query else (parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


# The application's role owns nothing; only commands that change the schema come as the owner.
_NOWHERE = "postgresql://relief_app@/relief?host=/nonexistent"
_ROLE = "DATABASE_OWNER_URL" if os.environ.get("RELIEF_DB_ROLE") == "owner" else "DATABASE_URL"
DATABASES = {
    "default": database(os.environ.get(_ROLE) or os.environ.get("DATABASE_URL") or _NOWHERE)
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "axes",
    "csp",
    "django_celery_beat",
    "django_htmx",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
    "simple_history",
    "yuquan_relief.kernel",
    "cases",
    "funds",
    "archives",
    "supervision",
]

MIDDLEWARE = [
    "yuquan_relief.kernel.middleware.PackPages",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "yuquan_relief.kernel.middleware.refuse_nul_bytes",
    "yuquan_relief.kernel.middleware.say_what_pages_may_use",
    "yuquan_relief.kernel.middleware.refuse_other_methods",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "yuquan_relief.kernel.middleware.sign_in_required",
    "yuquan_relief.kernel.middleware.keep_looks",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "yuquan_relief.urls"
WSGI_APPLICATION = "yuquan_relief.wsgi.application"
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
                "yuquan_relief.kernel.shell.shell",
            ],
        },
    },
]

# People and sessions
AUTH_USER_MODEL = "kernel.Account"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "yuquan_relief.kernel.sign_in.PersonBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
# Two named profiles, since MLPS level 3 and ASVS disagree (docs/adr/0005-passwords.md).
PASSWORD_PROFILES = {
    "asvs": [
        {
            "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
            "OPTIONS": {"min_length": 12},
        },
        {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
        {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
        {"NAME": "yuquan_relief.kernel.passwords.NotGuessableValidator"},
        {"NAME": "yuquan_relief.kernel.passwords.NotRecentValidator"},
    ],
    "mlps3": [
        {
            "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
            "OPTIONS": {"min_length": 12},
        },
        {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
        {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
        {"NAME": "yuquan_relief.kernel.passwords.NotGuessableValidator"},
        {"NAME": "yuquan_relief.kernel.passwords.NotRecentValidator"},
        {"NAME": "yuquan_relief.kernel.passwords.ThreeKindsValidator"},
    ],
}
PASSWORD_PROFILE = os.environ.get("RELIEF_PASSWORD_PROFILE") or "asvs"
AUTH_PASSWORD_VALIDATORS = PASSWORD_PROFILES[PASSWORD_PROFILE]
PASSWORD_MAX_DAYS = {"asvs": None, "mlps3": 90}[PASSWORD_PROFILE]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_IDLE_SECONDS = 30 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_PRODUCTION
SECURE_SSL_REDIRECT = False  # the gateway in front speaks TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_PRODUCTION else None
SECURE_HSTS_SECONDS = 31536000 if IS_PRODUCTION else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
AXES_HANDLER = "yuquan_relief.kernel.lockout.PairAndAccount"
AXES_FAILURE_LIMIT = 5  # of an account from one address; 20 from everywhere
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"], "username"]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "yuquan_relief.kernel.views.sign_in.locked_out"
AXES_CLIENT_IP_CALLABLE = "yuquan_relief.kernel.middleware.client_address"
AXES_VERBOSE = False
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    },
    "EXCLUDE_URL_PREFIXES": ["/api/docs/"],
}

# Language and time
LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

# Files
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "var" / "static"
STATICFILES_DIRS = [BASE_DIR / "yuquan_relief" / "static"]
ATTACHMENT_STORE = Path(os.environ.get("RELIEF_STORE", BASE_DIR / "var" / "up" / "store"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = False  # only what was collected is packed
WHITENOISE_MAX_AGE = 3600
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
ATTACHMENT_MAX_BYTES = 20 * 1024 * 1024
ATTACHMENT_MAX_PIXELS = 50_000_000

# Jobs: the database is the queue, the broker rings the bell (blueprint 5)
CELERY_BROKER_URL = os.environ.get("REDIS_URL", "redis+socket:///nonexistent/relief.sock")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A broker that is away must not hold up the person: the sweep finds the rows (0 retries).
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "max_retries": 0,
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "yuquan_relief.kernel.tasks.sweep", "schedule": 60.0},
    "answers": {"task": "cases.tasks.release_answers", "schedule": 60.0},
    "duties": {"task": "yuquan_relief.kernel.tasks.run_duties", "schedule": 3600.0},
}

# What all web processes count together (kernel.throttling) stands at the broker; nothing else does.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "shared": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": CELERY_BROKER_URL.replace("redis+socket:", "unix:", 1),
        "KEY_PREFIX": "relief",
        "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1},
    },
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "yuquan_relief.kernel.api.ClientTokenAuthentication",
        "yuquan_relief.kernel.api.PersonAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["yuquan_relief.kernel.api.HasActor"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["yuquan_relief.kernel.api.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "yuquan_relief.kernel.api.problem",
    "DEFAULT_THROTTLE_CLASSES": ["yuquan_relief.kernel.api.ClientThrottle"],
    "DEFAULT_THROTTLE_RATES": {"client": "600/min", "public": "10/hour"},
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "玉泉区社会救助工作接口",
    "VERSION": "v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "yuquan_relief.kernel.logs.DiscreetFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
}
SIMPLE_HISTORY_HISTORY_CHANGE_REASON_USE_TEXT_FIELD = True
SILENCED_SYSTEM_CHECKS = ["security.W008"]  # the gateway redirects to TLS
