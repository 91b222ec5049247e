"""Static cursors through the Driver Manager's C interface, which pyodbc has no words for."""

import ctypes
import random
from contextlib import closing, contextmanager

import pytest

from odbc import Manager

SUCCESS, SUCCESS_WITH_INFO, NO_DATA = 0, 1, 100
ENVIRONMENT, CONNECTION, STATEMENT = 1, 2, 3
ODBC_VERSION, CURSOR_TYPE, ROW_ARRAY_SIZE, ROWS_FETCHED_PTR = 200, 6, 27, 26
STATIC = 3
NEXT, FIRST, LAST, PRIOR, ABSOLUTE, RELATIVE = range(1, 7)
C_SBIGINT, C_CHAR = -25, 1

ROWSET = 100
WIDTH = 80

# About 10 MB of rows, ten times the memory that they may have.
ORDERS = "SELECT orderkey, comment FROM tpch.sf1.orders WHERE orderkey <= 400000 ORDER BY orderkey"


class Scroller:
    """A static cursor with rowsets of two bound columns."""

    def __init__(self, odbc, statement):
        self.odbc, self.statement = odbc, statement
        self.keys = (ctypes.c_int64 * ROWSET)()
        self.texts = ((ctypes.c_char * WIDTH) * ROWSET)()
        self.lengths = (ctypes.c_ssize_t * ROWSET)()
        self.fetched = ctypes.c_size_t()
        for attribute, value in [
            (CURSOR_TYPE, STATIC),
            (ROW_ARRAY_SIZE, ROWSET),
            (ROWS_FETCHED_PTR, ctypes.addressof(self.fetched)),
        ]:
            self.call("SQLSetStmtAttr", attribute, ctypes.c_void_p(value), 0)
        for column, kind, place, width in [
            (1, C_SBIGINT, self.keys, 8),
            (2, C_CHAR, self.texts, WIDTH),
        ]:
            self.call("SQLBindCol", column, kind, place, ctypes.c_ssize_t(width), self.lengths)

    def call(self, function, *arguments):
        code = getattr(self.odbc, function)(self.statement, *arguments)
        assert code in (SUCCESS, SUCCESS_WITH_INFO, NO_DATA), f"{function}: {code}"
        return code

    def execute(self, sql):
        self.call("SQLExecDirect", sql.encode(), -3)

    def at(self, orientation, offset=0):
        """The rowset that a scroll leads to: keys and texts."""
        code = self.call("SQLFetchScroll", orientation, ctypes.c_ssize_t(offset))
        assert (code == NO_DATA) == (self.fetched.value == 0)
        rows = range(self.fetched.value)
        return [(self.keys[row], self.texts[row].value.decode()) for row in rows]


@contextmanager
def scroller(lab, **keywords):
    """Its own connection, past pyodbc."""
    odbc = Manager()

    def allocate(kind, parent):
        handle = ctypes.c_void_p()
        assert odbc.SQLAllocHandle(kind, parent, ctypes.byref(handle)) == SUCCESS
        return handle

    environment = allocate(ENVIRONMENT, None)
    assert odbc.SQLSetEnvAttr(environment, ODBC_VERSION, ctypes.c_void_p(380), 0) == SUCCESS
    connection = allocate(CONNECTION, environment)
    text = lab.connection_string(**keywords).encode()
    code = odbc.SQLDriverConnect(connection, None, text, -3, None, 0, None, 0)
    assert code in (SUCCESS, SUCCESS_WITH_INFO)
    statement = allocate(STATEMENT, connection)
    try:
        yield Scroller(odbc, statement)
    finally:
        odbc.SQLFreeHandle(STATEMENT, statement)
        odbc.SQLDisconnect(connection)
        odbc.SQLFreeHandle(CONNECTION, connection)
        odbc.SQLFreeHandle(ENVIRONMENT, environment)


@pytest.fixture(scope="module")
def orders(lab):
    with closing(lab.connect()) as connection:
        return [tuple(row) for row in connection.cursor().execute(ORDERS)]


@pytest.mark.parametrize("encoding", ["json+zstd", "none"])
def test_rowsets_anywhere_are_those_of_a_forward_reading(lab, orders, encoding):
    with scroller(lab, MemoryLimit="1MB", Encoding=encoding) as cursor:
        cursor.execute(ORDERS)
        assert cursor.at(LAST) == orders[-ROWSET:]
        for end in range(len(orders) - ROWSET, 0, -ROWSET):
            assert cursor.at(PRIOR) == orders[end - ROWSET : end]
        assert cursor.at(PRIOR) == []
        for start in range(0, len(orders), ROWSET):
            assert cursor.at(NEXT) == orders[start : start + ROWSET]
        assert cursor.at(NEXT) == []
        chance = random.Random(6)
        for _ in range(300):
            start = chance.randrange(len(orders))
            assert cursor.at(ABSOLUTE, start + 1) == orders[start : start + ROWSET]
            step = chance.randrange(-start, len(orders) - start)
            assert cursor.at(RELATIVE, step) == orders[start + step : start + step + ROWSET]
        assert cursor.at(FIRST) == orders[:ROWSET]


def test_a_scroll_reads_no_further_than_it_must(lab, orders):
    with scroller(lab) as cursor:
        cursor.execute("SELECT orderkey, comment FROM tpch.sf1000.orders")
        first = cursor.at(FIRST)
        assert len(first) == ROWSET
        cursor.at(ABSOLUTE, 5001)
        assert cursor.at(ABSOLUTE, 1) == first
