"""
A private PostgreSQL for tests: a cluster in a temporary folder, on a Unix socket and a free port.

PostgreSQL refuses to run as root, so there it runs as the user `postgres` that Debian's package makes.
"""

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator

from tests.support import programs

DEBIAN = "/usr/lib/postgresql/*/bin"


def _command(arguments: list[str]) -> list[str]:
    # runuser keeps the environment; the locale of initdb must not depend on the developer's.
    return ["runuser", "-u", "postgres", "--", *arguments] if os.geteuid() == 0 else arguments


def _run(*arguments: str, cwd: str) -> None:
    done = subprocess.run(_command([*arguments]), cwd=cwd, capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        raise RuntimeError(f"{arguments[0]}: {done.stdout}{done.stderr}")


class Cluster:
    """A running server with one database."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def url(self) -> str:
        """Empty the database and return its address. (A new one for each test takes a second.)"""
        import asyncpg

        connection = await asyncpg.connect(self._address("postgres"), timeout=10)
        try:
            await connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        finally:
            await connection.close()
        return self._address("postgres")

    def _address(self, name: str) -> str:
        return f"postgresql://sabak:secret@127.0.0.1:{self._port}/{name}"


@contextlib.contextmanager
def cluster() -> Iterator[Cluster]:
    """Start a cluster, give it, stop it. Skips (fails under CI=true) when PostgreSQL is missing."""
    initdb = programs.need("initdb", DEBIAN)
    pg_ctl = programs.need("pg_ctl", DEBIAN)
    folder = tempfile.mkdtemp(prefix="sabak-postgresql-")
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        password = os.path.join(folder, "password")
        with open(password, "w") as file:
            file.write("secret")
        os.chmod(password, 0o644)
        data = os.path.join(folder, "data")
        # C: the poorest locale, so that nothing can lean on the cluster's sorting.
        _run(initdb, "-D", data, "-U", "sabak", "-A", "scram-sha-256", f"--pwfile={password}",
             "-E", "UTF8", "--locale=C", cwd=folder)  # fmt: skip
        port = programs.free_port()
        options = f"-h 127.0.0.1 -p {port} -k {folder} -c shared_buffers=16MB -c max_connections=40"
        _run(pg_ctl, "-D", data, "-w", "-l", os.path.join(folder, "log"), "-o", options, "start", cwd=folder)
        try:
            yield Cluster(port)
        finally:
            _run(pg_ctl, "-D", data, "-m", "immediate", "-w", "stop", cwd=folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
