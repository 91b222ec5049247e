/* A long connection string, and no buffer for the completed one: the Driver Manager may have one of its own. */
#include "check.h"

int main(int count, char **arguments)
{
    static SQLWCHAR string[8000], out[8000];
    SQLHENV environment;
    SQLHDBC connection;
    SQLSMALLINT length = 0;

    SQLWCHAR *given = connection_string(count, arguments);
    size_t end = wide_length(given);
    memcpy(string, given, end * sizeof(SQLWCHAR));
    for (const char *keyword = "ClientInfo="; *keyword; keyword++)
        string[end++] = (SQLWCHAR)*keyword;
    for (int index = 0; index < 5000; index++)
        string[end++] = 'x';
    CHECK(SQLAllocHandle(SQL_HANDLE_ENV, NULL, &environment) == SQL_SUCCESS);
    CHECK(SQLSetEnvAttr(environment, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)SQL_OV_ODBC3, 0) == SQL_SUCCESS);
    CHECK(SQLAllocHandle(SQL_HANDLE_DBC, environment, &connection) == SQL_SUCCESS);
    for (int has_buffer = 0; has_buffer < 2; has_buffer++) {
        SQLWCHAR *buffer = has_buffer ? out : NULL;
        SQLRETURN code = SQLDriverConnectW(connection, NULL, string, SQL_NTS, buffer, has_buffer ? 8000 : 0, &length,
                                           SQL_DRIVER_NOPROMPT);
        if (code != SQL_SUCCESS_WITH_INFO)
            succeed(code, SQL_HANDLE_DBC, connection);
        CHECK(!has_buffer || wide_length(out) > 5000);
        CHECK(SQLDisconnect(connection) == SQL_SUCCESS);
    }
    CHECK(SQLFreeHandle(SQL_HANDLE_DBC, connection) == SQL_SUCCESS);
    CHECK(SQLFreeHandle(SQL_HANDLE_ENV, environment) == SQL_SUCCESS);
    puts("good");
    return 0;
}
