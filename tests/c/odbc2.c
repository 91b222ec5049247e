/* An application of ODBC 2: its functions, types, states and options, all of which the Driver Manager maps. */
#define ODBCVER 0x0250
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sql.h>
#include <sqlext.h>

#define CHECK(condition)                                                                 \
    do {                                                                                 \
        if (!(condition)) {                                                              \
            fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #condition); \
            exit(1);                                                                     \
        }                                                                                \
    } while (0)

static HENV environment;
static HDBC connection;
static HSTMT statement;
static SQLCHAR message[300];

/* The SQLSTATE of the statement's next error. */
static const char *error(void)
{
    static SQLCHAR state[6];
    SQLINTEGER native;
    SQLSMALLINT length;
    state[0] = 0;
    SQLRETURN code = SQLError(environment, connection, statement, state, &native, message, sizeof message, &length);
    return SQL_SUCCEEDED(code) ? (char *)state : "none";
}

int main(int count, char **arguments)
{
    SQLCHAR text[300];
    SQLSMALLINT length, type, scale, nullable, columns;
    SQLULEN size, option, fetched;
    SQLLEN number, indicator;

    CHECK(count == 2);
    CHECK(SQLAllocEnv(&environment) == SQL_SUCCESS);
    CHECK(SQLAllocConnect(environment, &connection) == SQL_SUCCESS);
    CHECK(SQLSetConnectOption(connection, SQL_LOGIN_TIMEOUT, 10) == SQL_SUCCESS);
    if (SQLDriverConnect(connection, NULL, (SQLCHAR *)arguments[1], SQL_NTS, text, sizeof text, &length,
                         SQL_DRIVER_NOPROMPT) != SQL_SUCCESS) {
        fprintf(stderr, "not connected: %s %s\n", error(), message);
        return 1;
    }
    CHECK(SQLGetConnectOption(connection, SQL_AUTOCOMMIT, &option) == SQL_SUCCESS);
    CHECK((SQLUINTEGER)option == SQL_AUTOCOMMIT_ON);
    CHECK(SQLAllocStmt(connection, &statement) == SQL_SUCCESS);

    /* Options of statements. */
    CHECK(SQLSetStmtOption(statement, SQL_QUERY_TIMEOUT, 30) == SQL_SUCCESS);
    option = 0;
    CHECK(SQLGetStmtOption(statement, SQL_QUERY_TIMEOUT, &option) == SQL_SUCCESS);
    CHECK(option == 30);
    CHECK(SQLSetStmtOption(statement, SQL_ROWSET_SIZE, 2) == SQL_SUCCESS);
    CHECK(SQLSetStmtOption(statement, SQL_BIND_TYPE, SQL_BIND_BY_COLUMN) == SQL_SUCCESS);

    /* States are those of ODBC 2. */
    CHECK(SQLExecute(statement) == SQL_ERROR);
    CHECK(strcmp(error(), "S1010") == 0);
    CHECK(SQLExecDirect(statement, (SQLCHAR *)"SELECT missing", SQL_NTS) == SQL_ERROR);
    CHECK(strcmp(error(), "S0002") == 0);
    CHECK(strcmp(error(), "none") == 0);

    /* Dates and times have the numbers 9, 10 and 11. */
    CHECK(SQLExecDirect(statement, (SQLCHAR *)"SELECT d, t, ts, n FROM times", SQL_NTS) == SQL_SUCCESS);
    CHECK(SQLNumResultCols(statement, &columns) == SQL_SUCCESS && columns == 4);
    for (int column = 1; column <= 3; column++) {
        CHECK(SQLDescribeCol(statement, column, text, sizeof text, &length, &type, &size, &scale, &nullable) ==
              SQL_SUCCESS);
        CHECK(type == SQL_DATE + column - 1);
        CHECK(SQLColAttributes(statement, column, SQL_COLUMN_TYPE, NULL, 0, NULL, &number) == SQL_SUCCESS);
        CHECK(number == SQL_DATE + column - 1);
    }
    CHECK(SQLColAttributes(statement, 1, SQL_COLUMN_NAME, text, sizeof text, &length, NULL) == SQL_SUCCESS);
    CHECK(strcmp((char *)text, "d") == 0);
    CHECK(SQLColAttributes(statement, 0, SQL_COLUMN_COUNT, NULL, 0, NULL, &number) == SQL_SUCCESS);
    CHECK(number == 4);
    CHECK(SQLColAttributes(statement, 1, SQL_COLUMN_PRECISION, NULL, 0, NULL, &number) == SQL_SUCCESS);
    CHECK(number == 10);
    CHECK(SQLColAttributes(statement, 1, SQL_COLUMN_LENGTH, NULL, 0, NULL, &number) == SQL_SUCCESS);
    CHECK(number == 6);
    CHECK(SQLColAttributes(statement, 3, SQL_COLUMN_SCALE, NULL, 0, NULL, &number) == SQL_SUCCESS);
    CHECK(number == 3);

    /* Rowsets of SQLExtendedFetch into buffers of the old types. */
    DATE_STRUCT dates[2];
    TIME_STRUCT times[2];
    TIMESTAMP_STRUCT stamps[2];
    SQLINTEGER numbers[2];
    SQLLEN lengths[2];
    SQLUSMALLINT status[2];
    CHECK(SQLBindCol(statement, 1, SQL_C_DATE, dates, 0, lengths) == SQL_SUCCESS);
    CHECK(SQLBindCol(statement, 2, SQL_C_TIME, times, 0, lengths) == SQL_SUCCESS);
    CHECK(SQLBindCol(statement, 3, SQL_C_TIMESTAMP, stamps, 0, lengths) == SQL_SUCCESS);
    CHECK(SQLBindCol(statement, 4, SQL_C_LONG, numbers, 0, lengths) == SQL_SUCCESS);
    CHECK(SQLExtendedFetch(statement, SQL_FETCH_NEXT, 0, &fetched, status) == SQL_SUCCESS);
    CHECK(fetched == 2 && status[0] == SQL_ROW_SUCCESS && status[1] == SQL_ROW_SUCCESS);
    CHECK(dates[0].year == 2024 && dates[0].month == 2 && dates[0].day == 29);
    CHECK(times[0].hour == 12 && times[0].minute == 34 && times[0].second == 56);
    CHECK(stamps[1].year == 1969 && stamps[1].fraction == 125000000);
    CHECK(numbers[0] == 1 && numbers[1] == 2);
    CHECK(SQLSetPos(statement, 2, SQL_POSITION, SQL_LOCK_NO_CHANGE) == SQL_SUCCESS);
    CHECK(SQLGetData(statement, 4, SQL_C_CHAR, text, sizeof text, &indicator) == SQL_SUCCESS);
    CHECK(strcmp((char *)text, "2") == 0);
    CHECK(SQLExtendedFetch(statement, SQL_FETCH_NEXT, 0, &fetched, status) == SQL_SUCCESS);
    CHECK(fetched == 1 && status[1] == SQL_ROW_NOROW);
    CHECK(SQLExtendedFetch(statement, SQL_FETCH_NEXT, 0, &fetched, status) == SQL_NO_DATA_FOUND);
    CHECK(SQLFreeStmt(statement, SQL_CLOSE) == SQL_SUCCESS);

    /* The same, back and forth. */
    CHECK(SQLSetScrollOptions(statement, SQL_CONCUR_READ_ONLY, SQL_SCROLL_STATIC, 2) == SQL_SUCCESS);
    CHECK(SQLGetStmtOption(statement, SQL_CURSOR_TYPE, &option) == SQL_SUCCESS && option == SQL_CURSOR_STATIC);
    CHECK(SQLExecDirect(statement, (SQLCHAR *)"SELECT d, t, ts, n FROM times", SQL_NTS) == SQL_SUCCESS);
    CHECK(SQLExtendedFetch(statement, SQL_FETCH_LAST, 0, &fetched, status) == SQL_SUCCESS);
    CHECK(fetched == 2 && numbers[0] == 2 && numbers[1] == 3);
    CHECK(SQLExtendedFetch(statement, SQL_FETCH_ABSOLUTE, 3, &fetched, status) == SQL_SUCCESS);
    CHECK(fetched == 1 && numbers[0] == 3 && status[1] == SQL_ROW_NOROW);
    CHECK(SQLExtendedFetch(statement, SQL_FETCH_ABSOLUTE, -3, &fetched, status) == SQL_SUCCESS);
    CHECK(fetched == 2 && numbers[0] == 1 && numbers[1] == 2 && dates[0].year == 2024);
    CHECK(SQLExtendedFetch(statement, SQL_FETCH_RELATIVE, 1, &fetched, status) == SQL_SUCCESS);
    CHECK(fetched == 2 && numbers[0] == 2);
    CHECK(SQLExtendedFetch(statement, SQL_FETCH_PRIOR, 0, &fetched, status) == SQL_SUCCESS_WITH_INFO);
    CHECK(strcmp(error(), "01S06") == 0 && numbers[0] == 1);
    CHECK(SQLExtendedFetch(statement, SQL_FETCH_FIRST, 0, &fetched, status) == SQL_SUCCESS);
    CHECK(fetched == 2 && numbers[0] == 1);
    CHECK(SQLExtendedFetch(statement, SQL_FETCH_PRIOR, 0, &fetched, status) == SQL_NO_DATA_FOUND);
    CHECK(SQLFreeStmt(statement, SQL_CLOSE) == SQL_SUCCESS);
    CHECK(SQLSetStmtOption(statement, SQL_CURSOR_TYPE, SQL_CURSOR_FORWARD_ONLY) == SQL_SUCCESS);
    CHECK(SQLFreeStmt(statement, SQL_UNBIND) == SQL_SUCCESS);

    /* The catalog says the old numbers too. */
    CHECK(SQLGetTypeInfo(statement, SQL_TIMESTAMP) == SQL_SUCCESS);
    CHECK(SQLFetch(statement) == SQL_SUCCESS);
    CHECK(SQLGetData(statement, 2, SQL_C_LONG, &numbers[0], 0, &indicator) == SQL_SUCCESS);
    CHECK(numbers[0] == SQL_TIMESTAMP);
    CHECK(SQLFreeStmt(statement, SQL_CLOSE) == SQL_SUCCESS);

    CHECK(SQLTransact(environment, connection, SQL_COMMIT) == SQL_SUCCESS);
    CHECK(SQLTransact(environment, SQL_NULL_HDBC, SQL_ROLLBACK) == SQL_SUCCESS);
    CHECK(SQLCancel(statement) == SQL_SUCCESS);
    CHECK(SQLFreeStmt(statement, SQL_DROP) == SQL_SUCCESS);
    CHECK(SQLDisconnect(connection) == SQL_SUCCESS);
    CHECK(SQLFreeConnect(connection) == SQL_SUCCESS);
    CHECK(SQLFreeEnv(environment) == SQL_SUCCESS);
    printf("ODBC 2: good\n");
    return 0;
}
