/* Wide text through a Driver Manager, whatever the width of its SQLWCHAR: in and out of every function that has some. */
#include "check.h"

static const char32_t QUERY[] = U"SELECT 'zażółć \U0001F600 日本'";
static const char32_t VALUE[] = U"zażółć \U0001F600 日本";
static const char UTF8[] = "zażółć \U0001F600 日本";
static const char32_t NAME[] = U"naïve\U0001F600";
/* Headers of HTTP carry Latin-1, so a catalog has no characters beyond it. */
static const char32_t CATALOG[] = U"katalóg";
static const char32_t UNSENDABLE[] = U"katalog\U0001F600";

int main(int count, char **arguments)
{
    SQLHENV environment;
    SQLHDBC connection;
    SQLHSTMT statement;
    SQLWCHAR text[200], state[6];
    SQLSMALLINT length, type;
    SQLINTEGER native, bytes;
    SQLLEN indicator;

    CHECK(SQLAllocHandle(SQL_HANDLE_ENV, NULL, &environment) == SQL_SUCCESS);
    CHECK(SQLSetEnvAttr(environment, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)SQL_OV_ODBC3, 0) == SQL_SUCCESS);
    CHECK(SQLAllocHandle(SQL_HANDLE_DBC, environment, &connection) == SQL_SUCCESS);
    SQLWCHAR *string = connection_string(count, arguments);
    succeed(SQLDriverConnectW(connection, NULL, string, SQL_NTS, text, 200, &length, SQL_DRIVER_NOPROMPT),
            SQL_HANDLE_DBC, connection);
    CHECK(wide_length(text) > 10);

    CHECK(SQLGetInfoW(connection, SQL_DBMS_NAME, text, sizeof text, &length) == SQL_SUCCESS);
    CHECK(wide_equals(text, U"Trino"));
    CHECK(length == 5 * (SQLSMALLINT)sizeof(SQLWCHAR));

    SQLWCHAR *catalog = wide(CATALOG);
    CHECK(SQLSetConnectAttrW(connection, SQL_ATTR_CURRENT_CATALOG, catalog, SQL_NTS) == SQL_SUCCESS);
    CHECK(SQLSetConnectAttrW(connection, SQL_ATTR_CURRENT_CATALOG, wide(UNSENDABLE), SQL_NTS) == SQL_ERROR);
    memset(text, 0x55, sizeof text);
    CHECK(SQLGetConnectAttrW(connection, SQL_ATTR_CURRENT_CATALOG, text, sizeof text, &bytes) == SQL_SUCCESS);
    CHECK(wide_equals(text, CATALOG));

    /* A result: its column's name, the value whole, in parts, bound, and narrow. */
    CHECK(SQLAllocHandle(SQL_HANDLE_STMT, connection, &statement) == SQL_SUCCESS);
    CHECK(SQLExecDirectW(statement, wide(QUERY), SQL_NTS) == SQL_SUCCESS);
    memset(text, 0x55, sizeof text);
    CHECK(SQLDescribeColW(statement, 1, text, 200, &length, &type, NULL, NULL, NULL) == SQL_SUCCESS);
    CHECK(wide_equals(text, NAME));
    CHECK((size_t)length == wide_length(text));
    memset(text, 0x55, sizeof text);
    CHECK(SQLColAttributeW(statement, 1, SQL_DESC_NAME, text, sizeof text, &length, NULL) == SQL_SUCCESS);
    CHECK(wide_equals(text, NAME));

    CHECK(SQLFetch(statement) == SQL_SUCCESS);
    memset(text, 0x55, sizeof text);
    CHECK(SQLGetData(statement, 1, SQL_C_WCHAR, text, sizeof text, &indicator) == SQL_SUCCESS);
    CHECK(wide_equals(text, VALUE));
    CHECK(indicator == (SQLLEN)(wide_length(text) * sizeof(SQLWCHAR)));

    CHECK(SQLFetch(statement) == SQL_SUCCESS);
    size_t had = 0;
    for (;;) {
        SQLRETURN code = SQLGetData(statement, 1, SQL_C_WCHAR, text + had, 4 * sizeof(SQLWCHAR), &indicator);
        if (code == SQL_NO_DATA)
            break;
        CHECK(SQL_SUCCEEDED(code));
        CHECK(had + (size_t)indicator / sizeof(SQLWCHAR) == wide_length(wide(VALUE)));
        had += wide_length(text + had);
    }
    CHECK(wide_equals(text, VALUE));

    char narrow[100];
    CHECK(SQLFetch(statement) == SQL_SUCCESS);
    CHECK(SQLGetData(statement, 1, SQL_C_CHAR, narrow, sizeof narrow, &indicator) == SQL_SUCCESS);
    CHECK(strcmp(narrow, UTF8) == 0 && indicator == (SQLLEN)strlen(UTF8));
    CHECK(SQLFetch(statement) == SQL_NO_DATA);
    CHECK(SQLCloseCursor(statement) == SQL_SUCCESS);

    SQLWCHAR rows[3][40];
    SQLLEN lengths[3];
    CHECK(SQLSetStmtAttrW(statement, SQL_ATTR_ROW_ARRAY_SIZE, (SQLPOINTER)3, 0) == SQL_SUCCESS);
    CHECK(SQLBindCol(statement, 1, SQL_C_WCHAR, rows, sizeof rows[0], lengths) == SQL_SUCCESS);
    CHECK(SQLPrepareW(statement, wide(QUERY), SQL_NTS) == SQL_SUCCESS);
    CHECK(SQLExecute(statement) == SQL_SUCCESS);
    CHECK(SQLFetch(statement) == SQL_SUCCESS);
    for (int row = 0; row < 3; row++) {
        CHECK(wide_equals(rows[row], VALUE));
        CHECK(lengths[row] == (SQLLEN)(wide_length(rows[row]) * sizeof(SQLWCHAR)));
    }
    CHECK(SQLFreeStmt(statement, SQL_CLOSE) == SQL_SUCCESS);

    /* An error: its state, and the server's words. */
    CHECK(SQLExecDirectW(statement, wide(U"SELECT missing"), SQL_NTS) == SQL_ERROR);
    CHECK(SQLGetDiagRecW(SQL_HANDLE_STMT, statement, 1, state, &native, text, 200, &length) == SQL_SUCCESS);
    CHECK(wide_equals(state, U"42S02"));
    CHECK(native == 46);
    CHECK((size_t)length == wide_length(text));
    size_t at = 0;
    while (text[at] && text[at] != *wide(U"日"))
        at++;
    CHECK(text[at]);

    CHECK(SQLFreeHandle(SQL_HANDLE_STMT, statement) == SQL_SUCCESS);
    CHECK(SQLDisconnect(connection) == SQL_SUCCESS);
    CHECK(SQLFreeHandle(SQL_HANDLE_DBC, connection) == SQL_SUCCESS);
    CHECK(SQLFreeHandle(SQL_HANDLE_ENV, environment) == SQL_SUCCESS);
    printf("SQLWCHAR of %zu bytes: good\n", sizeof(SQLWCHAR));
    return 0;
}
