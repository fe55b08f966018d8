"""Every setting that differs between places comes from the environment; `.env.example` lists them all.

`ATTENDANCE_MIS_ENV` is `production` unless it says `development`. Development supplies what a laptop lacks (a key, an
embedded database, plain http); production supplies nothing: a missing value stops the start with a sentence.
"""

import secrets
import sys
from pathlib import Path
from typing import Any

import environ
import structlog
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
env.read_env(BASE_DIR / ".env")

ENVIRONMENT = env.str("ATTENDANCE_MIS_ENV", default="production")
if ENVIRONMENT not in ("production", "development"):
    raise ImproperlyConfigured(f"Set ATTENDANCE_MIS_ENV to production or development, not {ENVIRONMENT!r}.")
PRODUCTION = ENVIRONMENT == "production"

VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))  # the embedded database, broker, cache and files


# A command of manage.py serves nobody: it needs a database, a key for its own lifetime, and no host.
COMMAND = Path(sys.argv[0]).name == "manage.py"


def _required(name: str, example: str, otherwise: str | None) -> str:
    """What production must set itself; `otherwise` stands in where that is safe, None says nowhere."""
    value = env.str(name, default="") or otherwise
    if value is None:
        raise ImproperlyConfigured(
            f"Set {name}, for example {name}={example}; see .env.example. "
            "To try things out on one machine, set ATTENDANCE_MIS_ENV=development instead."
        )
    return value


# The web server
SECRET_KEY = _required(
    "SECRET_KEY",
    "$(openssl rand -base64 48)",
    "development-only-" + "x" * 40 if not PRODUCTION else secrets.token_urlsafe(50) if COMMAND else None,
)
if PRODUCTION and SECRET_KEY.startswith("development-only-"):
    raise ImproperlyConfigured("Set SECRET_KEY to a value of your own: this one is known to everybody.")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])  # keys of before, while people sign in anew
_hosts = _required(
    "ALLOWED_HOSTS",
    "attendance.school.example",
    "localhost,127.0.0.1,[::1]" if not PRODUCTION else "" if COMMAND else None,
)
ALLOWED_HOSTS = [host.strip() for host in _hosts.split(",") if host.strip()]
DEBUG = env.bool("DEBUG", default=False)
if PRODUCTION and DEBUG:
    raise ImproperlyConfigured("Unset DEBUG: its error pages would show pupils' records.")
ROOT_URLCONF = "attendance_mis.urls"
WSGI_APPLICATION = "attendance_mis.wsgi.application"

INSTALLED_APPS = [
    "attendance_mis",
    "registers",
    "letters",
    "casework",
    "penalties",
    "reports",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "csp",
    "django_filters",
    "django_htmx",
    "django_structlog",
    "django_tables2",
]

MIDDLEWARE = [
    "attendance_mis.middleware.ProblemMiddleware",  # outermost: whoever refuses, a partner is told in her own format
    "django.middleware.security.SecurityMiddleware",
    "attendance_mis.storage.StaticFiles",
    "attendance_mis.metrics.MetricsMiddleware",
    "django_structlog.middlewares.RequestMiddleware",  # above authentication: it must not load the user on the way in
    "attendance_mis.middleware.PolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",  # no query; asks again who somebody is before her ways in change
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "attendance_mis.middleware.HeadersMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "attendance_mis.middleware.PostedOnlyMiddleware",
    "attendance_mis.middleware.IdleMiddleware",
    "attendance_mis.middleware.TabletMiddleware",
    "attendance_mis.middleware.SchoolMiddleware",
    "attendance_mis.middleware.TableFileMiddleware",
    "registers.looks.LookMiddleware",
    "attendance_mis.sent_once.SentOnceMiddleware",  # innermost: what another layer answers is no answer to a form
]

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
                "attendance_mis.navigation.menu",
                "registers.demo.banner.demo_clock",
            ],
            # below every table and in every cell of one, so never loaded by hand
            "builtins": ["attendance_mis.templatetags.table_files", "reports.templatetags.explained"],
        },
    },
]
FORM_RENDERER = "attendance_mis.rendering.Renderer"
DJANGO_TABLES2_TEMPLATE = "parts/table.html"

# The database: PostgreSQL, and nothing else
DATABASE_URL = _required(
    "DATABASE_URL",
    "postgres://attendance:password@db.example:5432/attendance",
    f"postgres://postgres@/postgres?host={VAR_DIR / 'postgres'}" if not PRODUCTION else None,
)
if not DATABASE_URL.startswith(("postgres://", "postgresql://")):
    raise ImproperlyConfigured(
        "Set DATABASE_URL to a PostgreSQL address, for example postgres://user@host:5432/attendance."
    )
# The same database without PgBouncer, where DATABASE_URL leads through one (decision 0065). Commands go there: a dump,
# a migration and a restore set up their connection, and must not leave it so to whoever is lent it next.
DIRECT_URL = env.str("DIRECT_URL", default="")
IS_POOLED = bool(DIRECT_URL) and not COMMAND
# A thread of the web server keeps its connection from one request to the next (decision 0006); one that a firewall cut
# off in silence is found out within minutes.
_database: dict[str, Any] = {
    **environ.Env.db_url_config(DIRECT_URL if DIRECT_URL and COMMAND else DATABASE_URL),
    "ENGINE": "attendance_mis.postgres",
    "CONN_MAX_AGE": 600,
    "CONN_HEALTH_CHECKS": True,
    "DISABLE_SERVER_SIDE_CURSORS": IS_POOLED,
}
_database.setdefault("OPTIONS", {}).setdefault("keepalives_idle", 60)
_database["OPTIONS"].setdefault("connect_timeout", 3)  # seconds: a page that waits longer is better told so
# Only `prepared.rows` prepares. Behind a pooler the next transaction has another connection, which knows nothing of it.
_database["OPTIONS"]["prepare_threshold"] = None if IS_POOLED else 5
# A register is thirty look-ups by key on a disk without a head to move, no statement of it is worth compiling, and the
# plan that was kept is the plan: left to choose, PostgreSQL plans the statement that saves anew each time. PgBouncer
# takes no such wishes; docs/deploy/pgbouncer.ini has them.
if not IS_POOLED:
    _database["OPTIONS"].setdefault(
        "options", "-c random_page_cost=1.1 -c jit=off -c plan_cache_mode=force_generic_plan"
    )
DATABASES = {"default": _database}
# A streaming copy from which pages of figures read (replica.py).
if REPLICA_URL := env.str("REPLICA_URL", default=""):
    DATABASES["replica"] = {**_database, **environ.Env.db_url_config(REPLICA_URL), "ENGINE": _database["ENGINE"]}
    DATABASES["replica"]["OPTIONS"] = {**_database["OPTIONS"], "connect_timeout": 3}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Cache, sessions and broker: Redis where there is one, else files of this one machine
REDIS_URL = env.str("REDIS_URL", default="")
if REDIS_URL:
    CACHES = {"default": {"BACKEND": "attendance_mis.caches.RedisCache", "LOCATION": REDIS_URL}}
else:
    CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": VAR_DIR / "cache"}
    }

CELERY_BROKER_URL = REDIS_URL or "filesystem://localhost"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_max": 0.2}  # a page waits for it
if REDIS_URL:
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
        "visibility_timeout": 15 * 60
    }  # longer than any task may take, see below
else:
    _queue, _control = VAR_DIR / "broker" / "queue", VAR_DIR / "broker" / "control"
    for _folder in (_queue, _control):
        _folder.mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": _queue,
        "data_folder_out": _queue,
        "control_folder": _control,
    }
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True  # a row's status is the result
CELERY_TASK_ACKS_LATE = True  # a task whose worker died runs again; the row it claimed says whether there is work left
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_TIME_LIMIT = 300
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "Europe/London"
TICK_SECONDS = env.int("TICK_SECONDS", default=60)
CELERY_BEAT_SCHEDULE: dict[str, Any] = {
    # One tick: what is due at which school, in its own time zone and calendar, is for the tasks to find out.
    "tick": {"task": "attendance_mis.tasks.tick", "schedule": TICK_SECONDS, "options": {"expires": TICK_SECONDS}},
    # What belongs to no school: the partitions of the marks.
    "mark_years": {"task": "registers.tasks.keep_mark_years", "schedule": crontab(hour="4", minute="30")},
}
# What the tick sends to each school (attendance_mis/schedule.py): at every tick, or once a day from a local time on.
SCHOOL_TASKS = {
    "registers.tasks.seal_record": None,
    "registers.tasks.work_on_imports": None,
    "attendance_mis.tasks.send_webhooks": None,
    "letters.tasks.send_messages": None,
    "letters.tasks.ask_what_became": None,
    "letters.tasks.render_letters": None,
    "casework.tasks.text_unexplained": None,
    "letters.tasks.check_evidence": None,
    "letters.tasks.propose_reports": "07:00",
    "letters.tasks.propose_lateness": "16:30",
    "letters.tasks.propose_evidence_requests": "07:00",
    "registers.tasks.turn_old_n_into_o": "01:00",
    "registers.tasks.verify_record": "02:00",
    "registers.tasks.merge_counts": "04:00",
    "registers.tasks.propose_disposals": "06:00",
    "casework.tasks.evaluate_ladders": "18:00",
    "reports.tasks.make_governor_report": "19:00",
    "reports.tasks.make_reports": "19:00",
    "reports.tasks.check_data": "03:00",
    "reports.tasks.keep_figures": "05:00",
    "penalties.tasks.follow_changes": None,
    "penalties.tasks.watch_thresholds": "18:30",
}

# What the worker and the office would have done before a demonstration was loaded, so that its lists are neither empty
# nor full of what nobody did.
DEMO_NIGHT = [
    "casework.demo.tell_casework",
    "penalties.demo.tell_penalties",
    "casework.demo.make_due_returns",
]

# How long a worker may take for the few letters it claimed before another takes them up (the task limit is longer than
# the claim on purpose: a claim is ten letters, a task many claims).
LETTER_CLAIM_SECONDS = env.int("LETTER_CLAIM_SECONDS", default=120)

# Signing in
AUTH_USER_MODEL = "attendance_mis.User"
AUTHENTICATION_BACKENDS = ["attendance_mis.signed_in.Backend"]
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/sign-in/"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "attendance_mis.passwords.LengthValidator"},
]
SESSION_ENGINE = "attendance_mis.sessions"
SESSION_COOKIE_AGE = 12 * 60 * 60  # the longest working day; the idle time-out is shorter
IDLE_MINUTES = env.int("IDLE_MINUTES", default=30)
REGISTER_IDLE_MINUTES = env.int("REGISTER_IDLE_MINUTES", default=90)  # while a class is being marked
SIGN_IN_FAILURES = env.int("SIGN_IN_FAILURES", default=5)  # of one address from one machine in fifteen minutes
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_HTTPONLY = True  # the page carries the token
CSRF_COOKIE_SAMESITE = "Lax"

# django-allauth: second step, passkeys and school accounts (decision 0035). Nobody signs up.
ACCOUNT_ADAPTER = "attendance_mis.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # the invitation is the proof of the address
MFA_ADAPTER = "attendance_mis.adapters.SecondStepAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "authenticate": "attendance_mis.forms.second_step.CodeForm",
    "reauthenticate": "attendance_mis.forms.second_step.CodeAgainForm",
    "activate_totp": "attendance_mis.forms.second_step.ActivateAppForm",
    "add_webauthn": "attendance_mis.forms.second_step.AddPasskeyForm",
}
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Attendance"
MFA_TOTP_TOLERANCE = 1  # half a minute either way: telephones are not always on time
SOCIALACCOUNT_ADAPTER = "attendance_mis.adapters.SchoolAccountAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False  # our adapter knows whom it may connect
# School accounts by OpenID Connect: [{"id", "name", "issuer", "client_id", "secret", "domains": [], "must": {}}]
OIDC: list[dict[str, Any]] = env.json("OIDC", default=[])
for _account in OIDC:
    if missing := {"id", "name", "issuer", "client_id", "secret", "domains", "must"} - {
        name for name, value in _account.items() if value
    }:
        raise ImproperlyConfigured(
            f"OIDC lacks {', '.join(sorted(missing))}; see .env.example. Without “must” and “domains” anybody could "
            "make an account that says it is the head's."
        )
OIDC_ORIGINS = sorted({"/".join(_account["issuer"].split("/")[:3]) for _account in OIDC})
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": _account["id"],
                "name": _account["name"],
                "client_id": _account["client_id"],
                "secret": _account["secret"],
                "settings": {
                    "server_url": _account["issuer"],
                    **{name: _account[name] for name in ("name", "domains", "must")},
                },
            }
            for _account in OIDC
        ],
    }
}

# What the browser may do
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    },
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
if PRODUCTION:
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_REDIRECT_EXEMPT = [r"^healthz$"]  # the load balancer asks within the building
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=365 * 24 * 60 * 60)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    if env.bool("BEHIND_PROXY", default=False):  # only where a proxy sets the header itself, else anybody may
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
        MIDDLEWARE.insert(0, "attendance_mis.middleware.ProxyMiddleware")

# Language and time
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_I18N = True
USE_TZ = True

# Files
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles" if PRODUCTION else None  # development serves them where they lie
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = VAR_DIR / "media"
WHITENOISE_USE_FINDERS = not PRODUCTION
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "attendance_mis.storage.ManifestStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# Backups are written for this public key (age1...); the private one is not on this machine.
BACKUP_RECIPIENT = env.str("BACKUP_RECIPIENT", default="")

# Who asks /metrics must send this as a bearer token; empty: there is no such page, and nothing is counted.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")

# How often one partner's token is answered in a minute.
API_REQUESTS_PER_MINUTE = env.int("API_REQUESTS_PER_MINUTE", default=120)

# Ways out of the building. Keys come from the environment only (decision 0011).
# By URN: {"100001": {"key": "...", "text_template": "...", "email_template": "..."}}
NOTIFY: dict[str, dict[str, str]] = env.json("NOTIFY", default={})
NOTIFY_URL = env.str("NOTIFY_URL", default="https://api.notifications.service.gov.uk")
NOTIFY_TIMEOUT = env.int("NOTIFY_TIMEOUT", default=20)
EMAIL_URL = env.str("EMAIL_URL", default="")
if EMAIL_URL:
    vars().update(env.email_url_config(EMAIL_URL))
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=20)
DEFAULT_FROM_EMAIL = env.str("MAIL_FROM", default="attendance@localhost")

# Webhooks go to the internet only; while developing, to this machine too, and to a certificate of one's own.
WEBHOOKS_INSIDE = not PRODUCTION and env.bool("WEBHOOKS_INSIDE", default=False)
WEBHOOK_CA_FILE = env.str("WEBHOOK_CA_FILE", default="")  # whose certificates are believed; empty: the usual ones

# What reads the [policy] of a school pack. The import stands floors below it, so it is named here.
POLICY_READER = "casework.presets.policy_of"

# Logs: one event a line, ids only. Never a name, an address or a form's content.
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO" if PRODUCTION and not COMMAND else "WARNING").upper()
LOG_FORMAT = env.str("LOG_FORMAT", default="json" if PRODUCTION and not COMMAND else "console")
_shared_processors: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *_shared_processors,
        structlog.processors.format_exc_info,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    wrapper_class=structlog.make_filtering_bound_logger(LOG_LEVEL.lower()),  # what nobody reads costs nothing
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "structured": {
            "()": "attendance_mis.logs.Formatter",
            "processor": structlog.processors.JSONRenderer()
            if LOG_FORMAT == "json"
            # The default prints the locals of every frame, a pupil's name among them, and takes a tenth of a second.
            else structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
            "foreign_pre_chain": _shared_processors,
        },
    },
    "loggers": {"django.request": {"level": "CRITICAL"}},  # django-structlog tells the same, with the request's id
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
    "root": {
        "handlers": ["stderr"],
        "level": LOG_LEVEL,
    },
}
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = 10  # one line a request: the end tells more
