/* What the programs have in common: a check that ends the program, and wide text of either width. */
#ifndef CHECK_H
#define CHECK_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uchar.h>

#include <sql.h>
#include <sqlext.h>
#include <sqlucode.h>

#define CHECK(condition)                                                                 \
    do {                                                                                 \
        if (!(condition)) {                                                              \
            fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #condition); \
            exit(1);                                                                     \
        }                                                                                \
    } while (0)

/* Text as the Driver Manager has it; the result is static, so one at a time. */
static inline SQLWCHAR *wide(const char32_t *text)
{
    static SQLWCHAR buffer[1000];
    size_t length = 0;
    for (; *text; text++) {
        CHECK(length < 990);
        if (sizeof(SQLWCHAR) == 2 && *text > 0xFFFF) {
            buffer[length++] = (SQLWCHAR)(0xD800 + ((*text - 0x10000) >> 10));
            buffer[length++] = (SQLWCHAR)(0xDC00 + ((*text - 0x10000) & 0x3FF));
        } else {
            buffer[length++] = (SQLWCHAR)*text;
        }
    }
    buffer[length] = 0;
    return buffer;
}

/* Characters before the null. */
static inline size_t wide_length(const SQLWCHAR *text)
{
    size_t length = 0;
    while (text[length])
        length++;
    return length;
}

/* Whether text of the Driver Manager is that text. */
static inline int wide_equals(const SQLWCHAR *text, const char32_t *wanted)
{
    const SQLWCHAR *other = wide(wanted);
    size_t length = wide_length(other);
    return wide_length(text) == length && memcmp(text, other, length * sizeof(SQLWCHAR)) == 0;
}

/* The SQLSTATE of the first record, in plain characters. */
static inline const char *state_of(SQLSMALLINT kind, SQLHANDLE handle)
{
    static char plain[6];
    SQLWCHAR state[6] = {0};
    if (!SQL_SUCCEEDED(SQLGetDiagRecW(kind, handle, 1, state, NULL, NULL, 0, NULL)))
        return "";
    for (int index = 0; index < 6; index++)
        plain[index] = (char)state[index];
    return plain;
}

/* Ends the program with the first record, unless the call succeeded. */
static inline void succeed(SQLRETURN code, SQLSMALLINT kind, SQLHANDLE handle)
{
    SQLWCHAR text[300];
    if (code == SQL_SUCCESS)
        return;
    fprintf(stderr, "%d: %s ", code, state_of(kind, handle));
    if (SQL_SUCCEEDED(SQLGetDiagRecW(kind, handle, 1, NULL, NULL, text, 300, NULL)))
        for (size_t index = 0; text[index]; index++)
            fputc((int)text[index], stderr);
    fputc('\n', stderr);
    exit(1);
}

/* The connection string of the command line, which is ASCII. */
static inline SQLWCHAR *connection_string(int count, char **arguments)
{
    static SQLWCHAR text[1000];
    CHECK(count == 2 && strlen(arguments[1]) < 1000);
    size_t length = strlen(arguments[1]);
    for (size_t index = 0; index <= length; index++)
        text[index] = (unsigned char)arguments[1][index];
    return text;
}

#endif
