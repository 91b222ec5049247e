/* Reads a result through the Driver Manager in one of several styles, and sums what it reads.
 *
 *   reader CONNECTION-STRING SQL STYLE ROWS ITERATIONS
 *
 * STYLE is how cells are asked for:
 *   typed       bound, each column as its own C type, text as SQL_C_CHAR
 *   typed-wide  the same with text as SQL_C_WCHAR
 *   text        bound, everything as SQL_C_CHAR
 *   text-wide   bound, everything as SQL_C_WCHAR
 *   first       bound, the first column only
 *   get, get-wide, get-text, get-text-wide   the same by SQLGetData, cell by cell
 *   connect     nothing: each iteration connects and disconnects
 * ROWS is the size of the row array. Each iteration prints a line of JSON; the sums do not depend on
 * the order of rows. With READER_CHECK in the environment, text styles add a hash over all cells. */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include <sql.h>
#include <sqlext.h>

#include "measure.h"

/* What a column's cells are summed as. */
enum sum { INTEGER, LONG_INTEGER, DOUBLE, DATE, TIMESTAMP, DECIMAL, TEXT, WIDE };

struct column {
    enum sum sum;
    SQLSMALLINT c_type;
    SQLULEN size;
    SQLSMALLINT digits;
    SQLLEN width;
    char *cells;
    SQLLEN *lengths;
    double doubles;
};

struct sums {
    uint64_t rows, cells, text, heads, days, hash;
    int64_t integers;
    uint64_t unscaled;
    double doubles;
};

/* Connects and disconnects, as often as asked. */
static void connect_only(SQLHENV environment, const char *target, int iterations) {
    for (int iteration = 0; iteration < iterations; iteration++) {
        double cpu_before = cpu(), began = now();
        SQLHDBC connection = connect_to(environment, target);
        SQLDisconnect(connection);
        SQLFreeHandle(SQL_HANDLE_DBC, connection);
        double wall = now() - began;
        printf("{\"rows\":0,\"cells\":0,\"cpu\":%.6f,\"wall\":%.6f,\"first\":0,\"peak\":%ld}\n",
               cpu() - cpu_before, wall, peak());
    }
}

/* Decides how a column is asked for. */
static void choose(struct column *column, SQLSMALLINT type, int all_text, int wide) {
    SQLLEN characters = column->size > 0 && column->size < 4096 ? (SQLLEN)column->size : 4096;
    if (all_text) {
        /* Room for signs, points and the parts of a timestamp. */
        if (type != SQL_VARCHAR && type != SQL_WVARCHAR && type != SQL_CHAR && type != SQL_WCHAR)
            characters += 24;
        type = SQL_VARCHAR;
    }
    switch (type) {
    case SQL_BIGINT:
        column->sum = LONG_INTEGER, column->c_type = SQL_C_SBIGINT, column->width = 8;
        return;
    case SQL_INTEGER:
    case SQL_SMALLINT:
    case SQL_TINYINT:
        column->sum = INTEGER, column->c_type = SQL_C_SLONG, column->width = 4;
        return;
    case SQL_DOUBLE:
    case SQL_FLOAT:
    case SQL_REAL:
        column->sum = DOUBLE, column->c_type = SQL_C_DOUBLE, column->width = 8;
        return;
    case SQL_TYPE_DATE:
        column->sum = DATE, column->c_type = SQL_C_TYPE_DATE, column->width = sizeof(DATE_STRUCT);
        return;
    case SQL_TYPE_TIMESTAMP:
        column->sum = TIMESTAMP, column->c_type = SQL_C_TYPE_TIMESTAMP;
        column->width = sizeof(TIMESTAMP_STRUCT);
        return;
    case SQL_DECIMAL:
    case SQL_NUMERIC:
        column->sum = DECIMAL, column->c_type = SQL_C_NUMERIC;
        column->width = sizeof(SQL_NUMERIC_STRUCT);
        return;
    default:
        column->sum = wide ? WIDE : TEXT;
        column->c_type = wide ? SQL_C_WCHAR : SQL_C_CHAR;
        column->width = wide ? 2 * (characters + 1) : characters + 1;
    }
}

static void sum_text(struct sums *sums, const unsigned char *cell, SQLLEN length) {
    sums->text += (uint64_t)length;
    if (length > 0 && cell[0] < 0x80)
        sums->heads += cell[0];
}

static void sum_wide(struct sums *sums, const char *cell, SQLLEN length) {
    uint16_t first = 0;
    sums->text += (uint64_t)length / 2;
    if (length > 0)
        memcpy(&first, cell, 2);
    if (first < 0x80)
        sums->heads += first;
}

/* Adds `rows` cells of a column to the sums. */
static void add(struct sums *sums, struct column *column, SQLULEN rows) {
    const SQLLEN *lengths = column->lengths;
    const char *cells = column->cells;
    uint64_t present = 0;
    SQLULEN row;
#define EACH(body)                                                                                 \
    for (row = 0; row < rows; row++)                                                               \
        if (lengths[row] != SQL_NULL_DATA) {                                                       \
            present++;                                                                             \
            body;                                                                                  \
        }                                                                                          \
    break
    switch (column->sum) {
    case INTEGER: EACH(sums->integers += ((const int32_t *)cells)[row]);
    case LONG_INTEGER: EACH(sums->integers += ((const int64_t *)cells)[row]);
    case DOUBLE: EACH(column->doubles += ((const double *)cells)[row]);
    case DATE: EACH(sums->days += ((const DATE_STRUCT *)cells)[row].day);
    case TIMESTAMP: EACH(sums->days += ((const TIMESTAMP_STRUCT *)cells)[row].day);
    case DECIMAL:
        EACH(const SQL_NUMERIC_STRUCT *number = (const SQL_NUMERIC_STRUCT *)cells + row;
             uint64_t low; memcpy(&low, number->val, 8);
             sums->unscaled += number->sign ? low : -low);
    case TEXT:
        EACH(sum_text(sums, (const unsigned char *)cells + (SQLLEN)row * column->width,
                      lengths[row]));
    case WIDE: EACH(sum_wide(sums, cells + (SQLLEN)row * column->width, lengths[row]));
    }
    sums->cells += present;
}

static void hash_byte(uint64_t *hash, unsigned char byte) {
    *hash = (*hash ^ byte) * 0x100000001b3u;
}

/* Hashes a cell as UTF-8, whichever encoding it came in. */
static void hash_cell(uint64_t *hash, const struct column *column, SQLULEN row) {
    SQLLEN length = column->lengths[row], at;
    const unsigned char *cell = (const unsigned char *)column->cells + (SQLLEN)row * column->width;
    if (length == SQL_NULL_DATA) {
        hash_byte(hash, 0xff);
        return;
    }
    for (at = 0; column->sum == TEXT && at < length; at++)
        hash_byte(hash, cell[at]);
    for (at = 0; column->sum == WIDE && at < length; at += 2) {
        uint32_t unit = cell[at] | (uint32_t)cell[at + 1] << 8;
        if (unit >= 0xd800 && unit < 0xdc00 && at + 3 < length) {
            at += 2;
            unit = 0x10000 + ((unit - 0xd800) << 10) +
                   ((cell[at] | (uint32_t)cell[at + 1] << 8) - 0xdc00);
        }
        if (unit < 0x80) {
            hash_byte(hash, (unsigned char)unit);
        } else if (unit < 0x800) {
            hash_byte(hash, (unsigned char)(0xc0 | unit >> 6));
            hash_byte(hash, (unsigned char)(0x80 | (unit & 0x3f)));
        } else if (unit < 0x10000) {
            hash_byte(hash, (unsigned char)(0xe0 | unit >> 12));
            hash_byte(hash, (unsigned char)(0x80 | (unit >> 6 & 0x3f)));
            hash_byte(hash, (unsigned char)(0x80 | (unit & 0x3f)));
        } else {
            hash_byte(hash, (unsigned char)(0xf0 | unit >> 18));
            hash_byte(hash, (unsigned char)(0x80 | (unit >> 12 & 0x3f)));
            hash_byte(hash, (unsigned char)(0x80 | (unit >> 6 & 0x3f)));
            hash_byte(hash, (unsigned char)(0x80 | (unit & 0x3f)));
        }
    }
    hash_byte(hash, 0xfe);
}

/* Adds the hash of each row: their sum does not depend on the order of rows. */
static void hash_rows(struct sums *sums, const struct column *columns, int count, SQLULEN rows) {
    for (SQLULEN row = 0; row < rows; row++) {
        uint64_t hash = 0xcbf29ce484222325u;
        for (int at = 0; at < count; at++)
            hash_cell(&hash, &columns[at], row);
        sums->hash += hash;
    }
}

/* Binds a column, or prepares the descriptor for SQLGetData. */
static void bind(SQLHSTMT statement, SQLUSMALLINT number, struct column *column, int get) {
    SQLHDESC descriptor;
    if (!get && !SQL_SUCCEEDED(SQLBindCol(statement, number, column->c_type, column->cells,
                                          column->width, column->lengths)))
        fail(SQL_HANDLE_STMT, statement, "SQLBindCol");
    if (column->sum != DECIMAL)
        return;
    /* Precision and scale of SQL_C_NUMERIC stand in the descriptor only, and setting them unbinds. */
    SQLGetStmtAttr(statement, SQL_ATTR_APP_ROW_DESC, &descriptor, 0, NULL);
    SQLSetDescField(descriptor, (SQLSMALLINT)number, SQL_DESC_TYPE, (SQLPOINTER)SQL_C_NUMERIC, 0);
    SQLSetDescField(descriptor, (SQLSMALLINT)number, SQL_DESC_PRECISION,
                    (SQLPOINTER)(intptr_t)column->size, 0);
    if (!SQL_SUCCEEDED(SQLSetDescField(descriptor, (SQLSMALLINT)number, SQL_DESC_SCALE,
                                       (SQLPOINTER)(intptr_t)column->digits, 0)))
        fail(SQL_HANDLE_DESC, descriptor, "SQLSetDescField");
    column->c_type = get ? SQL_ARD_TYPE : column->c_type;
    if (!get && !SQL_SUCCEEDED(
                    SQLSetDescField(descriptor, (SQLSMALLINT)number, SQL_DESC_DATA_PTR, column->cells, 0)))
        fail(SQL_HANDLE_DESC, descriptor, "SQLSetDescField");
}

int main(int argc, char **argv) {
    if (argc != 6) {
        fprintf(stderr, "reader CONNECTION-STRING SQL STYLE ROWS ITERATIONS\n");
        return 2;
    }
    const char *style = argv[3];
    int get = strncmp(style, "get", 3) == 0;
    int all_text = strstr(style, "text") != NULL;
    int wide = strstr(style, "wide") != NULL;
    int check = all_text && getenv("READER_CHECK") != NULL;
    SQLULEN array = get ? 1 : strtoull(argv[4], NULL, 10);
    int iterations = atoi(argv[5]);

    SQLHENV environment;
    SQLHSTMT statement;
    SQLULEN fetched = 0;
    SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &environment);
    SQLSetEnvAttr(environment, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)SQL_OV_ODBC3, 0);
    if (strcmp(style, "connect") == 0) {
        connect_only(environment, argv[1], iterations);
        SQLFreeHandle(SQL_HANDLE_ENV, environment);
        return 0;
    }
    SQLHDBC connection = connect_to(environment, argv[1]);

    for (int iteration = 0; iteration < iterations; iteration++) {
        struct sums sums = {0};
        double cpu_before = cpu(), began = now(), first = 0;
        SQLSMALLINT count = 0;
        SQLRETURN result;
        SQLAllocHandle(SQL_HANDLE_STMT, connection, &statement);
        SQLSetStmtAttr(statement, SQL_ATTR_ROW_ARRAY_SIZE, (SQLPOINTER)array, 0);
        SQLSetStmtAttr(statement, SQL_ATTR_ROWS_FETCHED_PTR, &fetched, 0);
        if (!SQL_SUCCEEDED(SQLExecDirect(statement, (SQLCHAR *)argv[2], SQL_NTS)))
            fail(SQL_HANDLE_STMT, statement, "SQLExecDirect");
        SQLNumResultCols(statement, &count);
        if (strcmp(style, "first") == 0 && count > 1)
            count = 1;
        struct column *columns = calloc((size_t)count, sizeof *columns);
        for (SQLSMALLINT at = 0; at < count; at++) {
            SQLSMALLINT type, nullable;
            SQLCHAR name[128];
            struct column *column = &columns[at];
            SQLDescribeCol(statement, (SQLUSMALLINT)(at + 1), name, sizeof name, NULL, &type,
                           &column->size, &column->digits, &nullable);
            choose(column, type, all_text, wide);
            column->cells = malloc((size_t)column->width * array);
            column->lengths = malloc(sizeof(SQLLEN) * array);
            bind(statement, (SQLUSMALLINT)(at + 1), column, get);
        }
        while ((result = SQLFetch(statement)) == SQL_SUCCESS) {
            if (first == 0)
                first = now() - began;
            for (SQLSMALLINT at = 0; at < count; at++) {
                struct column *column = &columns[at];
                if (get && SQLGetData(statement, (SQLUSMALLINT)(at + 1), column->c_type,
                                      column->cells, column->width, column->lengths) != SQL_SUCCESS)
                    fail(SQL_HANDLE_STMT, statement, "SQLGetData");
                add(&sums, column, fetched);
            }
            if (check)
                hash_rows(&sums, columns, count, fetched);
            sums.rows += fetched;
        }
        if (result != SQL_NO_DATA)
            fail(SQL_HANDLE_STMT, statement, "SQLFetch");
        for (SQLSMALLINT at = 0; at < count; at++) {
            sums.doubles += columns[at].doubles;
            free(columns[at].cells);
            free(columns[at].lengths);
        }
        free(columns);
        SQLFreeHandle(SQL_HANDLE_STMT, statement);
        double wall = now() - began;
        printf("{\"rows\":%llu,\"cells\":%llu,\"%s\":%llu,\"heads\":%llu",
               (unsigned long long)sums.rows, (unsigned long long)sums.cells,
               wide ? "units" : "bytes", (unsigned long long)sums.text,
               (unsigned long long)sums.heads);
        if (!all_text)
            printf(",\"integers\":%lld,\"doubles\":%.17g,\"days\":%llu,\"unscaled\":%llu",
                   (long long)sums.integers, sums.doubles, (unsigned long long)sums.days,
                   (unsigned long long)sums.unscaled);
        if (check)
            printf(",\"hash\":\"%016llx\"", (unsigned long long)sums.hash);
        printf(",\"cpu\":%.6f,\"wall\":%.6f,\"first\":%.6f,\"peak\":%ld}\n", cpu() - cpu_before, wall,
               first, peak());
        fflush(stdout);
    }
    SQLDisconnect(connection);
    SQLFreeHandle(SQL_HANDLE_DBC, connection);
    SQLFreeHandle(SQL_HANDLE_ENV, environment);
    return 0;
}
