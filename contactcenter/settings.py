"""Django's settings: made of `contactcenter.env.ENV` alone, so that a start either has every value right or stops.

Sections: apps, requests, data, background work, live calls, pages, security, logs, and last the product's own settings.
"""

from __future__ import annotations

import warnings
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import django_stubs_ext

import contactcenter.celery
import contactcenter.checks  # noqa: F401 - registers them
from contactcenter.demo.company import CompanyError, company_load
from contactcenter.env import ENV, ROOT, SettingError
from contactcenter.headers import static_headers
from contactcenter.logs import logging_config, structlog_configure

# Lets `ModelAdmin[Lead]` and `QuerySet[Chunk]` be written as the type checker wants them.
django_stubs_ext.monkeypatch()

BASE_DIR = ROOT
DATA_DIR = ENV.data_dir
SECRET_KEY = ENV.secret_key
DEBUG = ENV.debug
ALLOWED_HOSTS = list(ENV.allowed_hosts)
PUBLIC_BASE_URL = ENV.public_base_url
HTTPS = PUBLIC_BASE_URL.startswith("https://")

INSTALLED_APPS = [
    # Only `runserver` needs it there, and it would load Twisted into every worker and command.
    *(["daphne"] if DEBUG else []),
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "channels",
    "django_htmx",
    "contactcenter.demo",
    "contactcenter.drill",
    "knowledge",
    "leads",
    "escalations",
    "calls",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "contactcenter.headers.HeadersMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "contactcenter.urls"
ASGI_APPLICATION = "contactcenter.asgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "leads.context.company",
            ],
        },
    },
]


# ---- data


def database(url: str) -> dict[str, Any]:
    """Django's form of ``postgresql://user:password@host:port/name?option=value``."""
    parts = urlsplit(url)
    options: dict[str, Any] = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    # A web process answers many calls from many threads, each of which would otherwise open a connection of its own;
    # a worker process uses one of these. The embedded server allows 200 in all.
    options["pool"] = {"min_size": 1, "max_size": 24, "timeout": 10, "max_idle": 300}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
        "CONN_MAX_AGE": 0,  # the pool keeps connections; Django must give them back after each request
        "CONN_HEALTH_CHECKS": True,
    }


DATABASES = {"default": database(ENV.database_url)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
MEDIA_ROOT = DATA_DIR / "media"
MEDIA_URL = "/media/"  # nothing serves it: documents go out through views that check who asks
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": ENV.redis_url,
        "KEY_PREFIX": "cache",
    }
}

# ---- background work: a worker for all queues and one for the prompt one; rows are the truth, so results are not kept

CELERY_BROKER_URL = ENV.redis_url
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # once a second, for as long as it takes
# Well above the longest task. Nothing is scheduled further ahead with an ETA: callbacks are rows with a due time.
# When the broker is down a doorbell gives up at once (the sweep rings again); its default is to block for 6 s.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "global_keyprefix": "celery.",
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.1,
    "socket_connect_timeout": 2,
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True  # without it a SIGKILL counts as done, acks_late or not
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# Whoever is asking a provider when the broker goes hears the answer and writes it down. Cut off, it would have to be looked up.
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_TASK_DEFAULT_QUEUE = "messages"
# What somebody waits for at this moment, and the sweeps, must not stand behind a backlog of messages; a worker takes from its
# queues in turn.
CELERY_TASK_ROUTES = {
    "knowledge.tasks.*": {"queue": "indexing"},
    "leads.tasks.callback_dial": {"queue": "prompt"},
    "leads.tasks.callback_resolve": {"queue": "prompt"},
    "leads.tasks.code_send": {"queue": "prompt"},
}
CELERY_TASK_SOFT_TIME_LIMIT = 300
CELERY_TASK_TIME_LIMIT = 330
CELERY_TIMEZONE = "UTC"
# Sweeps: each rings again for rows whose doorbell was lost. A tick nobody took before the next one is dropped.
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "messages-sweep": {
        "task": "leads.tasks.messages_sweep",
        "schedule": 5.0,
        "options": {"queue": "prompt", "expires": 5},
    },
    "callbacks-sweep": {
        "task": "leads.tasks.callbacks_sweep",
        "schedule": 2.0,
        "options": {"queue": "prompt", "expires": 4},
    },
    "calls-sweep": {
        "task": "calls.tasks.calls_sweep",
        "schedule": 3.0,
        "options": {"queue": "prompt", "expires": 10},
    },
    "failures-sweep": {
        "task": "calls.tasks.failures_sweep",
        "schedule": 5.0,
        "options": {"queue": "prompt", "expires": 5},
    },
    "jobs-sweep": {
        "task": "leads.tasks.jobs_sweep",
        "schedule": 10.0,
        "options": {"queue": "prompt", "expires": 10},
    },
    "retention-sweep": {
        "task": "calls.tasks.retention_sweep",
        "schedule": 600.0,
        "options": {"queue": "messages", "expires": 600},
    },
    "documents-sweep": {
        "task": "knowledge.tasks.documents_sweep",
        "schedule": 30.0,
        "options": {"queue": "indexing", "expires": 30},
    },
}
if not PUBLIC_BASE_URL:
    # A demo that runs for days keeps an order that arrives today.
    CELERY_BEAT_SCHEDULE["demo-orders-redate"] = {
        "task": "contactcenter.demo.tasks.demo_orders_redate",
        "schedule": 300.0,
        "options": {"queue": "messages", "expires": 300},
    }

# ---- live calls

CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {
            # No socket timeout: the layer waits in a blocking pop, and a timeout as long as that pop would
            # close one idle WebSocket a process every few seconds.
            "hosts": [{"address": ENV.redis_url, "socket_timeout": None}],
            "prefix": "channels",
            "capacity": 500,
            "expiry": 30,
        },
    }
}

# ---- pages

STATIC_URL = "/static/"
STATICFILES_DIRS = [ROOT / "static"] if (ROOT / "static").is_dir() else []
# Files are served from where they lie under their plain names: a host site embeds the widget by a fixed address.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_MAX_AGE = 60
WHITENOISE_ADD_HEADERS_FUNCTION = static_headers
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")

LANGUAGE_CODE = "en"
USE_I18N = True
USE_TZ = True
TIME_ZONE = ENV.time_zone
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"

# ---- security

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
# Two copies on one machine share the cookies of "127.0.0.1"; a name of its own keeps each signed in.
SESSION_COOKIE_NAME = "sessionid" if HTTPS else f"sessionid{ENV.port}"
CSRF_COOKIE_NAME = "csrftoken" if HTTPS else f"csrftoken{ENV.port}"
CSRF_TRUSTED_ORIGINS = [PUBLIC_BASE_URL] if PUBLIC_BASE_URL else []
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 30 * 24 * 3600 if HTTPS else 0
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"  # the outbox shows a message in a frame of our own
SILENCED_SYSTEM_CHECKS = [
    "security.W005",  # HSTS for subdomains is the domain owner's decision
    "security.W008",  # the proxy that ends TLS redirects to it
    "security.W019",  # frames of our own are used
    "security.W021",
]

# ---- logs: events and ids, on stderr

LOGGING = logging_config(form=ENV.log_format, level=ENV.log_level)
structlog_configure()

# ---- the product's own

SERVER_URL = f"http://{'127.0.0.1' if ENV.host in {'0.0.0.0', '::'} else ENV.host}:{ENV.port}"
DEMO_COMPANY = ENV.demo_company
try:
    COMPANY_NAME = ENV.company_name or company_load(DEMO_COMPANY).name
except CompanyError as error:
    raise SettingError(
        f"DEMO_COMPANY can't be used: {error}; it should be like contactcenter/demo/companies"
    ) from error
DEFAULT_PHONE_REGION = ENV.default_phone_region
AI_ENGINE = ENV.ai_engine
LLM_BASE_URL = ENV.llm_base_url
LLM_MODEL = ENV.llm_model
LLM_API_KEY = ENV.llm_api_key
LLM_LOCAL_MODEL = ENV.llm_local_model
LLM_FIRST_TOKEN_S = ENV.llm_first_token_s
LLM_TIMEOUT_S = ENV.llm_timeout_s
STT_MODEL = ENV.stt_model
TTS_ENGINE = ENV.tts_engine
WEIGHTS_DIR = ENV.weights_dir
MODEL_WORKERS = ENV.model_workers
MODEL_QUEUE = ENV.model_queue
MAX_CALLS = ENV.max_calls
KNOWLEDGE_THRESHOLD = ENV.knowledge_threshold
TWILIO_ACCOUNT_SID = ENV.twilio_account_sid
TWILIO_AUTH_TOKEN = ENV.twilio_auth_token
TWILIO_SMS_FROM = ENV.twilio_sms_from
TWILIO_WHATSAPP_FROM = ENV.twilio_whatsapp_from
TWILIO_VOICE_FROM = ENV.twilio_voice_from
CALLBACK_CONNECT_TO = ENV.callback_connect_to
CALLBACK_RETRY_MINUTES = ENV.callback_retry_minutes
CALLBACK_RING_SECONDS = ENV.callback_ring_seconds
TWILIO_API_BASE_URL = ENV.twilio_api_base_url
SENDGRID_API_KEY = ENV.sendgrid_api_key
SENDGRID_API_BASE_URL = ENV.sendgrid_api_base_url
SENDGRID_WEBHOOK_PUBLIC_KEY = ENV.sendgrid_webhook_public_key
EMAIL_FROM = ENV.email_from
EMAIL_REPLY_TO = ENV.email_reply_to
RETENTION_DAYS = ENV.retention_days
RETENTION_MODE = ENV.retention_mode
DEFAULT_FROM_EMAIL = EMAIL_FROM or "webmaster@localhost"
