//! The table of SQLGetInfo, in the order of the numbers.

use std::borrow::Cow;

use super::{CURSOR_NAME_LENGTH, Facts, NAME_LENGTH, Value, conversions, escapes};
use crate::abi::*;

/// The answer for an info type; `None` for one that is the Driver Manager's or unknown (HY096).
///
/// <https://learn.microsoft.com/sql/odbc/reference/syntax/sqlgetinfo-function>
pub fn lookup(info_type: u16, facts: &Facts<'_>) -> Option<Value> {
    if let Some(targets) = conversions::targets(info_type, facts) {
        return Some(Value::U32(targets & escapes::conversions()));
    }
    Some(match info_type {
        // 0 means no limit or an unknown one, here and below.
        SQL_MAX_DRIVER_CONNECTIONS => Value::U16(0),
        SQL_MAX_CONCURRENT_ACTIVITIES => Value::U16(0),
        SQL_DATA_SOURCE_NAME => owned(facts.data_source.to_owned()),
        SQL_DRIVER_NAME => text(DRIVER_FILE),
        SQL_DRIVER_VER => owned(standard_version(env!("CARGO_PKG_VERSION"))),
        SQL_FETCH_DIRECTION => Value::U32(
            SQL_FD_FETCH_NEXT
                | SQL_FD_FETCH_FIRST
                | SQL_FD_FETCH_LAST
                | SQL_FD_FETCH_PRIOR
                | SQL_FD_FETCH_ABSOLUTE
                | SQL_FD_FETCH_RELATIVE,
        ),
        SQL_ODBC_API_CONFORMANCE => Value::U16(SQL_OAC_LEVEL1),
        SQL_ODBC_VER => text("03.80"),
        SQL_ROW_UPDATES => text("N"),
        SQL_ODBC_SAG_CLI_CONFORMANCE => Value::U16(SQL_OSCC_COMPLIANT),
        SQL_SERVER_NAME => owned(facts.server.to_owned()),
        SQL_SEARCH_PATTERN_ESCAPE => text("\\"),
        SQL_ODBC_SQL_CONFORMANCE => Value::U16(SQL_OSC_CORE),
        SQL_DATABASE_NAME => owned(facts.catalog.clone()),
        SQL_DBMS_NAME => text("Trino"),
        SQL_DBMS_VER => owned(server_version((facts.version)())),
        // Tables may be listed that the user may not read.
        SQL_ACCESSIBLE_TABLES => text("N"),
        SQL_ACCESSIBLE_PROCEDURES => text("N"),
        SQL_PROCEDURES => text("N"),
        SQL_CONCAT_NULL_BEHAVIOR => Value::U16(SQL_CB_NULL),
        SQL_CURSOR_COMMIT_BEHAVIOR | SQL_CURSOR_ROLLBACK_BEHAVIOR => {
            // Constant: Driver Managers and tools read it once.
            Value::U16(if facts.transactions {
                SQL_CB_CLOSE
            } else {
                SQL_CB_PRESERVE
            })
        }
        SQL_DATA_SOURCE_READ_ONLY => yes(facts.read_only),
        SQL_DEFAULT_TXN_ISOLATION => with_transactions(facts, SQL_TXN_READ_UNCOMMITTED),
        SQL_EXPRESSIONS_IN_ORDERBY => text("Y"),
        SQL_IDENTIFIER_CASE => Value::U16(SQL_IC_LOWER),
        SQL_IDENTIFIER_QUOTE_CHAR => text("\""),
        SQL_MAX_COLUMN_NAME_LEN => Value::U16(NAME_LENGTH),
        SQL_MAX_CURSOR_NAME_LEN => Value::U16(CURSOR_NAME_LENGTH),
        SQL_MAX_SCHEMA_NAME_LEN => Value::U16(NAME_LENGTH),
        SQL_MAX_PROCEDURE_NAME_LEN => Value::U16(0),
        SQL_MAX_CATALOG_NAME_LEN => Value::U16(NAME_LENGTH),
        SQL_MAX_TABLE_NAME_LEN => Value::U16(NAME_LENGTH),
        SQL_MULT_RESULT_SETS => text("N"),
        SQL_MULTIPLE_ACTIVE_TXN => yes(facts.transactions),
        SQL_OUTER_JOINS => text("Y"),
        SQL_SCHEMA_TERM => text("schema"),
        SQL_PROCEDURE_TERM => text(""),
        SQL_CATALOG_NAME_SEPARATOR => text("."),
        SQL_CATALOG_TERM => text("catalog"),
        SQL_SCROLL_CONCURRENCY => Value::U32(SQL_SCCO_READ_ONLY),
        SQL_SCROLL_OPTIONS => Value::U32(SQL_SO_FORWARD_ONLY | SQL_SO_STATIC),
        SQL_TABLE_TERM => text("table"),
        SQL_TXN_CAPABLE if facts.transactions => Value::U16(SQL_TC_ALL),
        SQL_TXN_CAPABLE => Value::U16(SQL_TC_NONE),
        SQL_USER_NAME => owned(facts.user.clone()),
        SQL_CONVERT_FUNCTIONS => Value::U32(SQL_FN_CVT_CAST | escapes::CONVERT),
        SQL_NUMERIC_FUNCTIONS => Value::U32(escapes::NUMERIC),
        SQL_STRING_FUNCTIONS => Value::U32(escapes::STRING),
        SQL_SYSTEM_FUNCTIONS => Value::U32(escapes::SYSTEM),
        SQL_TIMEDATE_FUNCTIONS => Value::U32(escapes::TIMEDATE),
        // What Trino takes; its connectors refuse what they cannot keep.
        SQL_TXN_ISOLATION_OPTION => with_transactions(
            facts,
            SQL_TXN_READ_UNCOMMITTED
                | SQL_TXN_READ_COMMITTED
                | SQL_TXN_REPEATABLE_READ
                | SQL_TXN_SERIALIZABLE,
        ),
        SQL_INTEGRITY => text("N"),
        SQL_CORRELATION_NAME => Value::U16(SQL_CN_ANY),
        SQL_NON_NULLABLE_COLUMNS => Value::U16(SQL_NNC_NON_NULL),
        SQL_DRIVER_ODBC_VER => text("03.80"),
        SQL_LOCK_TYPES => Value::U32(0),
        SQL_POS_OPERATIONS => Value::U32(SQL_POS_POSITION | SQL_POS_REFRESH),
        SQL_POSITIONED_STATEMENTS => Value::U32(0),
        SQL_GETDATA_EXTENSIONS => {
            Value::U32(SQL_GD_ANY_COLUMN | SQL_GD_ANY_ORDER | SQL_GD_BLOCK | SQL_GD_BOUND)
        }
        SQL_BOOKMARK_PERSISTENCE => Value::U32(0),
        SQL_STATIC_SENSITIVITY => Value::U32(0),
        SQL_FILE_USAGE => Value::U16(SQL_FILE_NOT_SUPPORTED),
        SQL_NULL_COLLATION => Value::U16(SQL_NC_END),
        SQL_ALTER_TABLE => Value::U32(
            SQL_AT_ADD_COLUMN
                | SQL_AT_DROP_COLUMN
                | SQL_AT_ADD_COLUMN_SINGLE
                | facts.since(477, SQL_AT_ADD_COLUMN_DEFAULT)
                | facts.since(479, SQL_AT_SET_COLUMN_DEFAULT | SQL_AT_DROP_COLUMN_DEFAULT),
        ),
        SQL_COLUMN_ALIAS => text("Y"),
        SQL_GROUP_BY => Value::U16(SQL_GB_GROUP_BY_CONTAINS_SELECT),
        SQL_KEYWORDS => text(KEYWORDS),
        SQL_ORDER_BY_COLUMNS_IN_SELECT => text("N"),
        SQL_SCHEMA_USAGE => Value::U32(
            SQL_SU_DML_STATEMENTS | SQL_SU_TABLE_DEFINITION | SQL_SU_PRIVILEGE_DEFINITION,
        ),
        SQL_CATALOG_USAGE => Value::U32(
            SQL_CU_DML_STATEMENTS | SQL_CU_TABLE_DEFINITION | SQL_CU_PRIVILEGE_DEFINITION,
        ),
        // Quotes do not keep the case: Trino has names in lower case only.
        SQL_QUOTED_IDENTIFIER_CASE => Value::U16(SQL_IC_LOWER),
        SQL_SPECIAL_CHARACTERS => text("!#$%&'()*+,-./:;<=>?@[]^`{|}~ "),
        SQL_SUBQUERIES => Value::U32(
            SQL_SQ_COMPARISON
                | SQL_SQ_EXISTS
                | SQL_SQ_IN
                | SQL_SQ_QUANTIFIED
                | SQL_SQ_CORRELATED_SUBQUERIES,
        ),
        SQL_UNION => Value::U32(SQL_U_UNION | SQL_U_UNION_ALL),
        SQL_MAX_COLUMNS_IN_GROUP_BY => Value::U16(0),
        SQL_MAX_COLUMNS_IN_INDEX => Value::U16(0),
        SQL_MAX_COLUMNS_IN_ORDER_BY => Value::U16(0),
        SQL_MAX_COLUMNS_IN_SELECT => Value::U16(0),
        SQL_MAX_COLUMNS_IN_TABLE => Value::U16(0),
        SQL_MAX_INDEX_SIZE => Value::U32(0),
        SQL_MAX_ROW_SIZE_INCLUDES_LONG => text("Y"),
        SQL_MAX_ROW_SIZE => Value::U32(0),
        SQL_MAX_STATEMENT_LEN => Value::U32(0),
        SQL_MAX_TABLES_IN_SELECT => Value::U16(0),
        SQL_MAX_USER_NAME_LEN => Value::U16(0),
        SQL_MAX_CHAR_LITERAL_LEN => Value::U32(0),
        SQL_TIMEDATE_ADD_INTERVALS => Value::U32(escapes::intervals()),
        SQL_TIMEDATE_DIFF_INTERVALS => Value::U32(escapes::intervals()),
        SQL_NEED_LONG_DATA_LEN => text("N"),
        SQL_MAX_BINARY_LITERAL_LEN => Value::U32(0),
        SQL_LIKE_ESCAPE_CLAUSE => yes(escapes::LIKE_ESCAPE),
        SQL_CATALOG_LOCATION => Value::U16(SQL_CL_START),
        SQL_OJ_CAPABILITIES | SQL_OJ_CAPABILITIES_OF_ODBC2 => Value::U32(
            SQL_OJ_LEFT
                | SQL_OJ_RIGHT
                | SQL_OJ_FULL
                | SQL_OJ_NESTED
                | SQL_OJ_NOT_ORDERED
                | SQL_OJ_INNER
                | SQL_OJ_ALL_COMPARISON_OPS,
        ),
        SQL_ACTIVE_ENVIRONMENTS => Value::U16(0),
        SQL_ALTER_DOMAIN => Value::U32(0),
        // Power Query writes derived tables only at this level; Trino is as close to it as any.
        SQL_SQL_CONFORMANCE => Value::U32(SQL_SC_SQL92_FULL),
        SQL_DATETIME_LITERALS => Value::U32(DATETIME_LITERALS),
        SQL_BATCH_ROW_COUNT => Value::U32(0),
        SQL_BATCH_SUPPORT => Value::U32(0),
        SQL_CREATE_ASSERTION
        | SQL_CREATE_CHARACTER_SET
        | SQL_CREATE_COLLATION
        | SQL_CREATE_DOMAIN
        | SQL_CREATE_TRANSLATION => Value::U32(0),
        SQL_CREATE_SCHEMA => Value::U32(SQL_CS_CREATE_SCHEMA | SQL_CS_AUTHORIZATION),
        SQL_CREATE_TABLE => Value::U32(
            SQL_CT_CREATE_TABLE
                | SQL_CT_COLUMN_CONSTRAINT
                | facts.since(477, SQL_CT_COLUMN_DEFAULT),
        ),
        SQL_CREATE_VIEW => Value::U32(SQL_CV_CREATE_VIEW),
        SQL_DROP_ASSERTION
        | SQL_DROP_CHARACTER_SET
        | SQL_DROP_COLLATION
        | SQL_DROP_DOMAIN
        | SQL_DROP_TRANSLATION => Value::U32(0),
        SQL_DROP_SCHEMA => {
            Value::U32(SQL_DS_DROP_SCHEMA | SQL_DS_RESTRICT | facts.since(423, SQL_DS_CASCADE))
        }
        SQL_DROP_TABLE => Value::U32(SQL_DT_DROP_TABLE),
        SQL_DROP_VIEW => Value::U32(SQL_DV_DROP_VIEW),
        SQL_FORWARD_ONLY_CURSOR_ATTRIBUTES1 => Value::U32(
            SQL_CA1_NEXT | SQL_CA1_LOCK_NO_CHANGE | SQL_CA1_POS_POSITION | SQL_CA1_POS_REFRESH,
        ),
        SQL_STATIC_CURSOR_ATTRIBUTES1 => Value::U32(
            SQL_CA1_NEXT
                | SQL_CA1_ABSOLUTE
                | SQL_CA1_RELATIVE
                | SQL_CA1_LOCK_NO_CHANGE
                | SQL_CA1_POS_POSITION
                | SQL_CA1_POS_REFRESH,
        ),
        SQL_FORWARD_ONLY_CURSOR_ATTRIBUTES2 | SQL_STATIC_CURSOR_ATTRIBUTES2 => Value::U32(
            SQL_CA2_READ_ONLY_CONCURRENCY | SQL_CA2_MAX_ROWS_SELECT | SQL_CA2_MAX_ROWS_CATALOG,
        ),
        SQL_DYNAMIC_CURSOR_ATTRIBUTES1
        | SQL_DYNAMIC_CURSOR_ATTRIBUTES2
        | SQL_KEYSET_CURSOR_ATTRIBUTES1
        | SQL_KEYSET_CURSOR_ATTRIBUTES2 => Value::U32(0),
        SQL_INDEX_KEYWORDS => Value::U32(SQL_IK_NONE),
        SQL_INFO_SCHEMA_VIEWS => Value::U32(
            SQL_ISV_COLUMNS
                | SQL_ISV_SCHEMATA
                | SQL_ISV_TABLE_PRIVILEGES
                | SQL_ISV_TABLES
                | SQL_ISV_VIEWS,
        ),
        SQL_ODBC_INTERFACE_CONFORMANCE => Value::U32(SQL_OIC_LEVEL1),
        SQL_PARAM_ARRAY_ROW_COUNTS => Value::U32(SQL_PARC_NO_BATCH),
        SQL_PARAM_ARRAY_SELECTS => Value::U32(SQL_PAS_NO_SELECT),
        SQL_SQL92_DATETIME_FUNCTIONS => {
            Value::U32(SQL_SDF_CURRENT_DATE | SQL_SDF_CURRENT_TIME | SQL_SDF_CURRENT_TIMESTAMP)
        }
        SQL_SQL92_FOREIGN_KEY_DELETE_RULE | SQL_SQL92_FOREIGN_KEY_UPDATE_RULE => Value::U32(0),
        SQL_SQL92_GRANT => Value::U32(
            SQL_SG_DELETE_TABLE
                | SQL_SG_INSERT_TABLE
                | SQL_SG_SELECT_TABLE
                | SQL_SG_UPDATE_TABLE
                | SQL_SG_WITH_GRANT_OPTION,
        ),
        SQL_SQL92_NUMERIC_VALUE_FUNCTIONS => Value::U32(SQL_SNVF_EXTRACT | SQL_SNVF_POSITION),
        SQL_SQL92_PREDICATES => Value::U32(
            SQL_SP_EXISTS
                | SQL_SP_ISNOTNULL
                | SQL_SP_ISNULL
                | SQL_SP_LIKE
                | SQL_SP_IN
                | SQL_SP_BETWEEN
                | SQL_SP_COMPARISON
                | SQL_SP_QUANTIFIED_COMPARISON
                // 483 parses OVERLAPS too, and fails on it where it stands in WHERE.
                | facts.since(
                    482,
                    SQL_SP_MATCH_FULL
                        | SQL_SP_MATCH_PARTIAL
                        | SQL_SP_MATCH_UNIQUE_FULL
                        | SQL_SP_MATCH_UNIQUE_PARTIAL
                        | SQL_SP_UNIQUE,
                ),
        ),
        SQL_SQL92_RELATIONAL_JOIN_OPERATORS => Value::U32(
            facts.since(475, SQL_SRJO_CORRESPONDING_CLAUSE)
                | SQL_SRJO_CROSS_JOIN
                | SQL_SRJO_EXCEPT_JOIN
                | SQL_SRJO_FULL_OUTER_JOIN
                | SQL_SRJO_INNER_JOIN
                | SQL_SRJO_INTERSECT_JOIN
                | SQL_SRJO_LEFT_OUTER_JOIN
                | SQL_SRJO_RIGHT_OUTER_JOIN,
        ),
        SQL_SQL92_REVOKE => Value::U32(
            SQL_SR_DELETE_TABLE
                | SQL_SR_INSERT_TABLE
                | SQL_SR_SELECT_TABLE
                | SQL_SR_UPDATE_TABLE
                | SQL_SR_GRANT_OPTION_FOR,
        ),
        SQL_SQL92_ROW_VALUE_CONSTRUCTOR => {
            Value::U32(SQL_SRVC_VALUE_EXPRESSION | SQL_SRVC_NULL | SQL_SRVC_ROW_SUBQUERY)
        }
        SQL_SQL92_STRING_FUNCTIONS => Value::U32(
            SQL_SSF_LOWER
                | SQL_SSF_UPPER
                | SQL_SSF_SUBSTRING
                | facts.since(
                    377,
                    SQL_SSF_TRIM_BOTH | SQL_SSF_TRIM_LEADING | SQL_SSF_TRIM_TRAILING,
                ),
        ),
        SQL_SQL92_VALUE_EXPRESSIONS => {
            Value::U32(SQL_SVE_CASE | SQL_SVE_CAST | SQL_SVE_COALESCE | SQL_SVE_NULLIF)
        }
        SQL_STANDARD_CLI_CONFORMANCE => Value::U32(SQL_SCC_XOPEN_CLI_VERSION1 | SQL_SCC_ISO92_CLI),
        SQL_AGGREGATE_FUNCTIONS => Value::U32(
            SQL_AF_AVG
                | SQL_AF_COUNT
                | SQL_AF_MAX
                | SQL_AF_MIN
                | SQL_AF_SUM
                | SQL_AF_DISTINCT
                | SQL_AF_ALL,
        ),
        SQL_DDL_INDEX => Value::U32(0),
        SQL_INSERT_STATEMENT => Value::U32(SQL_IS_INSERT_LITERALS | SQL_IS_INSERT_SEARCHED),
        // From ODBC 4: Power Query reads some of them and treats an error as a broken driver.
        SQL_SCHEMA_INFERENCE
        | SQL_BINARY_FUNCTIONS
        | SQL_ISO_STRING_FUNCTIONS
        | SQL_ISO_BINARY_FUNCTIONS
        | SQL_LIMIT_ESCAPE_CLAUSE
        | SQL_NATIVE_ESCAPE_CLAUSE
        | SQL_RETURN_ESCAPE_CLAUSE
        | SQL_FORMAT_ESCAPE_CLAUSE => Value::U32(0),
        SQL_DTC_TRANSITION_COST => Value::U32(0),
        SQL_XOPEN_CLI_YEAR => text("1995"),
        SQL_CURSOR_SENSITIVITY => Value::U32(SQL_INSENSITIVE as u32),
        SQL_DESCRIBE_PARAMETER => text("Y"),
        SQL_CATALOG_NAME => text("Y"),
        SQL_COLLATION_SEQ => text(""),
        SQL_MAX_IDENTIFIER_LEN => Value::U16(NAME_LENGTH),
        SQL_ASYNC_MODE => Value::U32(SQL_AM_STATEMENT),
        SQL_MAX_ASYNC_CONCURRENT_STATEMENTS => Value::U32(0),
        SQL_ASYNC_DBC_FUNCTIONS => Value::U32(SQL_ASYNC_DBC_CAPABLE),
        SQL_DRIVER_AWARE_POOLING_SUPPORTED => Value::U32(SQL_DRIVER_AWARE_POOLING_NOT_CAPABLE),
        SQL_ASYNC_NOTIFICATION => Value::U32(SQL_ASYNC_NOTIFICATION_CAPABLE),
        _ => return None,
    })
}

/// Whether an answer is about the driver alone: Driver Managers read some before they connect.
pub fn is_known_before_connecting(info_type: u16) -> bool {
    matches!(
        info_type,
        SQL_ODBC_VER
            | SQL_DRIVER_NAME
            | SQL_DRIVER_VER
            | SQL_DRIVER_ODBC_VER
            | SQL_ASYNC_DBC_FUNCTIONS
            | SQL_ASYNC_NOTIFICATION
            | SQL_DRIVER_AWARE_POOLING_SUPPORTED
    )
}

fn with_transactions(facts: &Facts<'_>, value: u32) -> Value {
    Value::U32(if facts.transactions { value } else { 0 })
}

fn text(text: &'static str) -> Value {
    Value::Text(Cow::Borrowed(text))
}

fn owned(text: String) -> Value {
    Value::Text(Cow::Owned(text))
}

fn yes(yes: bool) -> Value {
    text(if yes { "Y" } else { "N" })
}

/// `##.##.####`, as the standard wants versions, from up to three numbers with points between.
fn standard_version(version: &str) -> String {
    let mut numbers = version.split('.').map(|part| {
        let end = part
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(part.len());
        part.get(..end)
            .and_then(|digits| digits.parse::<u32>().ok())
            .unwrap_or(0)
    });
    let mut next = || numbers.next().unwrap_or(0);
    let (major, minor, patch) = (next(), next(), next());
    format!("{major:02}.{minor:02}.{patch:04}")
}

/// The server's version as the standard wants it, and then as the server says it.
fn server_version(version: Option<String>) -> String {
    match version {
        // Trino counts by one number: what follows it names a build.
        Some(version) => {
            let release = version.split(['-', '.']).next().unwrap_or_default();
            format!("{} {version}", standard_version(release))
        }
        None => standard_version(""),
    }
}

#[cfg(target_os = "windows")]
const DRIVER_FILE: &str = "trinoodbc.dll";
#[cfg(target_os = "macos")]
const DRIVER_FILE: &str = "libtrinoodbc.dylib";
#[cfg(not(any(target_os = "windows", target_os = "macos")))]
const DRIVER_FILE: &str = "libtrinoodbc.so";

/// Words that Trino reserves and ODBC does not. Older servers reserve fewer, and a name that is
/// quoted without need is the same name.
const KEYWORDS: &str = "AUTO,CUBE,CURRENT_CATALOG,CURRENT_PATH,CURRENT_ROLE,CURRENT_SCHEMA,GROUPING,JSON_ARRAY,\
     JSON_EXISTS,JSON_OBJECT,JSON_QUERY,JSON_TABLE,JSON_VALUE,LISTAGG,LOCALTIME,LOCALTIMESTAMP,NORMALIZE,\
     RECURSIVE,ROLLUP,SKIP,UESCAPE,UNNEST";

const DATETIME_LITERALS: u32 = SQL_DL_SQL92_DATE
    | SQL_DL_SQL92_TIME
    | SQL_DL_SQL92_TIMESTAMP
    | SQL_DL_SQL92_INTERVAL_YEAR
    | SQL_DL_SQL92_INTERVAL_MONTH
    | SQL_DL_SQL92_INTERVAL_DAY
    | SQL_DL_SQL92_INTERVAL_HOUR
    | SQL_DL_SQL92_INTERVAL_MINUTE
    | SQL_DL_SQL92_INTERVAL_SECOND
    | SQL_DL_SQL92_INTERVAL_YEAR_TO_MONTH
    | SQL_DL_SQL92_INTERVAL_DAY_TO_HOUR
    | SQL_DL_SQL92_INTERVAL_DAY_TO_MINUTE
    | SQL_DL_SQL92_INTERVAL_DAY_TO_SECOND
    | SQL_DL_SQL92_INTERVAL_HOUR_TO_MINUTE
    | SQL_DL_SQL92_INTERVAL_HOUR_TO_SECOND
    | SQL_DL_SQL92_INTERVAL_MINUTE_TO_SECOND;
