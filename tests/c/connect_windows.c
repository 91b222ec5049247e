/*
 * A client of the Driver Manager of Windows: connect STRING [hold]. It prints the first column of the only row of
 * SELECT 42; with `hold` it stays connected until its input ends.
 */
#include <windows.h>
#include <sql.h>
#include <sqlext.h>
#include <stdio.h>

static int failed(SQLSMALLINT kind, SQLHANDLE handle, const char *what)
{
    SQLWCHAR state[6] = {0}, message[1024] = {0};
    SQLINTEGER native;
    SQLSMALLINT length;
    SQLGetDiagRecW(kind, handle, 1, state, &native, message, 1024, &length);
    fprintf(stderr, "%s: %ls %ls\n", what, state, message);
    return 1;
}

int wmain(int count, WCHAR **words)
{
    SQLHENV environment;
    SQLHDBC connection;
    SQLHSTMT statement;
    SQLINTEGER answer = 0;
    if (count < 2)
        return 2;
    SQLAllocHandle(SQL_HANDLE_ENV, NULL, &environment);
    SQLSetEnvAttr(environment, SQL_ATTR_ODBC_VERSION, (void *)SQL_OV_ODBC3, 0);
    SQLAllocHandle(SQL_HANDLE_DBC, environment, &connection);
    if (!SQL_SUCCEEDED(SQLDriverConnectW(connection, NULL, words[1], SQL_NTS, NULL, 0, NULL, SQL_DRIVER_NOPROMPT)))
        return failed(SQL_HANDLE_DBC, connection, "connect");
    SQLAllocHandle(SQL_HANDLE_STMT, connection, &statement);
    if (!SQL_SUCCEEDED(SQLExecDirectW(statement, L"SELECT 42", SQL_NTS)) || !SQL_SUCCEEDED(SQLFetch(statement))
        || !SQL_SUCCEEDED(SQLGetData(statement, 1, SQL_C_SLONG, &answer, 0, NULL)))
        return failed(SQL_HANDLE_STMT, statement, "execute");
    printf("%d\n", (int)answer);
    fflush(stdout);
    while (count > 2 && getchar() != EOF)
        ;
    SQLFreeHandle(SQL_HANDLE_STMT, statement);
    SQLDisconnect(connection);
    SQLFreeHandle(SQL_HANDLE_DBC, connection);
    SQLFreeHandle(SQL_HANDLE_ENV, environment);
    return 0;
}
