//! What is read: eight results of different columns, each a query that any real Trino answers alike.
//!
//! The sets of rows are fixed by predicates, so that all encodings of a workload hold the same rows, in
//! whatever order.

use crate::lab;

/// A result to read.
#[derive(Debug)]
pub struct Workload {
    pub name: &'static str,
    /// What it is, for the table.
    pub what: &'static str,
    pub sql: &'static str,
    /// Its columns and some rows, as the driver that does nothing gets them.
    pub columns: &'static str,
    /// How many times over a measured run reads it: about two million rows.
    pub times: u32,
}

impl Workload {
    /// The workload of that name.
    pub fn find(name: &str) -> Option<&'static Self> {
        ALL.iter().find(|workload| workload.name == name)
    }

    /// A name that changes when the query or the server's version does.
    pub fn key(&self) -> String {
        // FNV-1a.
        let hash = [FORM, &lab::VERSION.to_string(), self.sql]
            .iter()
            .flat_map(|part| part.bytes().chain([0]))
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
        format!("{}-{hash:016x}", self.name)
    }
}

/// How the answer's rows travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    Json,
    Lz4,
    Zstd,
    /// In the coordinator's answers, without spooling.
    Direct,
}

impl Encoding {
    pub const ALL: [Self; 4] = [Self::Zstd, Self::Lz4, Self::Json, Self::Direct];

    /// The name of the protocol's header, which the direct protocol has none of.
    pub fn header(self) -> Option<&'static str> {
        (self != Self::Direct).then_some(self.name())
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Lz4 => "json+lz4",
            Self::Zstd => "json+zstd",
            Self::Direct => "direct",
        }
    }

    pub fn find(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|encoding| encoding.name() == name)
    }
}

pub const ALL: &[Workload] = &[
    Workload {
        name: "lineitem",
        what: "16 mixed columns",
        sql: "SELECT * FROM tpch.sf1.lineitem WHERE orderkey <= 600000",
        columns: "l l l i d d d d s1 s1 D D D s12 s4 s27 1000000",
        times: 3,
    },
    Workload {
        name: "orders",
        what: "9 mixed columns",
        sql: "SELECT * FROM tpch.sf1.orders WHERE orderkey <= 2400000",
        columns: "l l s1 d D s8 s15 i s48 1000000",
        times: 3,
    },
    Workload {
        name: "narrow",
        what: "1 bigint",
        sql: "SELECT orderkey FROM tpch.sf1.orders",
        columns: "l 1000000",
        times: 2,
    },
    Workload {
        name: "wide",
        what: "5 varchar, 10 % with escapes and non-ASCII",
        // Turned and shifted copies of a comment: new text for a compressor, as if each was its own.
        sql: r#"SELECT
  CAST(comment || ' ' || reverse(comment) AS varchar(240)) AS a,
  CAST(CASE WHEN orderkey % 10 = 0
    THEN '"Zażółć gęślą" C:\jaźń' || chr(10) || r || chr(9) || '"' || orderpriority || '"'
    ELSE r || ' ' || clerk || ' ' || reverse(r) END AS varchar(240)) AS b,
  CAST(upper(comment) || ' / ' || reverse(upper(comment)) AS varchar(240)) AS c,
  CAST(CASE WHEN orderkey % 10 = 1
    THEN '日本語 𝄞 ' || upper(r) || ' \ "' || clerk || '"'
    ELSE upper(r) || ' ' || reverse(upper(r)) END AS varchar(240)) AS d,
  CAST(s || ' ' || reverse(s) AS varchar(240)) AS e
FROM (
  SELECT *, translate(comment, 'abcdefghijklmnopqrstuvwxyz', 'nopqrstuvwxyzabcdefghijklm') AS r,
    translate(comment, 'abcdefghijklmnopqrstuvwxyz', 'defghijklmnopqrstuvwxyzabc') AS s
  FROM tpch.sf1.orders WHERE orderkey <= 1200000)"#,
        columns: "s100 s110 s100 s100 s100 1000000",
        times: 4,
    },
    Workload {
        name: "dectime",
        what: "decimals, timestamps, zones",
        sql: "SELECT
  CAST(extendedprice AS decimal(12, 2)) AS price,
  CAST(extendedprice * (1 - discount) * (1 + tax) AS decimal(18, 6)) AS charged,
  CAST(extendedprice * partkey AS decimal(30, 10)) AS weighed,
  date_add('millisecond', partkey * 431, CAST(shipdate AS timestamp(3))) AS shipped,
  CAST(from_unixtime_nanos(partkey * 4321987654321 + 694224000000000000) AS timestamp(6)) AS seen,
  date_add('millisecond', suppkey * 777, with_timezone(CAST(commitdate AS timestamp(3)),
    CASE WHEN linenumber % 2 = 0 THEN 'UTC' ELSE '+02:00' END)) AS committed,
  receiptdate AS received
FROM tpch.sf1.lineitem WHERE orderkey <= 600000",
        columns: "s8 s13 s21 t t t D 1000000",
        times: 3,
    },
    Workload {
        name: "zoned",
        what: "4 timestamps with time zone",
        // As tables have them: a column of one zone, with and without changes of its clocks, and one of several.
        sql: "SELECT
  with_timezone(date_add('millisecond', partkey * 431, CAST(shipdate AS timestamp(3))), 'UTC') AS shipped,
  at_timezone(with_timezone(date_add('year', 10, CAST(from_unixtime_nanos(
    partkey * 4321987654321 + 694224000000000000) AS timestamp(6))), 'UTC'), 'Europe/Berlin') AS seen,
  at_timezone(with_timezone(date_add('year', 10, date_add('millisecond', suppkey * 777,
    CAST(commitdate AS timestamp(3)))), 'UTC'), 'Europe/Berlin') AS committed,
  date_add('millisecond', suppkey * 777, with_timezone(CAST(receiptdate AS timestamp(3)),
    CASE WHEN linenumber % 2 = 0 THEN 'UTC' ELSE '+02:00' END)) AS received
FROM tpch.sf1.lineitem WHERE orderkey <= 600000",
        columns: "t t t t 1000000",
        times: 3,
    },
    Workload {
        name: "doubles",
        what: "8 doubles",
        sql: "SELECT quantity, extendedprice, discount, tax, extendedprice * discount AS saved,
  extendedprice * (1 - discount) * (1 + tax) AS charged, sin(orderkey) AS s, extendedprice / 7 AS part
FROM tpch.sf1.lineitem WHERE orderkey <= 600000",
        columns: "d d d d d d d d 1000000",
        times: 3,
    },
    Workload {
        name: "digits",
        what: "6 doubles of 15 to 17 digits",
        sql: "SELECT extendedprice / 7 AS part, sqrt(extendedprice) AS root, ln(extendedprice) AS log,
  sin(orderkey + partkey) AS s, -extendedprice * tax / 3 AS third, 1e-7 * discount * suppkey / partkey AS tiny
FROM tpch.sf1.lineitem WHERE orderkey <= 600000",
        columns: "d d d d d d 1000000",
        times: 3,
    },
];

/// Changes with the form in which recordings are stored.
const FORM: &str = "1";
