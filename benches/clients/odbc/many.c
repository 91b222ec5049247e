/* Holds many results of one process open at a time through the Driver Manager, one thread for each.
 *
 *   many CONNECTION-STRING SQL RESULTS MANNER SECONDS
 *
 * MANNER is what the threads do until the time is over:
 *   fast    read on as fast as they can, and run the query again at its end
 *   slowly  the same, with a pause after each rowset that leaves 5,000 rows a second
 *   lying   read one rowset, leave the result, and read some more at the end
 *   turns   one thread reads a rowset of each result in turn
 *   idle    nothing: there are connections without a statement
 * Prints a line of JSON: rows in all, those of the slowest result and of the mean one, and the most memory,
 * sockets and threads that the process had. */

#include <dirent.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <sql.h>
#include <sqlext.h>

#include "measure.h"

enum { ROWS = 100, MORE = 20, PAUSE_US = 20000, MOST_COLUMNS = 64 };

struct result {
    SQLHDBC connection;
    SQLHSTMT statement;
    SQLULEN fetched;
    uint64_t rows;
    char *cells[MOST_COLUMNS];
    SQLLEN *lengths[MOST_COLUMNS];
};

static const char *manner, *sql;
static struct result *results;
static int count;
static double deadline;
static pthread_barrier_t start;

/* What the process has now. */
struct usage {
    long peak, threads, sockets;
};

static struct usage usage(void) {
    struct usage usage = {0, 0, 0};
    char line[256];
    FILE *status = fopen("/proc/self/status", "r");
    while (status && fgets(line, sizeof line, status)) {
        sscanf(line, "VmHWM: %ld", &usage.peak);
        sscanf(line, "Threads: %ld", &usage.threads);
    }
    if (status)
        fclose(status);
    DIR *folder = opendir("/proc/self/fd");
    struct dirent *entry;
    while (folder && (entry = readdir(folder))) {
        char target[64] = "";
        if (readlinkat(dirfd(folder), entry->d_name, target, sizeof target - 1) > 0 &&
            strncmp(target, "socket:", 7) == 0)
            usage.sockets++;
    }
    if (folder)
        closedir(folder);
    return usage;
}

static struct usage most;
static volatile int over;

/* Looks at it again and again. */
static void *watch(void *unused) {
    while (!over) {
        struct usage seen = usage();
        most.peak = seen.peak > most.peak ? seen.peak : most.peak;
        most.threads = seen.threads > most.threads ? seen.threads : most.threads;
        most.sockets = seen.sockets > most.sockets ? seen.sockets : most.sockets;
        usleep(50000);
    }
    return unused;
}

static void execute(struct result *result) {
    if (!SQL_SUCCEEDED(SQLExecDirect(result->statement, (SQLCHAR *)sql, SQL_NTS)))
        fail(SQL_HANDLE_STMT, result->statement, "SQLExecDirect");
}

static void bind(struct result *result) {
    SQLSMALLINT columns;
    SQLNumResultCols(result->statement, &columns);
    for (SQLSMALLINT column = 0; column < columns && column < MOST_COLUMNS; column++) {
        SQLSMALLINT type, c_type = SQL_C_CHAR;
        SQLULEN size;
        SQLDescribeCol(result->statement, column + 1, NULL, 0, NULL, &type, &size, NULL, NULL);
        SQLLEN width = size > 0 && size < 250 ? (SQLLEN)size + 1 : 250;
        if (type == SQL_BIGINT || type == SQL_INTEGER)
            c_type = SQL_C_SBIGINT, width = 8;
        else if (type == SQL_DOUBLE)
            c_type = SQL_C_DOUBLE, width = 8;
        else if (type == SQL_TYPE_DATE)
            c_type = SQL_C_TYPE_DATE, width = sizeof(DATE_STRUCT);
        result->cells[column] = malloc((size_t)width * ROWS);
        result->lengths[column] = malloc(sizeof(SQLLEN) * ROWS);
        SQLBindCol(result->statement, column + 1, c_type, result->cells[column], width,
                   result->lengths[column]);
    }
}

/* One rowset; the query again at its end. */
static void read_on(struct result *result) {
    SQLRETURN code = SQLFetch(result->statement);
    if (code == SQL_NO_DATA) {
        SQLFreeStmt(result->statement, SQL_CLOSE);
        execute(result);
        return;
    }
    if (!SQL_SUCCEEDED(code))
        fail(SQL_HANDLE_STMT, result->statement, "SQLFetch");
    result->rows += result->fetched;
}

static void open_result(struct result *result) {
    execute(result);
    bind(result);
    read_on(result);
}

static void *read_result(void *argument) {
    struct result *result = argument;
    pthread_barrier_wait(&start);
    open_result(result);
    if (strcmp(manner, "lying") == 0) {
        double left = deadline - now();
        if (left > 0)
            usleep((useconds_t)(left * 1e6));
        for (int more = 0; more < MORE; more++)
            read_on(result);
        return NULL;
    }
    while (now() < deadline) {
        read_on(result);
        if (strcmp(manner, "slowly") == 0)
            usleep(PAUSE_US);
    }
    return NULL;
}

static void *read_in_turn(void *unused) {
    pthread_barrier_wait(&start);
    for (int at = 0; at < count; at++)
        open_result(&results[at]);
    while (now() < deadline)
        for (int at = 0; at < count; at++)
            read_on(&results[at]);
    return unused;
}

int main(int arguments, char **argument) {
    if (arguments != 6) {
        fprintf(stderr, "many CONNECTION-STRING SQL RESULTS MANNER SECONDS\n");
        return 2;
    }
    sql = argument[2];
    count = atoi(argument[3]);
    manner = argument[4];
    double seconds = atof(argument[5]);
    int idle = strcmp(manner, "idle") == 0, turns = strcmp(manner, "turns") == 0;
    SQLHENV environment;
    SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &environment);
    SQLSetEnvAttr(environment, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)SQL_OV_ODBC3, 0);
    results = calloc((size_t)count, sizeof *results);
    for (int at = 0; at < count; at++) {
        struct result *result = &results[at];
        result->connection = connect_to(environment, argument[1]);
        if (idle)
            continue;
        SQLAllocHandle(SQL_HANDLE_STMT, result->connection, &result->statement);
        SQLSetStmtAttr(result->statement, SQL_ATTR_ROW_ARRAY_SIZE, (SQLPOINTER)ROWS, 0);
        SQLSetStmtAttr(result->statement, SQL_ATTR_ROWS_FETCHED_PTR, &result->fetched, 0);
    }
    int threads = idle ? 0 : turns ? 1 : count;
    pthread_t watcher, *readers = calloc((size_t)count, sizeof *readers);
    pthread_create(&watcher, NULL, watch, NULL);
    pthread_barrier_init(&start, NULL, (unsigned)threads + 1);
    double began = now();
    deadline = began + seconds;
    for (int at = 0; at < threads; at++)
        if (pthread_create(&readers[at], NULL, turns ? read_in_turn : read_result, &results[at])) {
            fprintf(stderr, "no thread\n");
            return 1;
        }
    pthread_barrier_wait(&start);
    if (idle)
        usleep((useconds_t)(seconds * 1e6));
    for (int at = 0; at < threads; at++)
        pthread_join(readers[at], NULL);
    double wall = now() - began;
    over = 1;
    pthread_join(watcher, NULL);
    uint64_t rows = 0, slowest = UINT64_MAX;
    for (int at = 0; at < count; at++) {
        rows += results[at].rows;
        slowest = results[at].rows < slowest ? results[at].rows : slowest;
    }
    struct rusage cost;
    getrusage(RUSAGE_SELF, &cost);
    double cpu = (double)(cost.ru_utime.tv_sec + cost.ru_stime.tv_sec) +
                 (double)(cost.ru_utime.tv_usec + cost.ru_stime.tv_usec) * 1e-6;
    printf("{\"rows\":%llu,\"slowest\":%llu,\"wall\":%.3f,\"cpu\":%.3f,\"peak\":%ld,\"sockets\":%ld,"
           "\"threads\":%ld}\n",
           (unsigned long long)rows, (unsigned long long)slowest, wall, cpu, most.peak, most.sockets,
           most.threads);
    /* What is left of the results is nobody's concern. */
    fflush(stdout);
    _exit(0);
}
