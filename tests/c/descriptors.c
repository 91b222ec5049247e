/* SQLCopyDesc through a Driver Manager, and what other threads do with the connection after it. */
#include "check.h"

#include <pthread.h>
#include <unistd.h>

static SQLHDBC connection;

/* Another statement on the connection, from another thread. */
static void *read_three(void *nothing)
{
    SQLHSTMT statement;
    int rows = 0;
    CHECK(SQLAllocHandle(SQL_HANDLE_STMT, connection, &statement) == SQL_SUCCESS);
    for (int round = 0; round < 20; round++) {
        succeed(SQLExecDirectW(statement, wide(U"SELECT three"), SQL_NTS), SQL_HANDLE_STMT, statement);
        while (SQLFetch(statement) == SQL_SUCCESS)
            rows++;
        CHECK(SQLCloseCursor(statement) == SQL_SUCCESS);
    }
    CHECK(rows == 60);
    CHECK(SQLFreeHandle(SQL_HANDLE_STMT, statement) == SQL_SUCCESS);
    return nothing;
}

int main(int count, char **arguments)
{
    SQLHENV environment;
    SQLHSTMT statement;
    SQLHDESC own, copy;
    SQLINTEGER number = 0, same = 0;
    SQLLEN length;
    pthread_t thread;

    /* A manager that does not let go of the connection hangs. */
    alarm(60);
    CHECK(SQLAllocHandle(SQL_HANDLE_ENV, NULL, &environment) == SQL_SUCCESS);
    CHECK(SQLSetEnvAttr(environment, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)SQL_OV_ODBC3, 0) == SQL_SUCCESS);
    CHECK(SQLAllocHandle(SQL_HANDLE_DBC, environment, &connection) == SQL_SUCCESS);
    succeed(SQLDriverConnectW(connection, NULL, connection_string(count, arguments), SQL_NTS, NULL, 0, NULL,
                              SQL_DRIVER_NOPROMPT),
            SQL_HANDLE_DBC, connection);
    CHECK(SQLAllocHandle(SQL_HANDLE_STMT, connection, &statement) == SQL_SUCCESS);
    CHECK(SQLAllocHandle(SQL_HANDLE_DESC, connection, &copy) == SQL_SUCCESS);
    CHECK(SQLGetStmtAttrW(statement, SQL_ATTR_APP_ROW_DESC, &own, sizeof own, NULL) == SQL_SUCCESS);
    for (int round = 0; round < 3; round++) {
        SQLINTEGER *place = round % 2 ? &same : &number;
        CHECK(SQLBindCol(statement, 1, SQL_C_SLONG, place, sizeof *place, &length) == SQL_SUCCESS);
        succeed(SQLCopyDesc(own, copy), SQL_HANDLE_DESC, copy);
        CHECK(pthread_create(&thread, NULL, read_three, NULL) == 0);
        CHECK(SQLSetStmtAttrW(statement, SQL_ATTR_APP_ROW_DESC, copy, 0) == SQL_SUCCESS);
        succeed(SQLExecDirectW(statement, wide(U"SELECT three"), SQL_NTS), SQL_HANDLE_STMT, statement);
        for (*place = 0; SQLFetch(statement) == SQL_SUCCESS;)
            CHECK(*place >= 1 && *place <= 3);
        CHECK(*place == 3);
        CHECK(SQLCloseCursor(statement) == SQL_SUCCESS);
        CHECK(SQLSetStmtAttrW(statement, SQL_ATTR_APP_ROW_DESC, NULL, 0) == SQL_SUCCESS);
        CHECK(pthread_join(thread, NULL) == 0);
    }
    CHECK(SQLFreeHandle(SQL_HANDLE_DESC, copy) == SQL_SUCCESS);
    CHECK(SQLFreeHandle(SQL_HANDLE_STMT, statement) == SQL_SUCCESS);
    CHECK(SQLDisconnect(connection) == SQL_SUCCESS);
    CHECK(SQLFreeHandle(SQL_HANDLE_DBC, connection) == SQL_SUCCESS);
    CHECK(SQLFreeHandle(SQL_HANDLE_ENV, environment) == SQL_SUCCESS);
    puts("good");
    return 0;
}
