/* Asks a catalog function about everything, through the Driver Manager, and reads all rows with every column bound.
 *
 *   catalog CONNECTION-STRING tables|columns
 *
 * Prints a line of JSON: rows, seconds until the first, seconds of the clock and of this process, and its peak of memory in
 * kilobytes. */

#include <string.h>

#include "measure.h"

enum { WIDTH = 128, COLUMNS = 18, ROWS = 1000 };

static SQLCHAR cells[COLUMNS][ROWS][WIDTH];
static SQLLEN lengths[COLUMNS][ROWS];

int main(int count, char **arguments) {
    if (count != 3)
        return 2;
    SQLHENV environment;
    SQLHSTMT statement;
    SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &environment);
    SQLSetEnvAttr(environment, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)SQL_OV_ODBC3, 0);
    SQLHDBC connection = connect_to(environment, arguments[1]);
    SQLAllocHandle(SQL_HANDLE_STMT, connection, &statement);

    int columns = strcmp(arguments[2], "tables") ? 18 : 5;
    for (int column = 0; column < columns; column++)
        SQLBindCol(statement, (SQLUSMALLINT)(column + 1), SQL_C_CHAR, cells[column], WIDTH, lengths[column]);
    SQLULEN fetched = 0;
    SQLSetStmtAttr(statement, SQL_ATTR_ROW_ARRAY_SIZE, (SQLPOINTER)ROWS, 0);
    SQLSetStmtAttr(statement, SQL_ATTR_ROWS_FETCHED_PTR, &fetched, 0);

    double began = now(), spent = cpu(), first = 0;
    SQLRETURN code = columns == 5 ? SQLTables(statement, NULL, 0, NULL, 0, NULL, 0, NULL, 0)
                                  : SQLColumns(statement, NULL, 0, NULL, 0, NULL, 0, NULL, 0);
    if (!SQL_SUCCEEDED(code))
        fail(SQL_HANDLE_STMT, statement, arguments[2]);
    SQLULEN rows = 0;
    while (SQL_SUCCEEDED(code = SQLFetch(statement))) {
        if (rows == 0)
            first = now() - began;
        rows += fetched;
    }
    if (code != SQL_NO_DATA)
        fail(SQL_HANDLE_STMT, statement, "fetch");
    double wall = now() - began;
    spent = cpu() - spent;
    printf("{\"rows\": %lu, \"first\": %.6f, \"wall\": %.6f, \"cpu\": %.6f, \"peak\": %ld}\n", (unsigned long)rows, first,
           wall, spent, peak());
    SQLFreeHandle(SQL_HANDLE_STMT, statement);
    SQLDisconnect(connection);
    SQLFreeHandle(SQL_HANDLE_DBC, connection);
    SQLFreeHandle(SQL_HANDLE_ENV, environment);
    return 0;
}
