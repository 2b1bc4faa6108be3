"""One project of docker-compose.yaml on the engine: its own name, images, ports and secrets, and nothing left of it."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from development.containers.engine import EngineError, docker, inspect, left_of
from hotline_sandbox.demo.pinned import free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

PROJECT = Path(__file__).resolve().parents[2]
IMAGES = (
    ("HOTLINE_IMAGE", "hotline-bridge", "Dockerfile", "production"),
    ("HOTLINE_SANDBOX_IMAGE", "hotline-sandbox", "Dockerfile", "sandbox"),
)
SCALE_IMAGES = (
    ("HOTLINE_CELERY_IMAGE", "hotline-bridge-celery", "containers/scale/Dockerfile", "celery"),
    ("HOTLINE_PGBOUNCER_IMAGE", "hotline-pgbouncer", "containers/scale/Dockerfile", "pgbouncer"),
)
"""Variable of the compose file, name, Dockerfile and target of each."""
USERS = {"admin": "admin", **{role: role for role in ("viewer", "decider", "operator", "auditor")}}
"""Of the UI: name and role."""
PATIENCE_S = 900
"""For one thing to come about; a busy machine may need minutes."""


class Stack:
    """The services of a compose file, with the profile demo.

    Args:
        folder: For the secrets; new.
        name: Of the Compose project, and tag of its images.
        is_scaled: Whether docker-compose.scale.yaml stands on top.
        cities: By name, where docker-compose.cities.yaml does.
    """

    def __init__(self, folder: Path, name: str, *, is_scaled: bool = False, cities: Sequence[str] = ("",)) -> None:
        self.name, self.secrets, self.is_scaled, self.cities = name, folder / "secrets", is_scaled, cities
        self._city_files = folder / "cities"
        self.ports = {"ui": free_port(0), **{named("gateway", city): free_port(0) for city in cities}}
        self.source = PROJECT
        self.images: list[str] = []
        self._environment = {
            "COMPOSE_PROJECT_NAME": name,
            "HOTLINE_SECRETS_DIR": str(self.secrets),
            "HOTLINE_UI_PORT": str(self.ports["ui"]),
            "HOTLINE_UI_URL": self.ui,
            "HOTLINE_GATEWAY_PORT": str(self.ports.get("gateway", 0)),
            "HOTLINE_CITIES": ",".join(cities),
        }

    @property
    def ui(self) -> str:
        """Address of the UI."""
        return f"http://127.0.0.1:{self.ports['ui']}"

    @property
    def gateways(self) -> list[str]:
        """Address of each city's gateway."""
        return [f"http://127.0.0.1:{self.ports[named('gateway', city)]}" for city in self.cities]

    def build(self, source: Path, tag: str) -> None:
        """Build the images of a checkout, and use them and its compose file from now on."""
        for variable, image, file, target in (*IMAGES, *(SCALE_IMAGES if self.is_scaled else ())):
            name = f"{image}:{self.name}-{tag}"
            bases = {
                "PYTHON_IMAGE": os.environ.get("HOTLINE_PYTHON_IMAGE"),
                "POSTGRES_IMAGE": os.environ.get("HOTLINE_POSTGRES_IMAGE") if file != "Dockerfile" else None,
                "BRIDGE_IMAGE": self._environment["HOTLINE_IMAGE"] if file != "Dockerfile" else None,
            }
            arguments = [f"--build-arg={argument}={base}" for argument, base in bases.items() if base]
            # The machine's own network: a closed one often has its package index there alone.
            options = ["--network", "host", "--file", file, "--target", target, "--tag", name]
            docker("build", *options, *arguments, ".", folder=source)
            self.images.append(name)
            self._environment[variable] = name
        self.source = source

    def make_secrets(self) -> None:
        """By make-secrets.sh of the checkout; then a password for each user of the UI."""
        environment = {**os.environ, **self._environment}
        command = ["sh", str(self.source / "containers" / "make-secrets.sh"), "--demo"]
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
        file = self.secrets / "ui_passwords"
        passwords = {**{name: secrets.token_urlsafe() for name in USERS}, **json.loads(file.read_text())}
        file.unlink()
        file.write_text(json.dumps(passwords))
        file.chmod(0o444)

    def make_city(self, city: str) -> None:
        """By make-city.sh and its SQL; the store of the demo's docking server, too."""
        port = str(self.ports[named("gateway", city)])
        done = subprocess.run(  # noqa: S603
            ["sh", str(self.source / "containers" / "make-city.sh"), city, port, "--demo"],  # noqa: S607
            env={**os.environ, **self._environment},
            check=True,
            capture_output=True,
            text=True,
        )
        self.compose("exec", "-T", "postgres", "psql", "--quiet", "-U", "postgres", given=done.stdout)
        self.ask("docking", f"CREATE DATABASE docking_{city}")

    def secret(self, name: str) -> str:
        """What a secret holds."""
        return (self.secrets / name).read_text(encoding="utf-8")

    def name_users(self, users: str) -> None:
        """Who is made in the UI at the next start: `name:role`, with commas between them."""
        self._environment["HOTLINE_UI_USERS"] = users

    def compose(self, *arguments: str, given: str = "") -> str:
        """What a command of `docker compose` printed."""
        files = ["docker-compose.yaml", *(["docker-compose.scale.yaml"] if self.is_scaled else [])]
        if made := sorted(self._city_files.glob("*.yaml")):
            files += ["docker-compose.cities.yaml", *map(str, made)]
        words = [*(f"--file={file}" for file in files), "--profile=demo", *arguments]
        return docker("compose", *words, environment=self._environment, folder=self.source, given=given)

    @property
    def tasks_run_in(self) -> str:
        """The service that has what tasks need."""
        return "worker" if self.is_scaled else "scheduler"

    def up(self, *services: str) -> None:
        """Until these services, or all, are healthy.

        Raises:
            EngineError: One is not; the message holds what it printed last.
        """
        try:
            self.compose(
                "up", "--detach", "--wait", "--wait-timeout", str(PATIENCE_S), "--no-build", "--quiet-pull", *services
            )
        except EngineError as error:
            ill = [name for name, state in self.states().items() if state not in {"healthy", "exited 0"}]
            raise EngineError(f"{error}\n{self.compose('logs', '--no-color', '--tail', '25', *ill)}") from None

    def states(self) -> dict[str, str]:
        """Of each service: what its health check says; without one, how it ended; of several the one that is worst."""
        found: dict[str, str] = {}
        for line in self.compose("ps", "--all", "--format", "json").splitlines():
            rows = json.loads(line)
            for row in rows if isinstance(rows, list) else [rows]:
                state = f"exited {row['ExitCode']}" if row["State"] == "exited" else row["Health"] or row["State"]
                if found.get(row["Service"], "healthy") == "healthy":
                    found[row["Service"]] = state
        return found

    def container(self, service: str) -> dict[str, Any]:
        """What the engine knows of a service's container; of several, of one of them."""
        return inspect("container", self.compose("ps", "--all", "--quiet", service).split()[0])

    def run(self, service: str, *command: str) -> str:
        """A command in a running container, with its secrets."""
        return self.compose("exec", "-T", service, "with-secrets", *command)

    def ask(self, database: str, query: str) -> list[list[str]]:
        """Rows of a query: of databases `hotline` and `airflow`, or of `docking`; of a city `hotline_NAME`."""
        is_docking = database.startswith("docking")
        server, user = ("docking", "hotline_bridge") if is_docking else ("postgres", "postgres")
        words = ["psql", "--no-psqlrc", "-AtU", user, "-d", database, "-c", query]
        if server == "docking":  # its server asks for the password on its socket, too
            script = 'PGPASSWORD=$(cat /run/secrets/docking_password) exec "$@"'
            words = ["sh", "-c", script, "sh", *words]
        return [line.split("|") for line in self.compose("exec", "-T", server, *words).splitlines()]

    def down(self) -> list[str]:
        """Stop all and remove all. Returns what is left of it, which should be nothing."""
        with suppress(EngineError):
            self.compose("down", "--volumes", "--remove-orphans", "--timeout", "20")
        for image in self.images:
            with suppress(EngineError):
                docker("image", "rm", "--force", image)
        return left_of(self.name)


def named(fixed: str, city: str, mark: str = "-") -> str:
    """A name as a city has it; the fixed one without a city."""
    return f"{fixed}{mark}{city}" if city else fixed


def until(is_so: Callable[[], bool], what: str, patience_s: float = PATIENCE_S) -> float:
    """Wait for something. Returns how long it took, in seconds.

    Raises:
        EngineError: It did not come about.
    """
    started = time.monotonic()
    while True:
        with suppress(EngineError):  # a service that is being started again cannot be asked
            if is_so():
                return time.monotonic() - started
        if time.monotonic() - started > patience_s:
            raise EngineError(f"{what}: not after {patience_s:.0f} s")
        time.sleep(1)


@contextmanager
def running_stack(*, is_scaled: bool, cities: Sequence[str]) -> Iterator[Stack]:
    """A stack that is removed in the end, also after a failure, Ctrl-C or a request to end."""
    with ExitStack() as restored:
        for number in (signal.SIGINT, signal.SIGTERM):
            restored.callback(signal.signal, number, signal.getsignal(number))
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        folder = Path(tempfile.mkdtemp(prefix="hotline-containers-"))
        stack = Stack(folder, f"hotline-proof-{os.getpid()}", is_scaled=is_scaled, cities=cities)
        try:
            yield stack
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):  # a second Ctrl-C would leave half of it
                signal.signal(number, signal.SIG_IGN)
            left = stack.down()
            shutil.rmtree(folder)
            if left:
                raise EngineError(f"not removed: {', '.join(left)}")
