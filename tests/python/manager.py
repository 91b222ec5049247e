"""Connections by the Driver Manager's own functions, for what pyodbc does not pass on."""

import ctypes
from contextlib import contextmanager

import odbc

SQL_HANDLE_ENV, SQL_HANDLE_DBC = 1, 2
SQL_ATTR_ODBC_VERSION, SQL_OV_ODBC3 = 200, 3
SQL_SUCCESS, SQL_SUCCESS_WITH_INFO, SQL_NEED_DATA = 0, 1, 99
SQL_NTS = -3

library = odbc.Manager()


class Answer:
    """What a call returned, wrote and left as diagnostics."""

    def __init__(self, code, text, length, records):
        self.code, self.text, self.length, self.records = code, text, length, records

    @property
    def states(self):
        return [state for state, _ in self.records]

    @property
    def messages(self):
        return [message.rsplit("]", 1)[-1].strip() for _, message in self.records]


class Connection:
    def __init__(self, handle):
        self.handle = handle

    def call(self, function, text, capacity, *more):
        given = text.encode()
        out = ctypes.create_string_buffer(max(capacity, 1))
        length = ctypes.c_short(-1)
        before = [None] if function == "SQLDriverConnect" else []
        # With a length, Wine's manager passes on what follows the text.
        code = getattr(library, function)(
            self.handle, *before, given, SQL_NTS, out, capacity, ctypes.byref(length), *more
        )
        return Answer(code, out.value.decode(), length.value, list(self.records()))

    def connect(self, text, capacity=2048):
        """SQLDriverConnect, which asks nobody."""
        return self.call("SQLDriverConnect", text, capacity, 0)

    def browse(self, text, capacity=2048):
        return self.call("SQLBrowseConnect", text, capacity)

    def records(self):
        state = ctypes.create_string_buffer(6)
        message = ctypes.create_string_buffer(4096)
        native, length = ctypes.c_int(), ctypes.c_short()
        number = 1
        while library.SQLGetDiagRec(
            SQL_HANDLE_DBC, self.handle, number, state, ctypes.byref(native), message, 4096, ctypes.byref(length)
        ) in (SQL_SUCCESS, SQL_SUCCESS_WITH_INFO):
            yield state.value.decode(), message.value.decode()
            number += 1


@contextmanager
def connection():
    """A connection that is not made yet."""
    environment, handle = ctypes.c_void_p(), ctypes.c_void_p()
    assert library.SQLAllocHandle(SQL_HANDLE_ENV, None, ctypes.byref(environment)) == SQL_SUCCESS
    library.SQLSetEnvAttr(environment, SQL_ATTR_ODBC_VERSION, ctypes.c_void_p(SQL_OV_ODBC3), 0)
    assert library.SQLAllocHandle(SQL_HANDLE_DBC, environment, ctypes.byref(handle)) == SQL_SUCCESS
    try:
        yield Connection(handle)
    finally:
        library.SQLDisconnect(handle)
        library.SQLFreeHandle(SQL_HANDLE_DBC, handle)
        library.SQLFreeHandle(SQL_HANDLE_ENV, environment)
