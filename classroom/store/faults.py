"""
What a database driver says, in the store's own words. Everything that is not a fault of the database
(a defect of ours, a refusal raised by the work itself) passes unchanged.
"""

from sqlalchemy import exc

from classroom.store.errors import Duplicate, Missing, StoreError, Unavailable

_UNIQUE = {"SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY", "23505"}  # 23505: SQLSTATE
_TORN = {"SQLITE_NOTADB", "SQLITE_CORRUPT"}  # sqlite3 raises its plain DatabaseError for these
_FOREIGN = {"SQLITE_CONSTRAINT_FOREIGNKEY", "23503"}


def translate(error: Exception) -> Exception:
    """Return the error that callers of the store see for `error`."""
    match error:
        case StoreError():
            return error
        case exc.IntegrityError():
            return _constraint(error)
        # DatabaseError without IntegrityError: locked, full, torn, gone. InterfaceError: not connected.
        case exc.OperationalError() | exc.InterfaceError() | exc.InternalError() | exc.TimeoutError():
            return Unavailable(_first_line(error))
        case exc.DatabaseError() if getattr(error.orig, "sqlite_errorname", "") in _TORN:
            return Unavailable(_first_line(error))
        case exc.DBAPIError() if error.connection_invalidated:
            return Unavailable(_first_line(error))
        # asyncpg lets the socket's own errors through while it connects.
        case OSError() | TimeoutError():
            return Unavailable(f"{type(error).__name__}: {error}")
    return error


def _constraint(error: exc.IntegrityError) -> Exception:
    orig: object = error.orig
    code = getattr(orig, "sqlite_errorname", None) or getattr(orig, "sqlstate", None)
    if code in _UNIQUE:
        return Duplicate(_first_line(error))
    if code in _FOREIGN:
        return Missing(_first_line(error))
    return error  # NOT NULL, CHECK: a defect of ours


def _first_line(error: exc.SQLAlchemyError) -> str:
    # Only the driver's sentence: SQLAlchemy's own text holds the statement and its values.
    said = error.orig if isinstance(error, exc.DBAPIError) else error
    lines = str(said).strip().splitlines()
    return lines[0] if lines else type(said).__name__
