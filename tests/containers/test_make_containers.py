"""`make containers` where it cannot do its work: no engine, an old one, one that fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from development.containers.__main__ import main

if TYPE_CHECKING:
    from pathlib import Path

# Plays the program `docker`; writes down how it was called.
DOCKER = """#!/bin/sh
echo "$@" >>{calls}
case "$*" in
    "version "*) echo {engine} ;;
    "compose version"*) echo {compose} ;;
    *" up "*) echo "no space left" >&2; exit 1 ;;
    "image inspect"*) echo '[{{"Size": 1000000}}]' ;;
esac
"""


@pytest.fixture
def calls(tmp_path: Path) -> Path:
    return tmp_path / "calls"


def play_docker(
    tmp_path: Path, calls: Path, monkeypatch: pytest.MonkeyPatch, engine: str = "25.0.1", compose: str = "2.26.1-4"
) -> None:
    program = tmp_path / "bin" / "docker"
    program.parent.mkdir()
    program.write_text(DOCKER.format(calls=calls, engine=engine, compose=compose))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr("sys.argv", ["make containers"])


def test_without_an_engine_nothing_is_run_and_one_sentence_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.argv", ["make containers"])
    main()
    [sentence] = capsys.readouterr().out.splitlines()
    assert "no engine is reached" in sentence
    assert "set DOCKER_HOST" in sentence


@pytest.mark.parametrize(
    ("engine", "compose", "words"),
    [("19.03.15", "2.26.1", "engine 19.03.15 is too old: 20.10"), ("27.1.0", "2.19.1", "Compose 2.19.1 is too old")],
)
def test_what_is_too_old_is_named(
    tmp_path: Path, calls: Path, monkeypatch: pytest.MonkeyPatch, engine: str, compose: str, words: str
) -> None:
    play_docker(tmp_path, calls, monkeypatch, engine, compose)
    with pytest.raises(SystemExit, match=words):
        main()
    assert "build" not in calls.read_text()


def test_compose_that_would_add_secrets_where_it_is_to_replace_them_is_too_old_for_workers(
    tmp_path: Path, calls: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    play_docker(tmp_path, calls, monkeypatch, compose="2.23.3")
    monkeypatch.setattr("sys.argv", ["make containers", "--scale"])
    with pytest.raises(SystemExit, match=r"Compose 2.23.3 is too old: 2.24 is the least"):
        main()


def test_workers_come_with_a_file_and_images_of_their_own(
    tmp_path: Path, calls: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    play_docker(tmp_path, calls, monkeypatch)
    monkeypatch.setattr("sys.argv", ["make containers", "--scale"])
    with pytest.raises(SystemExit, match="no space left"):
        main()
    said = calls.read_text().splitlines()
    [up] = [line for line in said if " up " in line]
    assert "--file=docker-compose.yaml --file=docker-compose.scale.yaml --profile=demo up" in up
    built = [line.split(" --target ")[1].split()[0] for line in said if line.startswith("build")]
    assert built == ["production", "sandbox", "celery", "pgbouncer"]
    assert len([line for line in said if line.startswith("image rm")]) == len(built)


def test_after_a_failure_all_is_removed(tmp_path: Path, calls: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    play_docker(tmp_path, calls, monkeypatch)
    with pytest.raises(SystemExit, match="no space left"):
        main()
    *_, down, image, sandbox, containers, volumes, networks = calls.read_text().splitlines()
    assert down.endswith("down --volumes --remove-orphans --timeout 20")
    assert [line.split(":")[0] for line in (image, sandbox)] == [
        "image rm --force hotline-bridge",
        "image rm --force hotline-sandbox",
    ]
    assert all("label=com.docker.compose.project=hotline-proof-" in line for line in (containers, volumes, networks))
    assert {path.name for path in tmp_path.iterdir()} == {"bin", "calls"}
