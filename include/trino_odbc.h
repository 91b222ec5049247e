/* Attributes of connections and statements that only the ODBC driver for Trino has.
 * Include sql.h and sqlext.h before. Generated from src/abi/driver_specific.rs. */

#ifndef TRINO_ODBC_H
#define TRINO_ODBC_H

/**
 * Shows a person where to sign in: at `address`, where `code` has to be entered unless it is null. Both are UTF-8, and
 * gone when the function returns.
 */
typedef void (SQL_API *SQL_TRINO_SIGN_IN_CALLBACK)(void *context, const char *address, const char *code);

/**
 * Text (SQLWCHAR). The id of the last query that the statement ran; empty before.
 * Read with SQLGetStmtAttrW; the buffer length is in bytes.
 */
#define SQL_ATTR_TRINO_QUERY_ID 16384

/**
 * Text (SQLWCHAR). The state of that query as the coordinator last reported it, for example RUNNING or FINISHED.
 */
#define SQL_ATTR_TRINO_QUERY_STATE 16385

/**
 * Unsigned 64-bit integer. How far the query has come, in percent from 0 to 100; SQL_NO_TOTAL (-4, as 64 bits) while
 * the coordinator does not say.
 */
#define SQL_ATTR_TRINO_PROGRESS 16386

/**
 * Text (SQLWCHAR). Where the segments came from, as observed: DIRECT, INLINE, STORAGE, COORDINATOR_STORAGE_REDIRECT,
 * COORDINATOR_PROXY or WORKER_PROXY; empty while nothing was fetched.
 */
#define SQL_ATTR_TRINO_RETRIEVAL_MODE 16387

/**
 * Unsigned 64-bit integer. Segments of the result that came inside the coordinator's answers.
 */
#define SQL_ATTR_TRINO_SEGMENTS_INLINE 16388

/**
 * Unsigned 64-bit integer. Segments of the result that were downloaded.
 */
#define SQL_ATTR_TRINO_SEGMENTS_SPOOLED 16389

/**
 * Unsigned 64-bit integer. Bytes of the result as they came over the network, after TLS, still compressed.
 */
#define SQL_ATTR_TRINO_BYTES_DOWNLOADED 16390

/**
 * Unsigned 64-bit integer. Bytes of the result after decompression.
 */
#define SQL_ATTR_TRINO_BYTES_DECODED 16391

/**
 * Unsigned 64-bit integer. Requests of the result that were made again.
 */
#define SQL_ATTR_TRINO_RETRIES 16392

/**
 * Unsigned 64-bit integer. The most bytes that the statement held at one time, of those that
 * SQL_ATTR_TRINO_MEMORY_LIMIT counts, without the rows that a static cursor keeps.
 */
#define SQL_ATTR_TRINO_PEAK_MEMORY 16393

/**
 * Unsigned 64-bit integer. Segments of the result that waited on disk, because their addresses would have expired
 * before there was memory for them.
 */
#define SQL_ATTR_TRINO_SEGMENTS_SPILLED 16394

/**
 * Unsigned 64-bit integer. Bytes of those segments.
 */
#define SQL_ATTR_TRINO_BYTES_SPILLED 16395

/**
 * Text (SQLWCHAR). How the segments of the result are encoded: json+zstd, json+lz4 or json; empty while there was none,
 * and for a result of the direct protocol.
 */
#define SQL_ATTR_TRINO_ENCODING 16396

/**
 * Unsigned 64-bit integer, may be set before the statement is executed. Segments downloaded at the same time, from 1
 * to 64; the keyword ParallelDownloads until it is set.
 */
#define SQL_ATTR_TRINO_PARALLEL_DOWNLOADS 16640

/**
 * Unsigned 64-bit integer, may be set before the statement is executed. Bytes that the statement holds ahead of the
 * application, or half of them behind it for a static cursor; the keyword MemoryLimit until it is set.
 */
#define SQL_ATTR_TRINO_MEMORY_LIMIT 16641

/**
 * Address of a function, SQL_TRINO_SIGN_IN_CALLBACK, of a connection; may be set before it is opened, with
 * SQL_IS_POINTER as the length. With AuthenticationType=OAuth2 or DeviceFlow, the function receives the address where a
 * person has to sign in, and the driver opens and prints nothing itself. It is called on the thread that waits for the person, in
 * the middle of a call of ODBC; it should return soon and must not use the connection.
 */
#define SQL_ATTR_TRINO_SIGN_IN_CALLBACK 16896

/**
 * A pointer of a connection, which that function gets as its first argument; it must be good for as long as the
 * connection is open.
 */
#define SQL_ATTR_TRINO_SIGN_IN_CONTEXT 16897

/**
 * Text (SQLWCHAR) of a connection; may be set before it is opened and while it is open, with SQL_NTS or the bytes as the
 * length. The routing group of Trino Gateway for later requests (X-Trino-Routing-Group); the keyword RoutingGroup until
 * it is set and after SQL_ATTR_RESET_CONNECTION. Empty leaves the group to the gateway.
 */
#define SQL_ATTR_TRINO_ROUTING_GROUP 16898

#endif  /* TRINO_ODBC_H */
