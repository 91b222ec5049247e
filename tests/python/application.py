"""An application on the Driver Manager's own functions, for the call sequences of tools that cannot run here."""

import ctypes
from contextlib import contextmanager

from odbc import CONNECTION, ERROR, STATEMENT, SUCCESS, SUCCESS_WITH_INFO, WCHAR, WIDE, connected, wide

NO_DATA, NULL = 100, -1
ROW_ARRAY_SIZE, ROWS_FETCHED, ROW_STATUS, ROW_BIND_TYPE, CURRENT_CATALOG = 27, 26, 25, 5, 109
CLOSE, UNBIND = 0, 2
VARCHAR, WVARCHAR, WLONGVARCHAR, BIGINT, GUID = 12, -9, -10, -5, -11


class Cursor:
    """A statement of an application that binds arrays of rows."""

    def __init__(self, application, handle):
        self.odbc = application.odbc
        self.handle = handle

    def succeed(self, code):
        """The code of a call that must not fail."""
        assert code in (SUCCESS, SUCCESS_WITH_INFO, NO_DATA), self.diagnostics()
        return code

    def diagnostics(self):
        state, text, length = ctypes.create_string_buffer(12), ctypes.create_string_buffer(4000), ctypes.c_short()
        code = self.odbc.SQLGetDiagRecW(STATEMENT, self.handle, 1, state, None, text, 2000, ctypes.byref(length))
        return None if code == NO_DATA else (state.raw[:10].decode(WIDE), text.raw[: 2 * length.value].decode(WIDE))

    def close(self):
        self.succeed(self.odbc.SQLFreeStmt(self.handle, CLOSE))
        self.succeed(self.odbc.SQLFreeStmt(self.handle, UNBIND))

    def call(self, function, *texts, more=()):
        """A function of the catalog: texts first, then numbers."""
        self.close()
        arguments = [part for text in texts for part in wide(text)]
        return self.succeed(getattr(self.odbc, function)(self.handle, *arguments, *more))

    def prepare(self, sql):
        self.close()
        text, length = wide(sql)
        return self.succeed(self.odbc.SQLPrepareW(self.handle, text, length))

    def execute(self, sql=None):
        if sql is None:
            return self.succeed(self.odbc.SQLExecute(self.handle))
        self.close()
        text, length = wide(sql)
        return self.succeed(self.odbc.SQLExecDirectW(self.handle, text, length))

    def count(self):
        count = ctypes.c_short()
        self.succeed(self.odbc.SQLNumResultCols(self.handle, ctypes.byref(count)))
        return count.value

    def described(self):
        """Name, type, size, digits and nullability of each column, by SQLDescribeCol."""
        columns = []
        for number in range(1, self.count() + 1):
            name, length = ctypes.create_string_buffer(400), ctypes.c_short()
            kind, size = ctypes.c_short(), ctypes.c_size_t()
            digits, nullable = ctypes.c_short(), ctypes.c_short()
            places = map(ctypes.byref, (length, kind, size, digits, nullable))
            self.succeed(self.odbc.SQLDescribeColW(self.handle, number, name, 200, *places))
            text = name.raw[: 2 * length.value].decode(WIDE)
            columns.append((text, kind.value, size.value, digits.value, nullable.value))
        return columns

    def set(self, attribute, value):
        self.succeed(self.odbc.SQLSetStmtAttrW(self.handle, attribute, value, 0))

    def blocks(self, rows, units=300, extended=False):
        """The rows of the result as texts, by arrays of that many rows; each block by one call."""
        count = self.count()
        texts = [ctypes.create_string_buffer(rows * units * 2) for _ in range(count)]
        lengths = [(ctypes.c_ssize_t * rows)() for _ in range(count)]
        statuses, fetched = (ctypes.c_ushort * rows)(), ctypes.c_size_t()
        if extended:
            self.succeed(self.odbc.SQLSetStmtOption(self.handle, 9, ctypes.c_size_t(rows)))
        else:
            self.set(ROW_BIND_TYPE, None)
            self.set(ROW_ARRAY_SIZE, ctypes.c_void_p(rows))
            self.set(ROW_STATUS, ctypes.byref(statuses))
            self.set(ROWS_FETCHED, ctypes.byref(fetched))
        for number, (text, length) in enumerate(zip(texts, lengths), 1):
            code = self.odbc.SQLBindCol(self.handle, number, WCHAR, text, ctypes.c_ssize_t(2 * units), length)
            self.succeed(code)
        while True:
            if extended:
                code = self.odbc.SQLExtendedFetch(
                    self.handle, 1, ctypes.c_ssize_t(0), ctypes.byref(fetched), statuses
                )
            else:
                code = self.odbc.SQLFetchScroll(self.handle, 1, ctypes.c_ssize_t(0))
            if self.succeed(code) == NO_DATA:
                return
            assert set(statuses[: fetched.value]) == {0}
            yield [
                tuple(
                    None if length[row] == NULL
                    else text.raw[2 * units * row : 2 * units * row + length[row]].decode(WIDE)
                    for text, length in zip(texts, lengths)
                )
                for row in range(fetched.value)
            ]

    def rows(self, rows=100, **more):
        return [row for block in self.blocks(rows, **more) for row in block]


class Application:
    """An open connection."""

    def __init__(self, odbc, connection, allocate):
        self.odbc, self.connection, self.allocate = odbc, connection, allocate

    def cursor(self):
        return Cursor(self, self.allocate(STATEMENT, self.connection))

    def info(self, kind):
        """Return code, bytes and SQLSTATE of SQLGetInfo."""
        value, length = ctypes.create_string_buffer(4096), ctypes.c_short()
        code = self.odbc.SQLGetInfoW(self.connection, ctypes.c_ushort(kind), value, 4096, ctypes.byref(length))
        state = ctypes.create_string_buffer(12)
        if code == ERROR:
            self.odbc.SQLGetDiagRecW(CONNECTION, self.connection, 1, state, None, None, 0, None)
        return code, value.raw[: max(length.value, 0)], state.raw[:10].decode(WIDE)

    def text(self, kind):
        code, value, _ = self.info(kind)
        assert code in (SUCCESS, SUCCESS_WITH_INFO)
        return value.decode(WIDE)

    def number(self, kind):
        code, value, _ = self.info(kind)
        assert code == SUCCESS
        return int.from_bytes(value, "little")

    def has(self, function):
        there = ctypes.c_ushort()
        assert self.odbc.SQLGetFunctions(self.connection, ctypes.c_ushort(function), ctypes.byref(there)) == SUCCESS
        return bool(there.value)


@contextmanager
def application(connection_string, version=3):
    """An application of ODBC 2, 3 or 3.8 (380) that connects so."""
    with connected(connection_string, version) as parts:
        yield Application(*parts)
