"""ODBC itself, by ctypes: what pyodbc does not show of it. No driver here: calls go to the Driver Manager."""

import ctypes
import ctypes.util
import sys
from contextlib import contextmanager

SUCCESS, SUCCESS_WITH_INFO, ERROR = 0, 1, -1
CHAR, WCHAR, BINARY = 1, -8, -2
ENVIRONMENT, CONNECTION, STATEMENT = 1, 2, 3
# ctypes has it as wide as wchar_t; unixODBC's are of two bytes.
WIDE = "utf-16-le"


class Manager(ctypes.CDLL):
    """The Driver Manager's functions, which return SQLRETURN."""

    _func_restype_ = ctypes.c_short

    def __init__(self):
        windows = sys.platform == "win32"
        super().__init__("odbc32" if windows else ctypes.util.find_library("odbc") or "libodbc.so.2")


class Numeric(ctypes.Structure):
    """SQL_NUMERIC_STRUCT."""

    _fields_ = [
        ("precision", ctypes.c_ubyte),
        ("scale", ctypes.c_byte),
        ("sign", ctypes.c_ubyte),
        ("value", ctypes.c_ubyte * 16),
    ]


class Date(ctypes.Structure):
    """SQL_DATE_STRUCT."""

    _fields_ = [("year", ctypes.c_short), ("month", ctypes.c_ushort), ("day", ctypes.c_ushort)]


class Time(ctypes.Structure):
    """SQL_TIME_STRUCT."""

    _fields_ = [(name, ctypes.c_ushort) for name in ("hour", "minute", "second")]


class Timestamp(ctypes.Structure):
    """SQL_TIMESTAMP_STRUCT."""

    _fields_ = Date._fields_ + Time._fields_ + [("fraction", ctypes.c_uint)]


class Interval(ctypes.Structure):
    """SQL_INTERVAL_STRUCT, with the fields of days: years and months stand in the first two."""

    _fields_ = [("kind", ctypes.c_int), ("negative", ctypes.c_short)] + [
        (name, ctypes.c_uint) for name in ("day", "hour", "minute", "second", "fraction")
    ]


class Guid(ctypes.Structure):
    """SQLGUID."""

    _fields_ = [
        ("first", ctypes.c_uint),
        ("second", ctypes.c_ushort),
        ("third", ctypes.c_ushort),
        ("rest", ctypes.c_ubyte * 8),
    ]


def fields(value):
    """What a value of ctypes holds, as one that compares."""
    if isinstance(value, ctypes.Structure):
        return tuple(fields(getattr(value, name)) for name, _ in value._fields_)
    if isinstance(value, ctypes.Array):
        return tuple(value)
    return getattr(value, "value", value)


class Statement:
    """A statement handle."""

    def __init__(self, odbc, handle):
        self.odbc = odbc
        self.handle = handle

    def execute(self, sql):
        """SQLExecDirect; the return code."""
        self.odbc.SQLFreeStmt(self.handle, 0)
        text = sql.encode(WIDE)
        return self.odbc.SQLExecDirectW(self.handle, text + b"\0\0", len(text) // 2)

    def prepared_columns(self, sql):
        """SQLPrepare, SQLNumResultCols and SQLDescribeCol: name, type, size and digits of each column; None on an error."""
        self.odbc.SQLFreeStmt(self.handle, 0)
        text = sql.encode(WIDE)
        assert self.odbc.SQLPrepareW(self.handle, text + b"\0\0", len(text) // 2) == SUCCESS
        count = ctypes.c_short()
        if self.odbc.SQLNumResultCols(self.handle, ctypes.byref(count)) == ERROR:
            return None
        columns = []
        for number in range(1, count.value + 1):
            name, length = ctypes.create_string_buffer(400), ctypes.c_short()
            kind, size = ctypes.c_short(), ctypes.c_size_t()
            digits, nullable = ctypes.c_short(), ctypes.c_short()
            code = self.odbc.SQLDescribeColW(
                self.handle, number, name, 200, *map(ctypes.byref, (length, kind, size, digits, nullable))
            )
            assert code in (SUCCESS, SUCCESS_WITH_INFO), self.state()
            text = name.raw[: 2 * length.value].decode(WIDE)
            columns.append((text, kind.value, size.value, digits.value))
        return columns

    def prepare(self, sql):
        """SQLPrepare; the return code."""
        self.odbc.SQLFreeStmt(self.handle, 0)
        text = sql.encode(WIDE)
        return self.odbc.SQLPrepareW(self.handle, text + b"\0\0", len(text) // 2)

    def type_name(self, column):
        """SQL_DESC_TYPE_NAME of a column."""
        text, length = ctypes.create_string_buffer(200), ctypes.c_short()
        place = ctypes.byref(length)
        assert self.odbc.SQLColAttributeW(self.handle, column, 14, text, 200, place, None) == SUCCESS
        return text.raw[: length.value].decode(WIDE)

    def fetch(self):
        """SQLFetch; the return code."""
        return self.odbc.SQLFetch(self.handle)

    def get(self, column, c_type, value):
        """SQLGetData into a value of ctypes: return code and length."""
        length = ctypes.c_ssize_t()
        place = ctypes.byref(value)
        size = ctypes.sizeof(value)
        code = self.odbc.SQLGetData(
            self.handle, column, c_type, place, ctypes.c_ssize_t(size), ctypes.byref(length)
        )
        return code, length.value

    def bind(self, number, c_type, sql_type, value, length=None, size=0, digits=0):
        """SQLBindParameter; the return code. The value must be kept until it was sent."""
        self.length = ctypes.c_ssize_t(ctypes.sizeof(value) if length is None else length)
        return self.odbc.SQLBindParameter(
            self.handle,
            number,
            1,
            c_type,
            sql_type,
            ctypes.c_size_t(size),
            digits,
            ctypes.byref(value),
            ctypes.c_ssize_t(ctypes.sizeof(value)),
            ctypes.byref(self.length),
        )

    def state(self):
        """SQLSTATE and message of the first record; None when there is none."""
        state, text, length = ctypes.create_string_buffer(12), ctypes.create_string_buffer(2000), ctypes.c_short()
        code = self.odbc.SQLGetDiagRecW(
            3, self.handle, 1, state, None, text, 1000, ctypes.byref(length)
        )
        if code not in (SUCCESS, SUCCESS_WITH_INFO):
            return None, None
        return state.raw[:10].decode(WIDE), text.raw[: 2 * length.value].decode(WIDE)


def wide(text):
    """The text's arguments: where it is and how many units it has; a null pointer for None."""
    if text is None:
        return None, 0
    encoded = text.encode(WIDE)
    return encoded + b"\0\0", len(encoded) // 2


@contextmanager
def connected(connection_string, version):
    """The Driver Manager, a connection of an application of that version of ODBC, and what allocates more handles."""
    odbc = Manager()
    handles = []

    def allocate(kind, parent):
        handle = ctypes.c_void_p()
        assert odbc.SQLAllocHandle(kind, parent, ctypes.byref(handle)) == SUCCESS
        handles.append((kind, handle))
        return handle

    try:
        environment = allocate(ENVIRONMENT, None)
        assert odbc.SQLSetEnvAttr(environment, 200, ctypes.c_void_p(version), 0) == SUCCESS
        connection = allocate(CONNECTION, environment)
        text, length = wide(connection_string)
        code = odbc.SQLDriverConnectW(connection, None, text, length, None, 0, None, 0)
        assert code in (SUCCESS, SUCCESS_WITH_INFO), code
        yield odbc, connection, allocate
    finally:
        while handles:
            kind, handle = handles.pop()
            if kind == CONNECTION:
                odbc.SQLDisconnect(handle)
            odbc.SQLFreeHandle(kind, handle)


@contextmanager
def statement(connection_string):
    """A statement on its own connection, through the Driver Manager."""
    with connected(connection_string, 380) as (odbc, connection, allocate):
        yield Statement(odbc, allocate(STATEMENT, connection))
