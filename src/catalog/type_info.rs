//! SQLGetTypeInfo: the types that a column can be created or cast with.

use std::borrow::Cow;

use trino_client::columns::{
    AsText, Chunk, ColumnInfo, IntervalField, IntervalFields, NUMBER_SCALE, Type,
};

use super::column_rows;
use super::described::{Described, Limits, describe};
use super::rows::{Cell, chunk, integer, small, unbounded, varchar};
use crate::abi::*;

/// The rows of SQLGetTypeInfo for one concise SQL type, or for all with [`SQL_ALL_TYPES`]. ODBC 2
/// applications ask for and get the date and time types of ODBC 2.
///
/// Sizes are the largest that may stand in a declaration, not those of columns: pyodbc takes them
/// for the longest parameter it may send at once, and others for the longest column that they may
/// create.
///
/// Applications that create tables look for a type by SQL types that no column of Trino has, such
/// as SQL_VARCHAR: they get the row of the type that holds the same. The list of all types has no
/// such rows: Power Query joins it with SQLColumns by name, so that each name stands there once.
///
/// Types that came later are listed of a server whose `release` is known to have them.
pub fn type_info(
    data_type: i16,
    odbc2: bool,
    as_text: AsText,
    release: Option<u32>,
) -> (Vec<ColumnInfo>, Chunk) {
    let mut found = rows(data_type, odbc2, as_text, release);
    if found.is_empty() {
        // An interval described as text is still a type for creating columns.
        let typed = AsText {
            intervals: false,
            ..as_text
        };
        found = rows(data_type, odbc2, typed, release);
    }
    let columns = columns();
    let chunk = chunk(&columns, &found);
    (columns, chunk)
}

/// By DATA_TYPE, then the closest first.
fn rows(data_type: i16, odbc2: bool, as_text: AsText, release: Option<u32>) -> Vec<Vec<Cell>> {
    let largest = Limits {
        text: MAX_LENGTH,
        complex: MAX_LENGTH,
        binary: MAX_LENGTH,
        as_text,
    };
    let mut rows = Vec::new();
    for offer in offered(release.unwrap_or_default()) {
        let described = describe(&offer.kind, &largest);
        let own = column_rows::data_type(described.sql_type, odbc2);
        let requested = offer
            .requested
            .iter()
            .filter(|_| data_type != SQL_ALL_TYPES);
        let names = [own].into_iter().chain(requested.copied());
        for name in names.filter(|name| [SQL_ALL_TYPES, *name].contains(&data_type)) {
            let verbose = if name == own {
                described.verbose_type
            } else {
                name
            };
            rows.push((name, row(&offer, &described, name, verbose)));
        }
    }
    // The sort is stable, and `offered` has the closest first.
    rows.sort_by_key(|(name, _)| *name);
    rows.into_iter().map(|(_, cells)| cells).collect()
}

/// A type with its largest parameters, and the names of its parameters.
struct Offer {
    kind: Type,
    parameters: &'static str,
    max_scale: Option<i16>,
    /// SQL types for which it is returned on request.
    requested: &'static [i16],
}

impl Offer {
    fn new(kind: Type, parameters: &'static str, max_scale: Option<i16>) -> Self {
        Self {
            kind,
            parameters,
            max_scale,
            requested: &[],
        }
    }

    /// A type without parameters or fraction.
    fn plain(kind: Type) -> Self {
        Self::new(kind, "", None)
    }

    /// An integer.
    fn whole(kind: Type) -> Self {
        Self::new(kind, "", Some(0))
    }
}

fn row(offer: &Offer, described: &Described, data_type: i16, verbose_type: i16) -> Vec<Cell> {
    let size = match offer.kind {
        // A character is measured in the units of its text elsewhere, and counts once in a
        // declaration.
        Type::Char { length } => length as usize,
        _ => described.column_size,
    };
    let is_number = described.radix != 0;
    let type_name: Cow<'static, str> = Cow::Owned(described.type_name.clone());
    vec![
        Cell::Text(type_name.clone()),
        Cell::Small(data_type),
        Cell::size(size),
        Cell::text_if_any(described.literal_prefix),
        Cell::text_if_any(described.literal_suffix),
        Cell::text_if_any(offer.parameters),
        Cell::Small(SQL_NULLABLE),
        Cell::Small(i16::from(described.case_sensitive)),
        Cell::Small(described.searchable),
        Cell::small_if(is_number, i16::from(described.unsigned)),
        Cell::Small(i16::from(described.fixed_prec_scale)),
        Cell::small_if(is_number, 0),
        Cell::Text(type_name),
        Cell::small_if(offer.max_scale.is_some(), 0),
        offer.max_scale.map_or(Cell::Null, Cell::Small),
        Cell::Small(verbose_type),
        Cell::small_if(described.datetime_code != 0, described.datetime_code),
        if is_number {
            Cell::Integer(described.radix.into())
        } else {
            Cell::Null
        },
        Cell::small_if(
            described.interval_precision != 0,
            described.interval_precision,
        ),
    ]
}

fn columns() -> Vec<ColumnInfo> {
    vec![
        unbounded("TYPE_NAME"),
        small("DATA_TYPE"),
        integer("COLUMN_SIZE"),
        varchar("LITERAL_PREFIX", 32),
        varchar("LITERAL_SUFFIX", 32),
        varchar("CREATE_PARAMS", 32),
        small("NULLABLE"),
        small("CASE_SENSITIVE"),
        small("SEARCHABLE"),
        small("UNSIGNED_ATTRIBUTE"),
        small("FIXED_PREC_SCALE"),
        small("AUTO_UNIQUE_VALUE"),
        unbounded("LOCAL_TYPE_NAME"),
        small("MINIMUM_SCALE"),
        small("MAXIMUM_SCALE"),
        small("SQL_DATA_TYPE"),
        small("SQL_DATETIME_SUB"),
        integer("NUM_PREC_RADIX"),
        small("INTERVAL_PRECISION"),
    ]
}

fn offered(release: u32) -> Vec<Offer> {
    let seconds = Some(9);
    let mut offered = vec![
        Offer::plain(Type::Uuid),
        Offer {
            requested: &[SQL_WLONGVARCHAR, SQL_LONGVARCHAR, SQL_VARCHAR],
            ..Offer::new(Type::Varchar { length: None }, "max length", None)
        },
        Offer::plain(Type::Json),
        Offer::plain(Type::IpAddress),
        Offer::plain(Type::TimeWithTimeZone { precision: 12 }),
        Offer::plain(Type::Array(Box::new(Type::Unknown))),
        Offer::plain(Type::Map(Box::new(Type::Unknown), Box::new(Type::Unknown))),
        Offer::plain(Type::Row(Vec::new())),
        Offer {
            requested: &[SQL_CHAR],
            ..Offer::new(Type::Char { length: 65_536 }, "length", None)
        },
        Offer::plain(Type::Boolean),
        Offer::whole(Type::TinyInt),
        Offer {
            requested: &[SQL_LONGVARBINARY, SQL_BINARY],
            ..Offer::plain(Type::Varbinary)
        },
        Offer {
            requested: &[SQL_NUMERIC],
            ..Offer::new(
                Type::Decimal {
                    precision: 38,
                    scale: 0,
                },
                "precision,scale",
                Some(38),
            )
        },
        // Behind decimals and text, which it may be described as.
        Offer::whole(Type::BigInt),
        Offer::whole(Type::Integer),
        Offer::whole(Type::SmallInt),
        Offer::plain(Type::Real),
        Offer {
            requested: &[SQL_FLOAT],
            ..Offer::plain(Type::Double)
        },
        Offer::plain(Type::Date),
        Offer::new(Type::Time { precision: 12 }, "precision", seconds),
        Offer::new(Type::Timestamp { precision: 12 }, "precision", seconds),
        Offer::new(Type::TimestampWithTimeZone { precision: 12 }, "", seconds),
    ];
    if release >= INTERVALS {
        offered.extend(intervals());
    } else {
        offered.push(Offer::plain(Type::IntervalYearToMonth));
        offered.push(Offer::new(Type::IntervalDayToSecond, "", Some(3)));
    }
    // Behind decimals, doubles and text, which it may be described as.
    if release >= NUMBER {
        offered.push(Offer::new(Type::Number, "", Some(NUMBER_SCALE.into())));
    }
    if release >= VARIANT {
        offered.push(Offer::plain(Type::Variant));
    }
    offered
}

/// The intervals of the standard, each with the most digits that it may have.
fn intervals() -> impl Iterator<Item = Offer> {
    let fields = IntervalField::ALL.into_iter();
    fields.flat_map(|first| {
        IntervalField::ALL.into_iter().filter_map(move |last| {
            let leading = if first <= IntervalField::Month {
                10
            } else {
                13
            };
            let fraction = if last == IntervalField::Second { 12 } else { 0 };
            let fields = IntervalFields::new(first, last, leading, fraction)?;
            Some(Offer {
                kind: Type::Interval(fields),
                parameters: "",
                max_scale: (fraction > 0).then_some(9),
                requested: &[],
            })
        })
    })
}

/// The first releases that have these types.
const NUMBER: u32 = 480;
const VARIANT: u32 = 481;
const INTERVALS: u32 = 484;

const MAX_LENGTH: usize = i32::MAX as usize;

#[cfg(test)]
mod tests {
    use trino_client::columns::{AsText, BigIntegers, Chunk, ColumnInfo, Numbers};

    use crate::abi::*;
    use crate::catalog::rows::shown;

    fn type_info(data_type: i16, odbc2: bool) -> (Vec<ColumnInfo>, Chunk) {
        super::type_info(data_type, odbc2, AsText::default(), Some(476))
    }

    #[test]
    fn all_types_come_sorted_by_number() {
        let (columns, chunk) = type_info(SQL_ALL_TYPES, false);
        assert_eq!(columns.len(), 19);
        assert_eq!(chunk.rows(), 24);
        let types: Vec<i16> = (0..chunk.rows())
            .map(|row| shown(&chunk, 1, row).unwrap().parse().unwrap())
            .collect();
        assert!(types.is_sorted());
    }

    #[test]
    fn the_closest_type_comes_first() {
        let (_, chunk) = type_info(SQL_WVARCHAR, false);
        assert_eq!(shown(&chunk, 0, 0).as_deref(), Some("varchar"));
        assert_eq!(shown(&chunk, 2, 0).as_deref(), Some("2147483647"));
        let (_, chunk) = type_info(SQL_TYPE_TIMESTAMP, false);
        assert_eq!(shown(&chunk, 0, 0).as_deref(), Some("timestamp"));
        assert_eq!(chunk.rows(), 2);
    }

    #[test]
    fn a_row_has_what_its_type_has() {
        let (_, chunk) = type_info(SQL_DECIMAL, false);
        let row: Vec<_> = (0..19).map(|column| shown(&chunk, column, 0)).collect();
        let expected = [
            Some("decimal"),
            Some("3"),
            Some("38"),
            None,
            None,
            Some("precision,scale"),
            Some("1"),
            Some("0"),
            Some("2"),
            Some("0"),
            Some("0"),
            Some("0"),
            Some("decimal"),
            Some("0"),
            Some("38"),
            Some("3"),
            None,
            Some("10"),
            None,
        ];
        assert_eq!(row, expected.map(|cell| cell.map(str::to_owned)));
    }

    #[test]
    fn literals_are_quoted_as_trino_reads_them() {
        let (_, chunk) = type_info(SQL_TYPE_DATE, false);
        assert_eq!(shown(&chunk, 3, 0).as_deref(), Some("DATE '"));
        assert_eq!(shown(&chunk, 4, 0).as_deref(), Some("'"));
        assert_eq!(shown(&chunk, 15, 0).as_deref(), Some("9"));
        assert_eq!(shown(&chunk, 16, 0).as_deref(), Some("1"));
    }

    #[test]
    fn odbc_2_knows_other_numbers_for_dates() {
        assert_eq!(type_info(9, true).1.rows(), 1);
        assert_eq!(type_info(11, true).1.rows(), 2);
        assert_eq!(type_info(SQL_TYPE_DATE, true).1.rows(), 0);
    }

    #[test]
    fn a_type_that_trino_lacks_has_no_row() {
        let (columns, chunk) = type_info(SQL_C_INTERVAL_HOUR, false);
        assert_eq!((columns.len(), chunk.rows()), (19, 0));
    }

    #[test]
    fn a_type_is_found_by_each_sql_type_that_it_stands_for() {
        for (asked, name) in [
            (SQL_CHAR, "char"),
            (SQL_VARCHAR, "varchar"),
            (SQL_LONGVARCHAR, "varchar"),
            (SQL_WLONGVARCHAR, "varchar"),
            (SQL_BINARY, "varbinary"),
            (SQL_LONGVARBINARY, "varbinary"),
            (SQL_NUMERIC, "decimal"),
            (SQL_FLOAT, "double"),
        ] {
            for odbc2 in [false, true] {
                let (_, chunk) = type_info(asked, odbc2);
                assert_eq!(chunk.rows(), 1, "{asked}");
                assert_eq!(shown(&chunk, 0, 0).as_deref(), Some(name));
                let number = Some(asked.to_string());
                assert_eq!(
                    (shown(&chunk, 1, 0), shown(&chunk, 15, 0)),
                    (number.clone(), number)
                );
            }
        }
    }

    #[test]
    fn a_name_is_listed_once_as_columns_are_described() {
        let (_, chunk) = type_info(SQL_ALL_TYPES, false);
        let listed = |name: &str| -> Vec<String> {
            (0..chunk.rows())
                .filter(|row| shown(&chunk, 0, *row).as_deref() == Some(name))
                .filter_map(|row| shown(&chunk, 1, row))
                .collect()
        };
        for (name, sql_type) in [
            ("varchar", SQL_WVARCHAR),
            ("char", SQL_WCHAR),
            ("varbinary", SQL_VARBINARY),
            ("decimal", SQL_DECIMAL),
            ("double", SQL_DOUBLE),
        ] {
            assert_eq!(listed(name), [sql_type.to_string()], "{name}");
        }
    }

    #[test]
    fn a_declaration_counts_characters() {
        let (_, chunk) = type_info(SQL_WCHAR, false);
        assert_eq!(shown(&chunk, 2, 0).as_deref(), Some("65536"));
    }

    #[test]
    fn a_bigint_is_listed_as_what_it_is_described_as() {
        for (big_integers, data_type, first) in [
            (BigIntegers::BigInt, SQL_BIGINT, "bigint"),
            (BigIntegers::Decimal, SQL_DECIMAL, "decimal"),
            (BigIntegers::Text, SQL_WVARCHAR, "varchar"),
        ] {
            let as_text = AsText {
                big_integers,
                ..AsText::default()
            };
            let (_, chunk) = super::type_info(data_type, false, as_text, None);
            assert_eq!(shown(&chunk, 0, 0).as_deref(), Some(first));
            let bigint =
                (0..chunk.rows()).any(|row| shown(&chunk, 0, row).as_deref() == Some("bigint"));
            assert!(bigint, "{first}");
            let elsewhere = super::type_info(SQL_BIGINT, false, as_text, None).1.rows();
            assert_eq!(elsewhere, usize::from(big_integers == BigIntegers::BigInt));
        }
    }

    #[test]
    fn types_are_listed_of_releases_that_have_them() {
        let listed = |release, numbers| {
            let as_text = AsText {
                intervals: false,
                numbers,
                ..AsText::default()
            };
            let (_, chunk) = super::type_info(SQL_ALL_TYPES, false, as_text, release);
            let row = |row| Some((shown(&chunk, 0, row)?, shown(&chunk, 1, row)?));
            (0..chunk.rows()).filter_map(row).collect::<Vec<_>>()
        };
        let types = |release| {
            let listed = listed(release, Numbers::Decimal);
            let has = |name| listed.iter().any(|(listed, _)| listed == name);
            (
                listed.len(),
                has("number"),
                has("variant"),
                has("interval hour to minute"),
            )
        };
        assert_eq!(types(None), (24, false, false, false));
        assert_eq!(types(Some(479)), (24, false, false, false));
        assert_eq!(types(Some(480)), (25, true, false, false));
        assert_eq!(types(Some(483)), (26, true, true, false));
        assert_eq!(types(Some(484)), (37, true, true, true));
        for (numbers, data_type, before) in [
            (Numbers::Decimal, SQL_DECIMAL, "decimal"),
            (Numbers::Double, SQL_DOUBLE, "double"),
            (Numbers::Text, SQL_WVARCHAR, "varchar"),
        ] {
            let listed = listed(Some(483), numbers);
            let data_type = data_type.to_string();
            let mut names = listed.iter().filter(|(_, own)| *own == data_type);
            assert_eq!(names.next().map(|(name, _)| name.as_str()), Some(before));
            assert!(names.any(|(name, _)| name == "number"), "{before}");
        }
        let (_, chunk) = super::type_info(103, false, AsText::default(), Some(484));
        let row: Vec<_> = (0..19).map(|column| shown(&chunk, column, 0)).collect();
        assert_eq!(row[0].as_deref(), Some("interval day"));
        assert_eq!(
            (row[15].as_deref(), row[16].as_deref()),
            (Some("10"), Some("3"))
        );
        assert_eq!(row[18].as_deref(), Some("13"));
    }

    #[test]
    fn what_is_wanted_as_text_is_listed_after_text() {
        let as_text = AsText {
            zoned_timestamps: true,
            intervals: true,
            ..AsText::default()
        };
        let names = |data_type| {
            let (_, chunk) = super::type_info(data_type, false, as_text, None);
            (0..chunk.rows())
                .filter_map(|row| shown(&chunk, 0, row))
                .collect::<Vec<_>>()
        };
        let text = names(SQL_WVARCHAR);
        assert_eq!(text.first().map(String::as_str), Some("varchar"));
        assert!(text.iter().any(|name| name == "timestamp with time zone"));
        assert!(text.iter().any(|name| name == "interval day to second"));
        assert_eq!(names(SQL_TYPE_TIMESTAMP), ["timestamp"]);
        let interval = "interval day to second";
        assert_eq!(names(SQL_INTERVAL_DAY_TO_SECOND), [interval]);
        let all = names(SQL_ALL_TYPES);
        assert_eq!(all.iter().filter(|name| *name == interval).count(), 1);
    }
}
