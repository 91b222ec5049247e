//! The documentation's tables of keywords, functions and conversions are the driver's own.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

mod sources;

use trino_client::columns::{AsText, Type};
use trinoodbc::abi::*;
use trinoodbc::config::{
    Group, KEYWORDS, Keyword, Kind, OTHER_DRIVERS, OtherDriversKeyword, Support as OtherSupport,
};
use trinoodbc::convert;
use trinoodbc::info::{FUNCTIONS, Function, Support};

#[test]
fn the_book_holds_the_tables_of_keywords_and_functions() {
    holds("docs/keywords.md", "keywords", &keywords());
    holds("docs/functions.md", "functions", &functions());
}

#[test]
fn the_page_of_conversions_holds_the_matrices() {
    holds("docs/conversions.md", "to C", &to_c());
    holds("docs/conversions.md", "to SQL", &to_sql());
}

/// What the sources have is read as text: the table lists every one, also those that only a rare fault returns.
#[test]
fn troubleshooting_lists_every_sqlstate_of_the_driver_once() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let source = fs::read_to_string(top.join("src/diagnostics/sqlstate.rs")).unwrap();
    let states = source.split("Self(*b\"").skip(1).map(|rest| &rest[..5]);
    let mut states: Vec<_> = states.collect();
    states.sort_unstable();
    let page = fs::read_to_string(top.join("docs/troubleshooting.md")).unwrap();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| "));
    let rows = rows.map(|row| row.split(" | ").collect::<Vec<_>>());
    let mut listed = Vec::new();
    for row in rows.filter(|row| row[0] != "SQLSTATE") {
        assert_eq!(row.len(), 3, "{row:?}");
        listed.push(row[0].to_owned());
    }
    listed.sort_unstable();
    assert!(states.len() > 70, "{states:?}");
    assert_eq!(listed, states);
}

/// The keywords of other drivers that have no row of their own under Keywords.
#[test]
fn the_page_for_migrating_holds_the_keywords_of_other_drivers() {
    holds("docs/migrating.md", "other drivers", &other_drivers());
}

#[test]
fn every_link_between_pages_leads_to_a_file() {
    let mut broken = Vec::new();
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        let folder = page.parent().unwrap();
        for target in links(&text) {
            let (path, _) = target.split_once('#').unwrap_or((target, ""));
            if !path.is_empty() && !folder.join(path).exists() {
                broken.push(format!("{}: {target}", page.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn every_page_of_the_book_has_its_place_in_the_summary() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let summary = fs::read_to_string(docs.join("SUMMARY.md")).unwrap();
    let listed: BTreeSet<_> = links(&summary).map(|page| docs.join(page)).collect();
    let there: BTreeSet<_> = pages()
        .into_iter()
        .filter(|page| page.starts_with(&docs) && !page.ends_with("SUMMARY.md"))
        .collect();
    assert_eq!(listed, there);
}

#[test]
fn every_keyword_in_a_message_is_in_the_table() {
    let choices = KEYWORDS.iter().flat_map(|keyword| match keyword.kind {
        Kind::Choice(names) => names,
        _ => &[],
    });
    let others: BTreeSet<_> = choices.chain(NO_KEYWORDS).copied().collect();
    let mut unknown = BTreeSet::new();
    let sources = sources::without_tests();
    assert!(sources.len() > 200, "{}", sources.len());
    // The simulation names its computers and networks.
    let sources = sources
        .iter()
        .filter(|(path, _)| !path.contains("/simulation"));
    for (path, text) in sources {
        for (_, literal) in sources::literals(sources::before_tests(text)) {
            let words = literal.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            for word in words.filter(|word| looks_like_a_keyword(word)) {
                let is_known = Keyword::find(word).is_some()
                    || OtherDriversKeyword::find(word).is_some()
                    || others.contains(word);
                if !is_known {
                    unknown.insert(format!("{path}: {word}"));
                }
            }
        }
    }
    assert!(unknown.is_empty(), "{unknown:#?}");
}

/// Words of messages, and names of types in debug output, that are written like keywords.
const NO_KEYWORDS: &[&str] = &[
    "SysTabControl32",
    "APILevel",
    "AccessDenied",
    "AuthenticationFailed",
    "ComodRivadavia",
    "ConfigDSN",
    "ConfigDriver",
    "ConnectFunctions",
    "CurrentUser",
    "DriverODBCVer",
    "ExpiredToken",
    "FindProxyForURL",
    "GiB",
    "HAProxy",
    "LocalMachine",
    "NULLs",
    "NaN",
    "OAuth",
    "OpenSSL",
    "OutputSpoolingOperatorFactory",
    "OwnOrigin",
    "RequestTimeTooSkewed",
    "SQLLevel",
    "SessionZone",
    "SignInCallback",
    "SpoolingPagePartitioner",
    "URLs",
];

/// Whether the word has capitals and small letters mixed, and is no function of ODBC.
fn looks_like_a_keyword(word: &str) -> bool {
    let small = word.find(|c: char| c.is_ascii_lowercase());
    let begins = word.starts_with(|c: char| c.is_ascii_uppercase()) && !word.starts_with("SQL");
    let is_mixed = small.is_some_and(|at| at > 1 || word[at..].contains(char::is_uppercase));
    begins && is_mixed
}

fn other_drivers() -> String {
    let mut text = String::from("\n| Their keyword | Here |\n|---|---|\n");
    for keyword in KEYWORDS {
        let names: Vec<_> = keyword.names().skip(1).collect();
        if !names.is_empty() {
            let _ = writeln!(text, "| `{}` | `{}` |", names.join("`, `"), keyword.name);
        }
    }
    for other in OTHER_DRIVERS {
        let here = match other.support {
            OtherSupport::Needless => "not needed; accepted silently".to_owned(),
            OtherSupport::None => "not supported; a warning says so".to_owned(),
            OtherSupport::Only(value, reason) => format!("always as with `{value}`: {reason}"),
            OtherSupport::Means(id, value) => format!("true means `{id}={value}`"),
        };
        let _ = writeln!(text, "| `{}` | {} |", other.name, here.replace('|', "\\|"));
    }
    text.push('\n');
    text
}

/// The pages at the top of the project and those of the book.
fn pages() -> Vec<PathBuf> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let pages = [top.to_owned(), top.join("docs")]
        .into_iter()
        .flat_map(|folder| fs::read_dir(folder).unwrap())
        .map(|entry| entry.unwrap().path());
    pages
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect()
}

/// The targets of a page's links to files.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let after = text.split("](").skip(1);
    let targets = after.filter_map(|rest| rest.split_once(')').map(|(target, _)| target));
    targets.filter(|target| !target.contains("://"))
}

/// Compares what stands between the marks of that name with `table`, or puts it there when asked to.
fn holds(file: &str, name: &str, table: &str) {
    let begin = format!("<!-- {name}: begin -->\n");
    let end = format!("<!-- {name}: end -->");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let text = fs::read_to_string(&path).unwrap().replace("\r\n", "\n");
    let (before, rest) = text
        .split_once(&begin)
        .expect("the file has the begin marker");
    let (_, after) = rest.split_once(&end).expect("the file has the end marker");
    let fresh = format!("{before}{begin}{table}{end}{after}");
    if text != fresh && env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &fresh).unwrap();
        return;
    }
    assert!(
        text == fresh,
        "{file}'s table of {name} is stale. Run `UPDATE_DOCS=1 cargo test --test documentation`."
    );
}

fn functions() -> String {
    let of = |wanted: fn(Support) -> bool| {
        FUNCTIONS
            .iter()
            .filter(move |Function(_, _, support)| wanted(*support))
    };
    let whole: Vec<_> = of(|support| support == Support::Whole)
        .map(|Function(_, name, _)| format!("`{name}`"))
        .collect();
    let mut text = format!("\nAs the standard says: {}.\n", whole.join(", "));
    text += "\n| In part | But |\n|---|---|\n";
    for Function(_, name, support) in of(|support| matches!(support, Support::Partly(_))) {
        if let Support::Partly(but) = support {
            let _ = writeln!(text, "| `{name}` | {but} |");
        }
    }
    text += "\n| Not here | Why |\n|---|---|\n";
    for Function(_, name, support) in FUNCTIONS {
        let why = match support {
            Support::Manager("") => "the Driver Manager's own".to_owned(),
            Support::Manager(instead) => format!("the Driver Manager calls `{instead}`"),
            Support::Whole | Support::Partly(_) => continue,
        };
        let _ = writeln!(text, "| `{name}` | {why} |");
    }
    text.push('\n');
    text
}

fn keywords() -> String {
    let mut text = String::new();
    for group in Group::ALL {
        let _ = write!(
            text,
            "\n**{}**\n\n| Keyword | Value | Default | Meaning |\n|---|---|---|---|\n",
            group.title()
        );
        for keyword in KEYWORDS.iter().filter(|keyword| keyword.group == group) {
            let others: Vec<_> = keyword
                .names()
                .skip(1)
                .map(|name| format!("`{name}`"))
                .collect();
            let others = match others.as_slice() {
                [] => String::new(),
                others => format!("<br>also {}", others.join(", ")),
            };
            let secret = if keyword.secret { ", secret" } else { "" };
            let _ = writeln!(
                text,
                "| `{}`{others} | {}{secret} | {} | {} |",
                keyword.name,
                value(keyword),
                keyword.default,
                keyword.meaning
            );
        }
    }
    text.push('\n');
    text
}

fn value(keyword: &Keyword) -> String {
    match keyword.kind {
        Kind::Manager | Kind::Text => "text".to_owned(),
        Kind::Boolean => "true, false".to_owned(),
        Kind::Integer { min, max } => format!("{min} to {max}"),
        Kind::Bytes { min, max } => {
            format!(
                "bytes, or with KB, MB, GB; {} MB to {} GB",
                min >> 20,
                max >> 30
            )
        }
        Kind::Seconds { min, max } => format!("seconds, {min} to {max}"),
        Kind::Choice(choices) => choices.join(", "),
        Kind::List => "list with commas".to_owned(),
        Kind::Pairs => "names and values".to_owned(),
        Kind::Path => "path".to_owned(),
        Kind::Paths => "paths with semicolons (in braces) or bars".to_owned(),
    }
}

/// Which Trino type can be had as which C type.
fn to_c() -> String {
    let kinds = [
        Type::Boolean,
        Type::TinyInt,
        Type::SmallInt,
        Type::Integer,
        Type::BigInt,
        Type::Decimal {
            precision: 38,
            scale: 0,
        },
        Type::Real,
        Type::Double,
        Type::Varchar { length: None },
        Type::Char { length: 1 },
        Type::Varbinary,
        Type::Date,
        Type::Time { precision: 3 },
        Type::TimeWithTimeZone { precision: 3 },
        Type::Timestamp { precision: 3 },
        Type::TimestampWithTimeZone { precision: 3 },
        Type::IntervalYearToMonth,
        Type::IntervalDayToSecond,
        Type::Uuid,
        Type::Json,
        Type::IpAddress,
        Type::Number,
        Type::Array(Box::new(Type::Integer)),
        Type::Map(Box::new(Type::Integer), Box::new(Type::Integer)),
        Type::Row(Vec::new()),
    ];
    let mut text = head("Trino", C_TYPES);
    for kind in &kinds {
        // The name of the type, but for its parameters.
        let name = kind.to_string();
        let (name, rest) = name.split_once('(').unwrap_or((&name, ""));
        let zone = if rest.ends_with("zone") {
            " with time zone"
        } else {
            ""
        };
        let default = convert::default_c_type(kind, AsText::default());
        let _ = write!(text, "| `{name}{zone}` |");
        for (heading, c_types) in C_TYPES {
            let c_types = c_types.iter().filter_map(|raw| CType::from_raw(*raw));
            let cell = |c_type| match (
                convert::supported(kind, c_type),
                convert::always_overflows(kind, c_type),
            ) {
                (true, true) => "22015",
                (true, false) => "○",
                (false, _) => "",
            };
            let has_default = c_types.clone().any(|c_type| c_type == default);
            let cell = same(heading, c_types.map(cell));
            let _ = write!(text, " {} |", if has_default { "●" } else { cell });
        }
        text.push('\n');
    }
    text.push('\n');
    text
}

/// Which C type can be given for which SQL type.
fn to_sql() -> String {
    let mut text = head("C", SQL_TYPES);
    for (name, c_types) in C_TYPES {
        let _ = write!(text, "| {name} |");
        for (heading, sql_types) in SQL_TYPES {
            let pairs = c_types.iter().filter_map(|raw| CType::from_raw(*raw));
            let pairs = pairs.flat_map(|c_type| sql_types.iter().map(move |to| (c_type, *to)));
            let default = |(c_type, to)| convert::default_parameter_type(to) == c_type;
            let cell = |(c_type, to)| match convert::parameter_supported(c_type, to) {
                true => "○",
                false => "",
            };
            let has_default = pairs.clone().any(default);
            let cell = same(heading, pairs.map(cell));
            let _ = write!(text, " {} |", if has_default { "●" } else { cell });
        }
        text.push('\n');
    }
    text.push('\n');
    text
}

/// A row of headings, and the one beneath it.
fn head(first: &str, columns: &[(&str, &[i16])]) -> String {
    let mut text = format!("\n| {first} |");
    for (heading, _) in columns {
        let _ = write!(text, " {heading} |");
    }
    text + "\n|---|" + &"---|".repeat(columns.len()) + "\n"
}

/// What all types under a heading have in common.
fn same(heading: &str, cells: impl Iterator<Item = &'static str>) -> &'static str {
    let cells: Vec<_> = cells.collect();
    let first = cells.first().copied().unwrap_or_default();
    assert!(
        cells.iter().all(|cell| *cell == first),
        "{heading}: {cells:?}"
    );
    first
}

/// C types that have the same conversions, by heading.
const C_TYPES: &[(&str, &[i16])] = &[
    ("CHAR", &[SQL_C_CHAR]),
    ("WCHAR", &[SQL_C_WCHAR]),
    ("BINARY", &[SQL_C_BINARY]),
    ("BIT", &[SQL_C_BIT]),
    (
        "STINYINT … UBIGINT",
        &[
            SQL_C_STINYINT,
            SQL_C_UTINYINT,
            SQL_C_SSHORT,
            SQL_C_USHORT,
            SQL_C_SLONG,
            SQL_C_ULONG,
            SQL_C_SBIGINT,
            SQL_C_UBIGINT,
        ],
    ),
    ("NUMERIC", &[SQL_C_NUMERIC]),
    ("FLOAT, DOUBLE", &[SQL_C_FLOAT, SQL_C_DOUBLE]),
    ("TYPE_DATE", &[SQL_C_TYPE_DATE]),
    ("TYPE_TIME", &[SQL_C_TYPE_TIME]),
    ("TYPE_TIMESTAMP", &[SQL_C_TYPE_TIMESTAMP]),
    ("GUID", &[SQL_C_GUID]),
    ("YEAR, MONTH", YEAR_OR_MONTH),
    ("YEAR_TO_MONTH", YEAR_TO_MONTH),
    ("DAY, HOUR, MINUTE, SECOND", DAY_TO_SECOND_ALONE),
    ("DAY_TO_HOUR … MINUTE_TO_SECOND", DAY_TO_SECOND),
];

/// SQL types that have the same conversions, by heading. Intervals have the numbers of their C types.
const SQL_TYPES: &[(&str, &[i16])] = &[
    (
        "CHAR, VARCHAR, LONGVARCHAR",
        &[SQL_CHAR, SQL_VARCHAR, SQL_LONGVARCHAR],
    ),
    (
        "WCHAR, WVARCHAR, WLONGVARCHAR",
        &[SQL_WCHAR, SQL_WVARCHAR, SQL_WLONGVARCHAR],
    ),
    ("BIT", &[SQL_BIT]),
    (
        "TINYINT … BIGINT",
        &[SQL_TINYINT, SQL_SMALLINT, SQL_INTEGER, SQL_BIGINT],
    ),
    ("DECIMAL, NUMERIC", &[SQL_DECIMAL, SQL_NUMERIC]),
    ("REAL, FLOAT, DOUBLE", &[SQL_REAL, SQL_FLOAT, SQL_DOUBLE]),
    (
        "BINARY, VARBINARY, LONGVARBINARY",
        &[SQL_BINARY, SQL_VARBINARY, SQL_LONGVARBINARY],
    ),
    ("TYPE_DATE", &[SQL_TYPE_DATE]),
    ("TYPE_TIME", &[SQL_TYPE_TIME]),
    ("TYPE_TIMESTAMP", &[SQL_TYPE_TIMESTAMP]),
    ("GUID", &[SQL_GUID]),
    ("YEAR, MONTH", YEAR_OR_MONTH),
    ("YEAR_TO_MONTH", YEAR_TO_MONTH),
    ("DAY, HOUR, MINUTE, SECOND", DAY_TO_SECOND_ALONE),
    ("DAY_TO_HOUR … MINUTE_TO_SECOND", DAY_TO_SECOND),
];

const YEAR_OR_MONTH: &[i16] = &[SQL_C_INTERVAL_YEAR, SQL_C_INTERVAL_MONTH];
const YEAR_TO_MONTH: &[i16] = &[SQL_C_INTERVAL_YEAR_TO_MONTH];
const DAY_TO_SECOND_ALONE: &[i16] = &[
    SQL_C_INTERVAL_DAY,
    SQL_C_INTERVAL_HOUR,
    SQL_C_INTERVAL_MINUTE,
    SQL_C_INTERVAL_SECOND,
];
const DAY_TO_SECOND: &[i16] = &[
    SQL_C_INTERVAL_DAY_TO_HOUR,
    SQL_C_INTERVAL_DAY_TO_MINUTE,
    SQL_C_INTERVAL_DAY_TO_SECOND,
    SQL_C_INTERVAL_HOUR_TO_MINUTE,
    SQL_C_INTERVAL_HOUR_TO_SECOND,
    SQL_C_INTERVAL_MINUTE_TO_SECOND,
];
