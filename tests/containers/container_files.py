"""The container files as data, and the image's file system as a folder: what can be tested without an engine."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any, cast

import yaml

PROJECT = Path(__file__).resolve().parents[2]
CONTAINERS = PROJECT / "containers"
HANGS_S = 1200.0
"""Deadlines here only keep a test from waiting for ever: a busy machine may take minutes for any step."""
VENV = Path(sys.prefix)
"""Stands in for the image's /opt/venv: the same requirements.txt is in it."""

_DEFAULT = re.compile(r"\$\{(\w+):-([^}]*)\}")


@cache
def compose() -> dict[str, Any]:
    """docker-compose.yaml with every variable at its default, `$$` undone, and merge keys resolved by YAML itself."""
    text = _DEFAULT.sub(r"\2", (PROJECT / "docker-compose.yaml").read_text(encoding="utf-8"))
    return cast("dict[str, Any]", yaml.safe_load(text.replace("$$", "$")))


@cache
def scale() -> dict[str, Any]:
    """docker-compose.scale.yaml by itself, read in the same way."""
    text = _DEFAULT.sub(r"\2", scale_text())
    return cast("dict[str, Any]", yaml.safe_load(text.replace("$$", "$")))


def scale_text() -> str:
    """Of docker-compose.scale.yaml, without Compose's own tag: what carries it takes the place of the base's."""
    return (PROJECT / "docker-compose.scale.yaml").read_text(encoding="utf-8").replace("!override ", "")


def services() -> dict[str, dict[str, Any]]:
    return cast("dict[str, dict[str, Any]]", compose()["services"])


@dataclass(slots=True)
class Stage:
    """One stage of the Dockerfile, as far as the tests look at it."""

    base: str
    name: str
    folder: PurePosixPath
    environment: dict[str, str] = field(default_factory=dict)
    copies: list[tuple[str | None, str, str]] = field(default_factory=list)
    """Stage that is copied from, source, and absolute target."""
    instructions: list[tuple[str, str]] = field(default_factory=list)

    def only(self, instruction: str) -> str:
        """The argument of the one instruction of this kind."""
        [argument] = [argument for kind, argument in self.instructions if kind == instruction]
        return argument


@cache
def stages() -> list[Stage]:
    text = re.sub(r"(?m)^\s*#.*\n", "", (PROJECT / "Dockerfile").read_text(encoding="utf-8"))
    arguments: dict[str, str] = {}
    found: list[Stage] = []
    for line in filter(None, re.sub(r"\\\n", " ", text).splitlines()):
        kind, argument = line.split(maxsplit=1)
        if kind == "ARG":
            name, _, value = argument.partition("=")
            arguments[name] = value
        elif kind == "FROM":
            base, *alias = argument.split()
            base = re.sub(r"\$\{(\w+)\}", lambda m: arguments[m[1]], base)
            folder = next((stage.folder for stage in found if stage.name == base), PurePosixPath("/"))
            found.append(Stage(base, alias[-1] if alias else "", folder))
        elif kind == "ENV":
            found[-1].environment.update(dict(part.split("=", 1) for part in shlex.split(argument)))
        elif kind == "WORKDIR":
            found[-1].folder = PurePosixPath(argument)
        elif kind == "COPY":
            *sources, target = argument.split()
            origin = sources.pop(0).removeprefix("--from=") if sources[0].startswith("--from=") else None
            for source in sources:
                place = found[-1].folder / target
                into = place / PurePosixPath(source).name if target.endswith("/") else place
                found[-1].copies.append((origin, source, str(into)))
        if kind != "ARG" and found:
            found[-1].instructions.append((kind, argument))
    return found


def stage(name: str) -> Stage:
    """The stage of this name: `production` is what is deployed."""
    [found] = [stage for stage in stages() if stage.name == name]
    return found


@dataclass(frozen=True, slots=True)
class Image:
    """The image's file system below a folder, without its operating system and with `VENV` as its /opt/venv."""

    root: Path

    @classmethod
    def build(cls, root: Path) -> Image:
        """Copies what production's COPY lines copy, from where the build stage has it where they name that one."""
        image, final = cls(root), stage("production")
        for origin, source, target in final.copies:
            if origin == "system" or source == "/opt/venv":
                continue
            context = _context_path(origin, source)
            place = image.path(target)
            place.parent.mkdir(parents=True, exist_ok=True)
            if context.is_dir():
                shutil.copytree(context, place, ignore=shutil.ignore_patterns("__pycache__", "*.pyc", "*.egg-info"))
            else:
                shutil.copy2(context, place)
        for kind, argument in stage("system").instructions:
            if kind == "RUN":
                for folder in re.findall(r"install -d .*? (/\S+)", argument):
                    image.path(folder).mkdir(parents=True)
                for target, link in re.findall(r"ln -s (\S+) (\S+)", argument):
                    image.path(link).parent.mkdir(parents=True, exist_ok=True)
                    image.path(link).symlink_to(image.path(target))
        return image

    def path(self, absolute: str) -> Path:
        """Where a path of the image lies here."""
        return self.root / absolute.lstrip("/")

    def environment(self, more: dict[str, str]) -> dict[str, str]:
        """The image's variables, its paths led here, and more over them; nothing of the caller's comes through."""
        values = {
            name: str(self.path(value)) if value.startswith(("/opt/", "/var/")) else value
            for name, value in stage("production").environment.items()
        }
        values["PATH"] = f"{VENV / 'bin'}:{self.path('/usr/local/bin')}:{os.defpath}"
        values["PYTHONPATH"] = str(self.path("/opt/hotline-bridge/plugins"))
        del values["PYTHONDONTWRITEBYTECODE"]  # the image has everything compiled; here the first program does it
        return {**values, **more}

    def run(self, command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
        """A command to its end, as the image would run it."""
        return subprocess.run(
            self.here(command),
            env=environment,
            cwd=self.path("/opt/airflow"),
            capture_output=True,
            text=True,
            timeout=HANGS_S,
            check=False,
        )

    def here(self, command: list[str]) -> list[str]:
        """The command with its absolute paths led here. `env` finds the program by the image's PATH, not by ours."""
        return ["/usr/bin/env", *(str(self.path(word)) if word.startswith("/opt/") else word for word in command)]


def _context_path(origin: str | None, source: str) -> Path:
    if origin is None:
        return PROJECT / source
    [context] = [first for _, first, target in stage(origin).copies if target == source]
    return PROJECT / context
