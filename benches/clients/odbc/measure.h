/* What the programs of this folder share: how they connect and fail, and what they measure. */

#ifndef MEASURE_H
#define MEASURE_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include <sql.h>
#include <sqlext.h>

/* Prints a handle's first diagnostic record and ends the program. */
static inline void fail(SQLSMALLINT kind, SQLHANDLE handle, const char *what) {
    SQLCHAR state[6] = "", message[1024] = "";
    SQLINTEGER native;
    SQLSMALLINT length;
    SQLGetDiagRec(kind, handle, 1, state, &native, message, sizeof message, &length);
    fprintf(stderr, "%s: %s %s\n", what, state, message);
    exit(1);
}

/* A connection; one that cannot be made ends the program. */
static inline SQLHDBC connect_to(SQLHENV environment, const char *target) {
    SQLHDBC connection;
    SQLAllocHandle(SQL_HANDLE_DBC, environment, &connection);
    if (!SQL_SUCCEEDED(SQLDriverConnect(connection, NULL, (SQLCHAR *)target, SQL_NTS, NULL, 0, NULL,
                                        SQL_DRIVER_NOPROMPT)))
        fail(SQL_HANDLE_DBC, connection, "SQLDriverConnect");
    return connection;
}

/* The most memory that this program had, in kilobytes. What getrusage reports includes the program that started it. */
static inline long peak(void) {
    char line[256];
    long kilobytes = 0;
    FILE *status = fopen("/proc/self/status", "r");
    while (status && fgets(line, sizeof line, status))
        if (sscanf(line, "VmHWM: %ld", &kilobytes) == 1)
            break;
    if (status)
        fclose(status);
    return kilobytes;
}

/* Seconds of a clock that only goes forward. */
static inline double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/* User and system time of this process so far, in seconds. */
static inline double cpu(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
}

#endif
