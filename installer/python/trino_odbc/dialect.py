"""The SQLAlchemy dialect ``trino+pyodbc``.

SQL, types and reflection are those of the dialect in the ``trino`` package. This one connects through the driver,
and converts what ODBC carries in another form: UUIDs, JSON, arrays, maps and rows arrive as text.
"""

import datetime
import decimal
import json
import uuid
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import pyodbc
from sqlalchemy import exc, types
from trino.sqlalchemy import datatype
from trino.sqlalchemy.dialect import TrinoDialect

from trino_odbc.connection import connect_string

_LEVELS = {
    "READ UNCOMMITTED": pyodbc.SQL_TXN_READ_UNCOMMITTED,
    "READ COMMITTED": pyodbc.SQL_TXN_READ_COMMITTED,
    "REPEATABLE READ": pyodbc.SQL_TXN_REPEATABLE_READ,
    "SERIALIZABLE": pyodbc.SQL_TXN_SERIALIZABLE,
}


class _Uuid(types.Uuid):
    """pyodbc takes UUIDs, and returns their text unless ``pyodbc.native_uuid`` is set."""

    def bind_processor(self, dialect):
        return lambda value: None if value is None else uuid.UUID(str(value))

    def result_processor(self, dialect, coltype):
        made = uuid.UUID if self.as_uuid else str.lower
        return lambda value: None if value is None else made(str(value))


class _Timestamp(datatype.TIMESTAMP):
    """With a time zone it is in the session's, if the URL sets one."""

    def result_processor(self, dialect, coltype):
        zone = dialect.session_zone if self.timezone else None
        if zone is None:
            return None
        return lambda value: value.replace(tzinfo=zone) if isinstance(value, datetime.datetime) else value


class _Structure:
    """The text of a structure's JSON, whose parts are converted by their types."""

    def result_processor(self, dialect, coltype):
        convert = _converter(self)
        return lambda value: convert(json.loads(value)) if isinstance(value, str) else value


class _Array(_Structure, types.ARRAY):
    pass


class _Map(_Structure, datatype.MAP):
    pass


class _Row(_Structure, datatype.ROW):
    pass


def _converter(kind):
    """What makes a Python value of a part of JSON by its type. JSON's null is None everywhere."""
    if isinstance(kind, types.ARRAY):
        convert = _converter(kind.item_type)
        for _ in range(1, kind.dimensions or 1):
            convert = _each(convert)
        made = _each(convert)
    elif isinstance(kind, datatype.MAP):
        key, value = _converter(kind.key_type), _converter(kind.value_type)

        def made(items):
            return {key(name): value(item) for name, item in items.items()}

    elif isinstance(kind, datatype.ROW):
        fields = [_converter(field) for _, field in kind.attr_types]

        def made(row):
            if isinstance(row, list):
                return [convert(part) for convert, part in zip(fields, row)]
            return {name: convert(part) for convert, (name, part) in zip(fields, row.items())}

    else:
        made = next((made for known, made in _PARTS if isinstance(kind, known)), lambda part: part)
    return lambda part: None if part is None else made(part)


def _each(convert):
    return lambda items: None if items is None else [convert(item) for item in items]


# JSON has no such types, and its keys are text.
_PARTS = [
    (types.Integer, int),
    (types.Float, float),
    (types.Numeric, decimal.Decimal),
    (types.Date, datetime.date.fromisoformat),
    (types.Uuid, uuid.UUID),
]


class TrinoPyodbcDialect(TrinoDialect):
    """``trino+pyodbc://user:password@host:port/catalog/schema?Keyword=value``.

    Each part and keyword is a keyword of the driver. ``?DSN=name`` connects through a data source, ``?DRIVER=name``
    through a registered driver in the place of this package's, and ``?odbc_connect=...`` has the whole connection
    string. A password turns TLS on, unless the URL sets ``SSL``.
    """

    driver = "pyodbc"
    supports_statement_cache = False
    supports_native_uuid = True
    supports_sane_multi_rowcount = False
    colspecs = {
        **TrinoDialect.colspecs,
        types.Uuid: _Uuid,
        datatype.TIMESTAMP: _Timestamp,
        types.ARRAY: _Array,
        datatype.MAP: _Map,
        datatype.ROW: _Row,
    }

    def __init__(self, fast_executemany=True, **options):
        super().__init__(**options)
        self.fast_executemany = fast_executemany
        self.session_zone = None

    @classmethod
    def import_dbapi(cls):
        return pyodbc

    @classmethod
    def dbapi(cls):
        return pyodbc

    def create_connect_args(self, url):
        query = {
            name: value if isinstance(value, str) else ",".join(value)
            for name, value in url.query.items()
        }
        whole = query.pop("odbc_connect", None)
        if whole is not None:
            return [whole], {"autocommit": True}
        catalog, _, schema = (url.database or "").partition("/")
        keywords = {
            "Host": url.host,
            "Port": url.port,
            "UID": url.username,
            "PWD": url.password,
            "Catalog": unquote(catalog) or None,
            "Schema": unquote(schema) or None,
        }
        given = {name.lower() for name in query}
        if url.password and not given & {"ssl", "enablessl", "usessl", "dsn"}:
            keywords["SSL"] = True
        keywords = {name: value for name, value in keywords.items() if name.lower() not in given}
        zone = next((value for name, value in query.items() if name.lower() == "timezone"), None)
        self.session_zone = ZoneInfo(zone) if zone else None
        return [connect_string(**keywords, **query)], {"autocommit": True}

    def get_isolation_level_values(self, dbapi_connection):
        return ["AUTOCOMMIT", *_LEVELS]

    def set_isolation_level(self, dbapi_connection, level):
        dbapi_connection.autocommit = level == "AUTOCOMMIT"
        if level != "AUTOCOMMIT":
            dbapi_connection.set_attr(pyodbc.SQL_ATTR_TXN_ISOLATION, _LEVELS[level])

    def get_isolation_level(self, dbapi_connection):
        if dbapi_connection.autocommit:
            return "AUTOCOMMIT"
        # pyodbc cannot read the attribute.
        raise NotImplementedError("ODBC connections outside of AUTOCOMMIT do not show their isolation level")

    def get_default_isolation_level(self, dbapi_connection):
        return "AUTOCOMMIT"

    def detect_autocommit_setting(self, dbapi_connection):
        return bool(dbapi_connection.autocommit)

    def do_rollback(self, dbapi_connection):
        dbapi_connection.rollback()

    def do_executemany(self, cursor, statement, parameters, context=None):
        cursor.fast_executemany = self.fast_executemany
        super().do_executemany(cursor, statement, parameters, context)

    def is_disconnect(self, error, connection, cursor):
        state = error.args[0] if error.args else None
        return isinstance(state, str) and state.startswith("08")

    def _get_default_catalog_name(self, connection):
        return connection.exec_driver_sql("SELECT current_catalog").scalar()

    def _get_default_schema_name(self, connection):
        return connection.exec_driver_sql("SELECT current_schema").scalar()

    def get_table_comment(self, connection, table_name, schema=None, **options):
        try:
            return super().get_table_comment(connection, table_name, schema, **options)
        except exc.DBAPIError as error:
            # No right to read the comments.
            if error.orig.args[0] == "42000":
                return {"text": None}
            raise
