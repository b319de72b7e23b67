"""
The one door to Alembic: runs the scripts of migrations/versions on a connection.

No alembic.ini and no generated environment: the connection and its transaction are the caller's.
"""

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext, RevisionStep
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

import classroom.store.recording_tables  # noqa: F401  # its tables are part of the metadata
from classroom.store.tables import metadata


def _scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", "classroom.store:migrations")
    config.set_main_option("path_separator", "os")
    return ScriptDirectory.from_config(config)


def head() -> str | None:
    """Return the newest revision among the scripts."""
    return _scripts().get_current_head()


def is_known(revision: str) -> bool:
    """Return whether there is a script for `revision`."""
    return any(script.revision == revision for script in _scripts().walk_revisions())


def upgrade(connection: Connection, to: str) -> None:
    """Run the scripts between the database's revision and `to` in the caller's transaction."""
    scripts = _scripts()

    def steps(revision: object, _: MigrationContext) -> list[RevisionStep]:
        return list(scripts._upgrade_revs(to, revision))  # type: ignore[arg-type]

    with EnvironmentContext(Config(), scripts, fn=steps) as environment:
        environment.configure(
            connection=connection,
            target_metadata=metadata,
            render_as_batch=connection.dialect.name == "sqlite",
            transactional_ddl=True,  # SQLite can, once Python's own transactions are out of the way
        )
        environment.run_migrations()
