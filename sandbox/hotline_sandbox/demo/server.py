"""A running PostgreSQL server, and the few things that are done to it as its superuser."""

from __future__ import annotations

from dataclasses import dataclass, field

import psycopg
from psycopg import errors, sql
from psycopg.conninfo import make_conninfo

_COPIES_FILES = 15_00_00


@dataclass(frozen=True, slots=True)
class Server:
    """A running server. Its superuser's password never shows in a repr."""

    host: str
    port: int
    superuser: str
    password: str = field(repr=False)

    def conninfo(self, dbname: str, user: str | None = None, password: str | None = None) -> str:
        """A libpq connection string for one database; without a user, the superuser's with its password."""
        if user is None:
            user, password = self.superuser, self.password
        return make_conninfo(host=self.host, port=self.port, dbname=dbname, user=user, password=password)

    def create_role(self, name: str, password: str) -> None:
        """Makes a role that may log in; where it exists already, it gets this password.

        Only the password's SCRAM verifier is sent, so that no log of statements can hold it.
        """
        with psycopg.connect(self.conninfo("postgres"), autocommit=True) as connection:
            verifier = connection.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256").decode()
            options = sql.SQL("ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(name), sql.Literal(verifier))
            try:
                connection.execute(sql.SQL("CREATE ") + options)
            except errors.DuplicateObject:
                connection.execute(sql.SQL("ALTER ") + options)

    def create_database(self, name: str, owner: str | None = None, template: str | None = None) -> bool:
        """Makes a database, empty or as a copy of a template to which nobody is connected.

        Returns:
            Whether it was made; False where one of this name exists, which is left as it is.
        """
        statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        if owner is not None:
            statement += sql.SQL(" OWNER {}").format(sql.Identifier(owner))
        if template is not None:
            statement += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
        with psycopg.connect(self.conninfo("postgres"), autocommit=True) as connection:
            if template is not None and connection.info.server_version >= _COPIES_FILES:
                statement += sql.SQL(" STRATEGY FILE_COPY")  # half the time of a copy through the log
            try:
                connection.execute(statement)
            except errors.DuplicateDatabase:
                return False
        return True

    def drop_database(self, name: str) -> None:
        """Drops a database, ending the sessions in it; where there is none, nothing happens."""
        statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        with psycopg.connect(self.conninfo("postgres"), autocommit=True) as connection:
            connection.execute(statement)
