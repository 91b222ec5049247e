/* Parameters as the Driver Manager hands them on: SQLSetParam of ODBC 1, and changes that find no rows. */
#include "check.h"

static SQLHENV environment;
static SQLHDBC connection;
static SQLHSTMT statement;

static void ok(SQLRETURN code)
{
    succeed(code, SQL_HANDLE_STMT, statement);
}

/* The count after SQL_NO_DATA. iODBC takes that for an execution that did not happen: it refuses to count, and goes on
   waiting for data that came already. */
static void no_rows(void)
{
#ifndef SQL_WCHART_CONVERT
    SQLLEN rows = -1;
    ok(SQLRowCount(statement, &rows));
    CHECK(rows == 0);
#endif
}

int main(int count, char **arguments)
{
    SQLINTEGER number = 7;
    SQLLEN rows = -1, to_null = SQL_NTS, later = SQL_DATA_AT_EXEC;
    SQLPOINTER token = NULL;
    SQLCHAR name[] = "it's", update[] = "UPDATE t SET a = 1 WHERE b = ?";

    CHECK(SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &environment) == SQL_SUCCESS);
    CHECK(SQLSetEnvAttr(environment, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)SQL_OV_ODBC3, 0) == SQL_SUCCESS);
    CHECK(SQLAllocHandle(SQL_HANDLE_DBC, environment, &connection) == SQL_SUCCESS);
    succeed(SQLDriverConnectW(connection, NULL, connection_string(count, arguments), SQL_NTS, NULL, 0, NULL,
                              SQL_DRIVER_NOPROMPT),
            SQL_HANDLE_DBC, connection);
    CHECK(SQLAllocHandle(SQL_HANDLE_STMT, connection, &statement) == SQL_SUCCESS);

    ok(SQLSetParam(statement, 1, SQL_C_CHAR, SQL_VARCHAR, 20, 0, name, &to_null));
    ok(SQLSetParam(statement, 2, SQL_C_LONG, SQL_INTEGER, 0, 0, &number, NULL));
    ok(SQLExecDirect(statement, (SQLCHAR *)"INSERT INTO t VALUES (?, ?)", SQL_NTS));
    ok(SQLRowCount(statement, &rows));
    CHECK(rows == 1);
    CHECK(strcmp((char *)name, "it's") == 0 && number == 7);

    /* Its data may come later, too. */
    ok(SQLSetParam(statement, 1, SQL_C_CHAR, SQL_VARCHAR, 20, 0, (SQLPOINTER)name, &later));
    CHECK(SQLExecDirect(statement, (SQLCHAR *)"INSERT INTO t VALUES (?, ?)", SQL_NTS) == SQL_NEED_DATA);
    CHECK(SQLParamData(statement, &token) == SQL_NEED_DATA && token == (SQLPOINTER)name);
    ok(SQLPutData(statement, "it's", 4));
    ok(SQLParamData(statement, &token));
    ok(SQLFreeStmt(statement, SQL_RESET_PARAMS));

    /* Prepared, at once, and with data that comes later: no rows are SQL_NO_DATA, as often as it is run. */
    ok(SQLSetParam(statement, 1, SQL_C_LONG, SQL_INTEGER, 0, 0, &number, NULL));
    ok(SQLPrepare(statement, update, SQL_NTS));
    for (int time = 0; time < 2; time++) {
        CHECK(SQLExecute(statement) == SQL_NO_DATA);
        no_rows();
    }
    CHECK(SQLExecDirect(statement, update, SQL_NTS) == SQL_NO_DATA);
    no_rows();
#ifndef SQL_WCHART_CONVERT
    ok(SQLSetParam(statement, 1, SQL_C_LONG, SQL_INTEGER, 0, 0, &number, &later));
    CHECK(SQLExecDirect(statement, update, SQL_NTS) == SQL_NEED_DATA);
    CHECK(SQLParamData(statement, &token) == SQL_NEED_DATA);
    ok(SQLPutData(statement, &number, 0));
    CHECK(SQLParamData(statement, &token) == SQL_NO_DATA);
    no_rows();
#endif

    /* The statement is as good as before. */
    ok(SQLFreeStmt(statement, SQL_CLOSE));
    ok(SQLSetParam(statement, 1, SQL_C_CHAR, SQL_VARCHAR, 20, 0, name, &to_null));
    ok(SQLSetParam(statement, 2, SQL_C_LONG, SQL_INTEGER, 0, 0, &number, NULL));
    ok(SQLExecDirect(statement, (SQLCHAR *)"INSERT INTO t VALUES (?, ?)", SQL_NTS));

    CHECK(SQLFreeHandle(SQL_HANDLE_STMT, statement) == SQL_SUCCESS);
    CHECK(SQLDisconnect(connection) == SQL_SUCCESS);
    CHECK(SQLFreeHandle(SQL_HANDLE_DBC, connection) == SQL_SUCCESS);
    CHECK(SQLFreeHandle(SQL_HANDLE_ENV, environment) == SQL_SUCCESS);
    printf("parameters: good\n");
    return 0;
}
