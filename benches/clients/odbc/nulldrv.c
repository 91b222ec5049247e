/* A driver that does nothing but fill buffers: what the Driver Manager's calls cost by themselves.
 *
 * Its statements name columns and rows: `l i d D t s25 600000` is a bigint, an integer, a double, a date, a
 * timestamp, a text of 25 characters, and as many rows of them. All rows are alike. */

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <sql.h>
#include <sqlext.h>

enum { COLUMNS = 64, WIDTH = 512 };

struct statement {
    SQLULEN array, left;
    SQLULEN *fetched;
    SQLSMALLINT count;
    struct {
        char kind;
        SQLULEN size;
        SQLSMALLINT c_type;
        char *cells;
        SQLLEN width;
        SQLLEN *lengths;
    } columns[COLUMNS];
};

/* What stands in each cell. */
static const SQLBIGINT LONG_CELL = 123456;
static const SQLINTEGER INTEGER_CELL = 7;
static const double DOUBLE_CELL = 1234.5;
static const DATE_STRUCT DATE_CELL = {1996, 3, 13};
static const TIMESTAMP_STRUCT TIMESTAMP_CELL = {1996, 3, 13, 12, 34, 56, 789000000};
static char text_cell[WIDTH];
static char handle;

static void fill(const struct statement *statement, int at, char *cell, SQLLEN width, SQLLEN *length) {
    SQLLEN size = (SQLLEN)statement->columns[at].size;
    switch (statement->columns[at].kind) {
    case 'l': memcpy(cell, &LONG_CELL, 8); *length = 8; break;
    case 'i': memcpy(cell, &INTEGER_CELL, 4); *length = 4; break;
    case 'd': memcpy(cell, &DOUBLE_CELL, 8); *length = 8; break;
    case 'D': memcpy(cell, &DATE_CELL, sizeof DATE_CELL); *length = sizeof DATE_CELL; break;
    case 't': memcpy(cell, &TIMESTAMP_CELL, sizeof TIMESTAMP_CELL); *length = sizeof TIMESTAMP_CELL; break;
    default:
        if (size >= width)
            size = width - 1;
        memcpy(cell, text_cell, (size_t)size);
        cell[size] = 0;
        *length = size;
    }
}

SQLRETURN SQLAllocHandle(SQLSMALLINT kind, SQLHANDLE input, SQLHANDLE *output) {
    (void)input;
    *output = &handle;
    if (kind == SQL_HANDLE_STMT) {
        struct statement *statement = calloc(1, sizeof *statement);
        statement->array = 1;
        *output = statement;
    }
    return SQL_SUCCESS;
}

SQLRETURN SQLFreeHandle(SQLSMALLINT kind, SQLHANDLE freed) {
    if (kind == SQL_HANDLE_STMT)
        free(freed);
    return SQL_SUCCESS;
}

SQLRETURN SQLSetEnvAttr(SQLHENV environment, SQLINTEGER attribute, SQLPOINTER value, SQLINTEGER length) {
    (void)environment, (void)attribute, (void)value, (void)length;
    return SQL_SUCCESS;
}

SQLRETURN SQLDriverConnect(SQLHDBC connection, SQLHWND window, SQLCHAR *in, SQLSMALLINT in_length,
                           SQLCHAR *out, SQLSMALLINT capacity, SQLSMALLINT *out_length,
                           SQLUSMALLINT completion) {
    (void)connection, (void)window, (void)in, (void)in_length, (void)out, (void)capacity;
    (void)out_length, (void)completion;
    memset(text_cell, 'x', sizeof text_cell);
    return SQL_SUCCESS;
}

SQLRETURN SQLDisconnect(SQLHDBC connection) {
    (void)connection;
    return SQL_SUCCESS;
}

SQLRETURN SQLGetInfo(SQLHDBC connection, SQLUSMALLINT type, SQLPOINTER value, SQLSMALLINT capacity,
                     SQLSMALLINT *length) {
    (void)connection, (void)capacity;
    if (type == SQL_DRIVER_ODBC_VER) {
        memcpy(value, "03.80", 6);
        *length = 5;
        return SQL_SUCCESS;
    }
    return SQL_ERROR;
}

SQLRETURN SQLGetStmtAttr(SQLHSTMT statement, SQLINTEGER attribute, SQLPOINTER value,
                         SQLINTEGER capacity, SQLINTEGER *length) {
    (void)statement, (void)attribute, (void)capacity, (void)length;
    *(SQLHANDLE *)value = &handle;
    return SQL_SUCCESS;
}

SQLRETURN SQLSetStmtAttr(SQLHSTMT of, SQLINTEGER attribute, SQLPOINTER value, SQLINTEGER length) {
    struct statement *statement = of;
    (void)length;
    if (attribute == SQL_ATTR_ROW_ARRAY_SIZE)
        statement->array = (SQLULEN)value;
    if (attribute == SQL_ATTR_ROWS_FETCHED_PTR)
        statement->fetched = value;
    return SQL_SUCCESS;
}

SQLRETURN SQLExecDirect(SQLHSTMT of, SQLCHAR *sql, SQLINTEGER length) {
    struct statement *statement = of;
    char *at = (char *)sql;
    (void)length;
    statement->count = 0;
    for (; *at && !isdigit((unsigned char)*at); at++) {
        if (*at == ' ')
            continue;
        int column = statement->count++;
        statement->columns[column].kind = *at;
        statement->columns[column].size = *at == 's' ? strtoul(at + 1, &at, 10) : 0;
        at -= statement->columns[column].kind == 's';
    }
    statement->left = strtoul(at, NULL, 10);
    return SQL_SUCCESS;
}

SQLRETURN SQLNumResultCols(SQLHSTMT of, SQLSMALLINT *count) {
    *count = ((struct statement *)of)->count;
    return SQL_SUCCESS;
}

SQLRETURN SQLDescribeCol(SQLHSTMT of, SQLUSMALLINT number, SQLCHAR *name, SQLSMALLINT capacity,
                         SQLSMALLINT *length, SQLSMALLINT *type, SQLULEN *size, SQLSMALLINT *digits,
                         SQLSMALLINT *nullable) {
    struct statement *statement = of;
    char kind = statement->columns[number - 1].kind;
    if (name && capacity > 0)
        *name = 0;
    if (length)
        *length = 0;
    *type = kind == 'l'   ? SQL_BIGINT
            : kind == 'i' ? SQL_INTEGER
            : kind == 'd' ? SQL_DOUBLE
            : kind == 'D' ? SQL_TYPE_DATE
            : kind == 't' ? SQL_TYPE_TIMESTAMP
                          : SQL_VARCHAR;
    *size = kind == 's' ? statement->columns[number - 1].size : 20;
    *digits = 0;
    *nullable = SQL_NULLABLE;
    return SQL_SUCCESS;
}

SQLRETURN SQLBindCol(SQLHSTMT of, SQLUSMALLINT number, SQLSMALLINT type, SQLPOINTER cells, SQLLEN width,
                     SQLLEN *lengths) {
    struct statement *statement = of;
    statement->columns[number - 1].c_type = type;
    statement->columns[number - 1].cells = cells;
    statement->columns[number - 1].width = width;
    statement->columns[number - 1].lengths = lengths;
    return SQL_SUCCESS;
}

SQLRETURN SQLFetch(SQLHSTMT of) {
    struct statement *statement = of;
    SQLULEN rows = statement->left < statement->array ? statement->left : statement->array;
    if (rows == 0)
        return SQL_NO_DATA;
    for (int at = 0; at < statement->count; at++) {
        char *cell = statement->columns[at].cells;
        SQLLEN width = statement->columns[at].width;
        for (SQLULEN row = 0; cell && row < rows; row++)
            fill(statement, at, cell + (SQLLEN)row * width, width, statement->columns[at].lengths + row);
    }
    statement->left -= rows;
    if (statement->fetched)
        *statement->fetched = rows;
    return SQL_SUCCESS;
}

SQLRETURN SQLGetData(SQLHSTMT of, SQLUSMALLINT number, SQLSMALLINT type, SQLPOINTER cell, SQLLEN width,
                     SQLLEN *length) {
    (void)type;
    fill(of, number - 1, cell, width, length);
    return SQL_SUCCESS;
}

SQLRETURN SQLFreeStmt(SQLHSTMT statement, SQLUSMALLINT option) {
    (void)statement, (void)option;
    return SQL_SUCCESS;
}

SQLRETURN SQLGetDiagRec(SQLSMALLINT kind, SQLHANDLE of, SQLSMALLINT number, SQLCHAR *state,
                        SQLINTEGER *native, SQLCHAR *message, SQLSMALLINT capacity, SQLSMALLINT *length) {
    (void)kind, (void)of, (void)number, (void)state, (void)native, (void)message, (void)capacity;
    (void)length;
    return SQL_NO_DATA;
}
