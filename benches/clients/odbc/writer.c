/* Inserts rows of bigint, varchar, double and date through the Driver Manager, many sets of parameters at a time.
 *
 *   writer CONNECTION-STRING TABLE ROWS SETS
 *
 * Prints a line of JSON: rows, seconds of the clock and of this process. */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include <sql.h>
#include <sqlext.h>

#include "measure.h"

enum { WIDTH = 32 };

int main(int count, char **arguments) {
    if (count != 5)
        return 2;
    SQLLEN rows = atol(arguments[3]), sets = atol(arguments[4]);
    SQLHENV environment;
    SQLHSTMT statement;
    SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &environment);
    SQLSetEnvAttr(environment, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)SQL_OV_ODBC3, 0);
    SQLHDBC connection = connect_to(environment, arguments[1]);
    SQLAllocHandle(SQL_HANDLE_STMT, connection, &statement);

    int64_t *numbers = malloc((size_t)sets * sizeof *numbers);
    char(*words)[WIDTH] = malloc((size_t)sets * WIDTH);
    SQLLEN *lengths = malloc((size_t)sets * sizeof *lengths);
    double *doubles = malloc((size_t)sets * sizeof *doubles);
    SQL_DATE_STRUCT *dates = malloc((size_t)sets * sizeof *dates);
    if (!numbers || !words || !lengths || !doubles || !dates)
        return 1;
    SQLBindParameter(statement, 1, SQL_PARAM_INPUT, SQL_C_SBIGINT, SQL_BIGINT, 0, 0, numbers, 0, NULL);
    SQLBindParameter(statement, 2, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, WIDTH, 0, words, WIDTH, lengths);
    SQLBindParameter(statement, 3, SQL_PARAM_INPUT, SQL_C_DOUBLE, SQL_DOUBLE, 0, 0, doubles, 0, NULL);
    SQLBindParameter(statement, 4, SQL_PARAM_INPUT, SQL_C_TYPE_DATE, SQL_TYPE_DATE, 0, 0, dates, 0, NULL);
    char sql[256];
    snprintf(sql, sizeof sql, "INSERT INTO %s VALUES (?, ?, ?, ?)", arguments[2]);
    if (!SQL_SUCCEEDED(SQLPrepare(statement, (SQLCHAR *)sql, SQL_NTS)))
        fail(SQL_HANDLE_STMT, statement, "prepare");

    double wall = 0, spent = 0;
    SQLLEN inserted = 0;
    for (SQLLEN first = 0; first < rows; first += sets) {
        SQLLEN now_sets = rows - first < sets ? rows - first : sets;
        for (SQLLEN at = 0; at < now_sets; at++) {
            SQLLEN row = first + at;
            numbers[at] = row;
            lengths[at] = snprintf(words[at], WIDTH, "some text %ld", (long)row);
            doubles[at] = (double)row / 7;
            dates[at] = (SQL_DATE_STRUCT){(SQLSMALLINT)(2000 + row % 30), (SQLUSMALLINT)(1 + row % 12),
                                          (SQLUSMALLINT)(1 + row % 28)};
        }
        SQLSetStmtAttr(statement, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER)now_sets, 0);
        double began = now(), spent_before = cpu();
        if (SQLExecute(statement) != SQL_SUCCESS)
            fail(SQL_HANDLE_STMT, statement, "execute");
        wall += now() - began;
        spent += cpu() - spent_before;
        SQLLEN changed = 0;
        SQLRowCount(statement, &changed);
        inserted += changed;
    }
    printf("{\"rows\": %ld, \"wall\": %.6f, \"cpu\": %.6f}\n", (long)inserted, wall, spent);
    SQLFreeHandle(SQL_HANDLE_STMT, statement);
    SQLDisconnect(connection);
    SQLFreeHandle(SQL_HANDLE_DBC, connection);
    SQLFreeHandle(SQL_HANDLE_ENV, environment);
    return inserted == rows ? 0 : 1;
}
