/* Signals of the application: its handlers run in its own threads and never in one of the driver's. */
#define _GNU_SOURCE
#include "check.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

/* Set in each thread that the program starts, and in none of the driver's. */
static _Thread_local int ours;
static atomic_int taken, astray, over;
static SQLWCHAR *string;

static void take(int number)
{
    (void)number;
    atomic_fetch_add(ours ? &taken : &astray, 1);
}

/* Connects, reads a result whose segments the driver's threads fetch and decode, and disconnects, again and again. */
static void *work(void *nothing)
{
    SQLHENV environment;
    SQLHDBC connection;
    SQLHSTMT statement;
    sigset_t all;
    ours = 1;
    sigfillset(&all);
    CHECK(pthread_sigmask(SIG_UNBLOCK, &all, NULL) == 0);
    CHECK(SQLAllocHandle(SQL_HANDLE_ENV, NULL, &environment) == SQL_SUCCESS);
    CHECK(SQLSetEnvAttr(environment, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)SQL_OV_ODBC3, 0) == SQL_SUCCESS);
    for (int round = 0; round < 10; round++) {
        CHECK(SQLAllocHandle(SQL_HANDLE_DBC, environment, &connection) == SQL_SUCCESS);
        succeed(SQLDriverConnectW(connection, NULL, string, SQL_NTS, NULL, 0, NULL, SQL_DRIVER_NOPROMPT),
                SQL_HANDLE_DBC, connection);
        CHECK(SQLAllocHandle(SQL_HANDLE_STMT, connection, &statement) == SQL_SUCCESS);
        if (round % 2)
            CHECK(SQLSetStmtAttrW(statement, SQL_ATTR_ASYNC_ENABLE, (SQLPOINTER)SQL_ASYNC_ENABLE_ON, 0) == SQL_SUCCESS);
        SQLRETURN code;
        while ((code = SQLExecDirectW(statement, wide(U"SELECT many"), SQL_NTS)) == SQL_STILL_EXECUTING)
            usleep(1000);
        succeed(code, SQL_HANDLE_STMT, statement);
        int rows = 0;
        while ((code = SQLFetch(statement)) != SQL_NO_DATA) {
            if (code == SQL_STILL_EXECUTING)
                continue;
            succeed(code, SQL_HANDLE_STMT, statement);
            rows++;
        }
        CHECK(rows == 2030);
        CHECK(SQLFreeHandle(SQL_HANDLE_STMT, statement) == SQL_SUCCESS);
        CHECK(SQLDisconnect(connection) == SQL_SUCCESS);
        CHECK(SQLFreeHandle(SQL_HANDLE_DBC, connection) == SQL_SUCCESS);
    }
    CHECK(SQLFreeHandle(SQL_HANDLE_ENV, environment) == SQL_SUCCESS);
    over = 1;
    return nothing;
}

int main(int count, char **arguments)
{
    const int signals[] = {SIGUSR1, SIGALRM, SIGTERM, SIGWINCH, SIGRTMIN + 3};
    struct sigaction action = {.sa_handler = take, .sa_flags = SA_RESTART};
    sigset_t all;
    pthread_t worker;

    string = connection_string(count, arguments);
    for (int index = 0; index < 5; index++)
        CHECK(sigaction(signals[index], &action, NULL) == 0);
    ours = 1;
    /* The kernel prefers the first thread, which is out of the question from here; the other takes signals once it has
       marked itself. */
    sigfillset(&all);
    CHECK(pthread_sigmask(SIG_SETMASK, &all, NULL) == 0);
    CHECK(pthread_create(&worker, NULL, work, NULL) == 0);
    for (int number = 0; !over; number++) {
        kill(getpid(), signals[number % 5]);
        usleep(100);
    }
    CHECK(pthread_join(worker, NULL) == 0);
    /* Now there are the driver's threads only. */
    for (int number = 0; number < 1000; number++) {
        kill(getpid(), signals[number % 5]);
        usleep(20);
    }
    printf("%d signals taken, %d astray\n", taken, astray);
    CHECK(taken > 10 && astray == 0);
    puts("good");
    return 0;
}
