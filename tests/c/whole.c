/* Everything that the driver exports, called by a program that is linked with it: no Driver Manager is in between, so
 * what valgrind and the address sanitizer find is the driver's. */
#include "check.h"
#include "trino_odbc.h"

static SQLHENV environment;
static SQLHDBC connection;

static SQLHSTMT new_statement(void)
{
    SQLHSTMT statement;
    CHECK(SQLAllocHandle(SQL_HANDLE_STMT, connection, &statement) == SQL_SUCCESS);
    return statement;
}

static SQLHDESC descriptor(SQLHSTMT statement, SQLINTEGER attribute)
{
    SQLHDESC handle = NULL;
    CHECK(SQLGetStmtAttrW(statement, attribute, &handle, SQL_IS_POINTER, NULL) == SQL_SUCCESS);
    CHECK(handle);
    return handle;
}

/* Rowsets by column and by row, in parts, and once more. */
static void results(void)
{
    enum { ROWS = 50 };
    SQLHSTMT statement = new_statement();
    SQLBIGINT *numbers = malloc(ROWS * sizeof *numbers);
    SQLLEN *lengths = malloc(ROWS * sizeof *lengths);
    SQLUSMALLINT *status = malloc(ROWS * sizeof *status);
    SQLULEN fetched = 0, total = 0;
    SQLSMALLINT columns;
    CHECK(SQLPrepareW(statement, wide(U"SELECT many"), SQL_NTS) == SQL_SUCCESS);
    CHECK(SQLNumResultCols(statement, &columns) == SQL_SUCCESS && columns == 2);
    CHECK(SQLExecute(statement) == SQL_SUCCESS);
    CHECK(SQLSetStmtAttrW(statement, SQL_ATTR_ROW_ARRAY_SIZE, (SQLPOINTER)ROWS, 0) == SQL_SUCCESS);
    CHECK(SQLSetStmtAttrW(statement, SQL_ATTR_ROWS_FETCHED_PTR, &fetched, 0) == SQL_SUCCESS);
    CHECK(SQLSetStmtAttrW(statement, SQL_ATTR_ROW_STATUS_PTR, status, 0) == SQL_SUCCESS);
    CHECK(SQLBindCol(statement, 1, SQL_C_SBIGINT, numbers, 0, lengths) == SQL_SUCCESS);
    while (SQLFetch(statement) == SQL_SUCCESS) {
        char text[8];
        SQLLEN length;
        total += fetched;
        CHECK(status[fetched - 1] == SQL_ROW_SUCCESS);
        CHECK(SQLSetPos(statement, fetched, SQL_POSITION, SQL_LOCK_NO_CHANGE) == SQL_SUCCESS);
        while (SQLGetData(statement, 2, SQL_C_CHAR, text, sizeof text, &length) == SQL_SUCCESS_WITH_INFO)
            CHECK(strlen(text) == sizeof text - 1);
        CHECK(SQLSetPos(statement, 0, SQL_REFRESH, SQL_LOCK_NO_CHANGE) == SQL_SUCCESS);
    }
    CHECK(total == 2030);
    CHECK(SQLMoreResults(statement) == SQL_NO_DATA);

    struct {
        SQLINTEGER id;
        SQLLEN id_length;
        SQLWCHAR text[5];
        SQLLEN text_length;
    } rows[3];
    CHECK(SQLFreeStmt(statement, SQL_UNBIND) == SQL_SUCCESS);
    CHECK(SQLSetStmtAttrW(statement, SQL_ATTR_ROW_ARRAY_SIZE, (SQLPOINTER)3, 0) == SQL_SUCCESS);
    CHECK(SQLSetStmtAttrW(statement, SQL_ATTR_ROW_BIND_TYPE, (SQLPOINTER)sizeof rows[0], 0) == SQL_SUCCESS);
    CHECK(SQLBindCol(statement, 1, SQL_C_LONG, &rows[0].id, 0, &rows[0].id_length) == SQL_SUCCESS);
    CHECK(SQLBindCol(statement, 2, SQL_C_WCHAR, rows[0].text, sizeof rows[0].text, &rows[0].text_length) == SQL_SUCCESS);
    CHECK(SQLExecDirectW(statement, wide(U"SELECT three"), SQL_NTS) == SQL_SUCCESS);
    CHECK(SQLFetchScroll(statement, SQL_FETCH_NEXT, 0) == SQL_SUCCESS_WITH_INFO);
    CHECK(strcmp(state_of(SQL_HANDLE_STMT, statement), "01004") == 0);
    CHECK(rows[2].id == 3 && wide_length(rows[1].text) == 4 && rows[2].text_length == SQL_NULL_DATA);
    CHECK(SQLCloseCursor(statement) == SQL_SUCCESS);

    /* The rowset of ODBC 2. */
    CHECK(SQLFreeStmt(statement, SQL_UNBIND) == SQL_SUCCESS);
    CHECK(SQLExecDirectW(statement, wide(U"SELECT three"), SQL_NTS) == SQL_SUCCESS);
    CHECK(SQLExtendedFetch(statement, SQL_FETCH_NEXT, 0, &fetched, status) == SQL_SUCCESS && fetched == 1);
    CHECK(SQLFreeStmt(statement, SQL_CLOSE) == SQL_SUCCESS);

    /* A cursor that goes back. */
    CHECK(SQLSetStmtAttrW(statement, SQL_ATTR_CURSOR_TYPE, (SQLPOINTER)SQL_CURSOR_STATIC, 0) == SQL_SUCCESS);
    CHECK(SQLSetStmtAttrW(statement, SQL_ATTR_ROW_ARRAY_SIZE, (SQLPOINTER)ROWS, 0) == SQL_SUCCESS);
    CHECK(SQLSetStmtAttrW(statement, SQL_ATTR_ROW_BIND_TYPE, SQL_BIND_BY_COLUMN, 0) == SQL_SUCCESS);
    CHECK(SQLBindCol(statement, 1, SQL_C_SBIGINT, numbers, 0, lengths) == SQL_SUCCESS);
    CHECK(SQLExecDirectW(statement, wide(U"SELECT many"), SQL_NTS) == SQL_SUCCESS);
    CHECK(SQLFetchScroll(statement, SQL_FETCH_LAST, 0) == SQL_SUCCESS && fetched == ROWS);
    SQLBIGINT last = numbers[ROWS - 1];
    for (total = 2030 - ROWS; total > ROWS; total -= ROWS)
        CHECK(SQLFetchScroll(statement, SQL_FETCH_PRIOR, 0) == SQL_SUCCESS && fetched == ROWS);
    CHECK(SQLFetchScroll(statement, SQL_FETCH_PRIOR, 0) == SQL_SUCCESS_WITH_INFO);
    CHECK(strcmp(state_of(SQL_HANDLE_STMT, statement), "01S06") == 0);
    CHECK(SQLFetchScroll(statement, SQL_FETCH_ABSOLUTE, -1) == SQL_SUCCESS && fetched == 1 && numbers[0] == last);

    CHECK(SQLFreeStmt(statement, SQL_DROP) == SQL_SUCCESS);
    free(numbers);
    free(lengths);
    free(status);
}

/* Statements of the driver's own attributes, errors, updates, cursor names, cancelling. */
static void statements(void)
{
    SQLHSTMT statement = new_statement();
    SQLWCHAR text[300];
    SQLSMALLINT length;
    SQLINTEGER bytes, native;
    SQLLEN count;
    uint64_t number = 7;
    CHECK(SQLExecDirectW(statement, wide(U"INSERT 4"), SQL_NTS) == SQL_SUCCESS);
    CHECK(SQLRowCount(statement, &count) == SQL_SUCCESS && count == 4);
    CHECK(SQLGetDiagFieldW(SQL_HANDLE_STMT, statement, 0, SQL_DIAG_ROW_COUNT, &count, 0, NULL) == SQL_SUCCESS);
    CHECK(SQLGetStmtAttrW(statement, SQL_ATTR_TRINO_QUERY_ID, text, sizeof text, &bytes) == SQL_SUCCESS && bytes > 10);
    CHECK(SQLGetStmtAttrW(statement, SQL_ATTR_TRINO_SEGMENTS_SPOOLED, &number, 0, NULL) == SQL_SUCCESS && number == 0);
    CHECK(SQLSetStmtAttrW(statement, SQL_ATTR_TRINO_PARALLEL_DOWNLOADS, (SQLPOINTER)3, 0) == SQL_SUCCESS);

    CHECK(SQLExecDirectW(statement, wide(U"SELECT missing"), SQL_NTS) == SQL_ERROR);
    CHECK(SQLGetDiagRecW(SQL_HANDLE_STMT, statement, 1, text, &native, text + 6, 20, &length) == SQL_SUCCESS_WITH_INFO);
    CHECK(native == 46 && length > 20);
    CHECK(SQLExecute(statement) == SQL_ERROR);
    CHECK(SQLFetch(statement) == SQL_ERROR);
    CHECK(SQLBulkOperations(statement, SQL_ADD) == SQL_ERROR);

    CHECK(SQLSetCursorNameW(statement, wide(U"rows"), SQL_NTS) == SQL_SUCCESS);
    CHECK(SQLGetCursorNameW(statement, text, 300, &length) == SQL_SUCCESS && length == 4);
    CHECK(SQLCancel(statement) == SQL_SUCCESS);
    CHECK(SQLCancelHandle(SQL_HANDLE_STMT, statement) == SQL_SUCCESS);
    CHECK(SQLFreeStmt(statement, SQL_RESET_PARAMS) == SQL_SUCCESS);
    CHECK(SQLFreeHandle(SQL_HANDLE_STMT, statement) == SQL_SUCCESS);

    /* One that is freed half read. */
    statement = new_statement();
    CHECK(SQLExecDirectW(statement, wide(U"SELECT many"), SQL_NTS) == SQL_SUCCESS);
    CHECK(SQLFetch(statement) == SQL_SUCCESS);
    CHECK(SQLFreeHandle(SQL_HANDLE_STMT, statement) == SQL_SUCCESS);
}

static void descriptors(void)
{
    SQLHSTMT statement = new_statement();
    SQLHDESC explicit_one;
    SQLINTEGER id = 0;
    SQLLEN length = 0;
    SQLWCHAR name[20];
    SQLSMALLINT count, name_length, type, code, precision, scale, nullable;
    SQLLEN octets;
    CHECK(SQLAllocHandle(SQL_HANDLE_DESC, connection, &explicit_one) == SQL_SUCCESS);
    CHECK(SQLSetDescRec(explicit_one, 1, SQL_C_LONG, 0, 4, 0, 0, &id, &length, &length) == SQL_SUCCESS);
    CHECK(SQLSetDescFieldW(explicit_one, 2, SQL_DESC_TYPE, (SQLPOINTER)SQL_C_NUMERIC, 0) == SQL_SUCCESS);
    CHECK(SQLSetStmtAttrW(statement, SQL_ATTR_APP_ROW_DESC, explicit_one, 0) == SQL_SUCCESS);
    CHECK(SQLExecDirectW(statement, wide(U"SELECT three"), SQL_NTS) == SQL_SUCCESS);
    CHECK(SQLFetch(statement) == SQL_SUCCESS && id == 1 && length == 4);
    SQLHDESC ird = descriptor(statement, SQL_ATTR_IMP_ROW_DESC);
    CHECK(SQLGetDescFieldW(ird, 0, SQL_DESC_COUNT, &count, 0, NULL) == SQL_SUCCESS && count == 2);
    CHECK(SQLGetDescRecW(ird, 2, name, 20, &name_length, &type, &code, &octets, &precision, &scale, &nullable) ==
          SQL_SUCCESS);
    CHECK(wide_equals(name, U"text"));
    CHECK(SQLCopyDesc(ird, descriptor(statement, SQL_ATTR_IMP_PARAM_DESC)) == SQL_SUCCESS);
    SQLHDESC ipd = descriptor(statement, SQL_ATTR_IMP_PARAM_DESC);
    CHECK(SQLSetDescFieldW(ipd, 4, SQL_DESC_NAME, wide(U"parameter"), SQL_NTS) == SQL_SUCCESS);
    CHECK(SQLFreeHandle(SQL_HANDLE_DESC, explicit_one) == SQL_SUCCESS);
    CHECK(SQLFetch(statement) == SQL_SUCCESS && id == 1);
    CHECK(SQLFreeHandle(SQL_HANDLE_STMT, statement) == SQL_SUCCESS);
    CHECK(SQLFetch(statement) == SQL_INVALID_HANDLE);
}

static void catalog(void)
{
    SQLHSTMT statement = new_statement();
    SQLWCHAR *t = wide(U"t");
    SQLSMALLINT columns, length;
    SQLWCHAR name[50];
    SQLLEN number;
#define EMPTY(call, wanted)                                                                      \
    do {                                                                                         \
        CHECK((call) == SQL_SUCCESS);                                                            \
        CHECK(SQLNumResultCols(statement, &columns) == SQL_SUCCESS && columns == (wanted));      \
        CHECK(SQLDescribeColW(statement, 1, name, 50, &length, NULL, NULL, NULL, NULL) == SQL_SUCCESS); \
        CHECK(SQLColAttributeW(statement, 1, SQL_DESC_LENGTH, NULL, 0, NULL, &number) == SQL_SUCCESS); \
        CHECK(SQLFetch(statement) == SQL_NO_DATA);                                               \
        CHECK(SQLFreeStmt(statement, SQL_CLOSE) == SQL_SUCCESS);                                 \
    } while (0)
    EMPTY(SQLTablesW(statement, NULL, 0, NULL, 0, t, 1, NULL, 0), 5);
    EMPTY(SQLColumnsW(statement, NULL, 0, NULL, 0, t, 1, NULL, 0), 18);
    EMPTY(SQLPrimaryKeysW(statement, NULL, 0, NULL, 0, t, 1), 6);
    EMPTY(SQLForeignKeysW(statement, NULL, 0, NULL, 0, t, 1, NULL, 0, NULL, 0, NULL, 0), 14);
    EMPTY(SQLStatisticsW(statement, NULL, 0, NULL, 0, t, 1, SQL_INDEX_ALL, SQL_QUICK), 13);
    EMPTY(SQLSpecialColumnsW(statement, SQL_BEST_ROWID, NULL, 0, NULL, 0, t, 1, SQL_SCOPE_SESSION, SQL_NULLABLE), 8);
    EMPTY(SQLTablePrivilegesW(statement, NULL, 0, NULL, 0, t, 1), 7);
    EMPTY(SQLColumnPrivilegesW(statement, NULL, 0, NULL, 0, t, 1, NULL, 0), 8);
    EMPTY(SQLProceduresW(statement, NULL, 0, NULL, 0, t, 1), 8);
    EMPTY(SQLProcedureColumnsW(statement, NULL, 0, NULL, 0, t, 1, NULL, 0), 19);
    CHECK(SQLGetTypeInfoW(statement, SQL_ALL_TYPES) == SQL_SUCCESS);
    while (SQLFetch(statement) == SQL_SUCCESS)
        CHECK(SQLGetData(statement, 1, SQL_C_WCHAR, name, sizeof name, &number) == SQL_SUCCESS);
    CHECK(SQLCloseCursor(statement) == SQL_SUCCESS);
    CHECK(SQLFreeHandle(SQL_HANDLE_STMT, statement) == SQL_SUCCESS);
}

static void information(void)
{
    SQLWCHAR text[300];
    SQLSMALLINT length;
    SQLINTEGER bytes;
    SQLUSMALLINT functions[SQL_API_ODBC3_ALL_FUNCTIONS_SIZE];
    for (SQLUSMALLINT type = 0; type < 200; type++) {
        if (SQLGetInfoW(connection, type, text, sizeof text, &length) == SQL_ERROR)
            CHECK(strcmp(state_of(SQL_HANDLE_DBC, connection), "HY096") == 0);
    }
    CHECK(SQLGetFunctions(connection, SQL_API_ODBC3_ALL_FUNCTIONS, functions) == SQL_SUCCESS);
    CHECK(SQL_FUNC_EXISTS(functions, SQL_API_SQLSETPOS) && !SQL_FUNC_EXISTS(functions, SQL_API_SQLDRIVERS));
    CHECK(SQLSetConnectAttrW(connection, SQL_ATTR_CURRENT_CATALOG, wide(U"memory"), SQL_NTS) == SQL_SUCCESS);
    CHECK(SQLGetConnectAttrW(connection, SQL_ATTR_CURRENT_CATALOG, text, sizeof text, &bytes) == SQL_SUCCESS);
    CHECK(wide_equals(text, U"memory") && bytes == 6 * sizeof(SQLWCHAR));
    CHECK(SQLNativeSqlW(connection, wide(U"SELECT 1"), SQL_NTS, text, 5, &bytes) == SQL_SUCCESS_WITH_INFO);
    CHECK(bytes == 8 && wide_equals(text, U"SELE"));
    CHECK(SQLEndTran(SQL_HANDLE_DBC, connection, SQL_COMMIT) == SQL_SUCCESS);
    CHECK(SQLGetEnvAttr(environment, SQL_ATTR_ODBC_VERSION, &bytes, 0, NULL) == SQL_SUCCESS);
    CHECK(bytes == SQL_OV_ODBC3_80);
}

int main(int count, char **arguments)
{
    SQLWCHAR *string = connection_string(count, arguments);
    SQLWCHAR text[1000];
    SQLSMALLINT length;
    for (int turn = 0; turn < 2; turn++) {
        CHECK(SQLAllocHandle(SQL_HANDLE_ENV, NULL, &environment) == SQL_SUCCESS);
        CHECK(SQLSetEnvAttr(environment, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)SQL_OV_ODBC3_80, 0) == SQL_SUCCESS);
        CHECK(SQLAllocHandle(SQL_HANDLE_DBC, environment, &connection) == SQL_SUCCESS);
        CHECK(SQLConnectW(connection, wide(U"nowhere"), SQL_NTS, NULL, 0, NULL, 0) == SQL_ERROR);
        if (turn == 0) {
            succeed(SQLDriverConnectW(connection, NULL, string, SQL_NTS, text, 1000, &length, SQL_DRIVER_NOPROMPT),
                    SQL_HANDLE_DBC, connection);
        } else {
            CHECK(SQLBrowseConnectW(connection, wide(U"SSL=false"), SQL_NTS, text, 1000, &length) == SQL_NEED_DATA);
            succeed(SQLBrowseConnectW(connection, string, SQL_NTS, text, 1000, &length), SQL_HANDLE_DBC, connection);
        }
        results();
        statements();
        descriptors();
        catalog();
        information();
        /* What is left goes with the connection. */
        SQLHSTMT left = new_statement();
        CHECK(SQLExecDirectW(left, wide(U"SELECT three"), SQL_NTS) == SQL_SUCCESS);
        CHECK(SQLDisconnect(connection) == SQL_SUCCESS);
        CHECK(SQLCloseCursor(left) == SQL_INVALID_HANDLE);
        CHECK(SQLFreeHandle(SQL_HANDLE_DBC, connection) == SQL_SUCCESS);
        CHECK(SQLFreeHandle(SQL_HANDLE_ENV, environment) == SQL_SUCCESS);
    }
    printf("the whole interface: good\n");
    return 0;
}
