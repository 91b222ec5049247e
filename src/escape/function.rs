//! The scalar functions of ODBC's Appendix E: one table, from which SQLGetInfo's masks are made too.
//!
//! A function becomes text with its arguments put in, each once and in their order, so that parameter markers keep
//! theirs. Where Trino needs an argument twice or elsewhere, a lambda has them as the fields of a row.
//!
//! <https://learn.microsoft.com/sql/odbc/reference/appendixes/appendix-e-scalar-functions>

use super::argument::{Argument, fill};
use super::error::Problem;
use super::{conversion, timestamp};
use crate::abi::*;

/// A function with a number of arguments. One that can have different numbers has several rows.
#[derive(Debug, Clone, Copy)]
pub struct Function {
    pub name: &'static str,
    pub group: Group,
    /// Its bit in the mask of its group.
    pub bit: u32,
    arguments: usize,
    separator: Separator,
    body: Body,
}

/// The masks of SQLGetInfo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// SQL_STRING_FUNCTIONS.
    String,
    /// SQL_NUMERIC_FUNCTIONS.
    Numeric,
    /// SQL_TIMEDATE_FUNCTIONS.
    TimeDate,
    /// SQL_SYSTEM_FUNCTIONS.
    System,
    /// SQL_CONVERT_FUNCTIONS.
    Convert,
}

/// What stands between arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Separator {
    Comma,
    Word(&'static str),
}

impl Separator {
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Comma => ",",
            Self::Word(word) => word,
        }
    }
}

/// What a call becomes.
#[derive(Debug, Clone, Copy)]
enum Body {
    /// A text as [`fill`] takes it.
    Text(&'static str),
    Made(fn(&[Argument]) -> Result<String, Problem>),
}

impl Function {
    /// What stands between the arguments of the function `name`.
    pub(super) fn separator(name: &str) -> Separator {
        Self::named(name)
            .next()
            .map_or(Separator::Comma, |function| function.separator)
    }

    /// What a call becomes; `None` for a function that is not in Appendix E, or not with so many arguments.
    pub(super) fn call(name: &str, arguments: &[Argument]) -> Result<Option<String>, Problem> {
        let given = arguments.len();
        let Some(function) = Self::named(name).find(|it| it.arguments == given) else {
            return Ok(None);
        };
        match function.body {
            Body::Text(text) => Ok(Some(fill(text, arguments))),
            Body::Made(make) => make(arguments).map(Some),
        }
    }

    fn named(name: &str) -> impl Iterator<Item = &'static Self> {
        FUNCTIONS
            .iter()
            .filter(move |function| function.name.eq_ignore_ascii_case(name))
    }
}

/// The mask of a group.
pub const fn functions(group: Group) -> u32 {
    let (mut mask, mut index) = (0, 0);
    while index < FUNCTIONS.len() {
        if FUNCTIONS[index].group as u8 == group as u8 {
            mask |= FUNCTIONS[index].bit;
        }
        index += 1;
    }
    mask
}

/// TRUNCATE. Trino's function takes places for decimals only. The remainder of a power of ten is exact for every type, so
/// it serves where that power can be written out.
fn truncate(arguments: &[Argument]) -> Result<String, Problem> {
    let text = match arguments.get(1).and_then(Argument::integer) {
        Some(places) if places.unsigned_abs() <= MOST_PLACES => {
            let zeros = "0".repeat(places.unsigned_abs() as usize);
            let unit = match places {
                1.. => format!("0.{}1", zeros.get(1..).unwrap_or_default()),
                _ => format!("1{zeros}"),
            };
            format!("transform(ARRAY[$1], r -> round(r - mod(r, DECIMAL '{unit}'), {places}))[1]")
        }
        _ => "truncate($1, $2)".to_owned(),
    };
    Ok(fill(&text, arguments))
}

const MOST_PLACES: u64 = 15;

const fn row(group: Group, name: &'static str, bit: u32, arguments: usize, body: Body) -> Function {
    Function {
        name,
        group,
        bit,
        arguments,
        separator: Separator::Comma,
        body,
    }
}

const fn string(name: &'static str, bit: u32, arguments: usize, text: &'static str) -> Function {
    row(Group::String, name, bit, arguments, Body::Text(text))
}

const fn numeric(name: &'static str, bit: u32, arguments: usize, text: &'static str) -> Function {
    row(Group::Numeric, name, bit, arguments, Body::Text(text))
}

const fn timedate(name: &'static str, bit: u32, arguments: usize, text: &'static str) -> Function {
    row(Group::TimeDate, name, bit, arguments, Body::Text(text))
}

const fn system(name: &'static str, bit: u32, arguments: usize, text: &'static str) -> Function {
    row(Group::System, name, bit, arguments, Body::Text(text))
}

const fn with_word(word: &'static str, function: Function) -> Function {
    Function {
        separator: Separator::Word(word),
        ..function
    }
}

/// Every function of Appendix E, in its order.
const FUNCTIONS: &[Function] = &[
    // Strings. Where the standard says blanks, spaces are meant: Trino's own trims take tabs and line ends too. Older
    // versions (368) have no TRIM(LEADING …).
    string(
        "ASCII",
        SQL_FN_STR_ASCII,
        1,
        "codepoint(CAST(nullif(%1, '') AS varchar(1)))",
    ),
    string(
        "BIT_LENGTH",
        SQL_FN_STR_BIT_LENGTH,
        1,
        "(8 * length(to_utf8(%1)))",
    ),
    string("CHAR", SQL_FN_STR_CHAR, 1, "chr($1)"),
    string("CHAR_LENGTH", SQL_FN_STR_CHAR_LENGTH, 1, "length(%1)"),
    string(
        "CHARACTER_LENGTH",
        SQL_FN_STR_CHARACTER_LENGTH,
        1,
        "length(%1)",
    ),
    string("CONCAT", SQL_FN_STR_CONCAT, 2, "concat(%1, %2)"),
    // As many of the four characters as are the same; 4 for names that sound alike.
    string(
        "DIFFERENCE",
        SQL_FN_STR_DIFFERENCE,
        2,
        "(4 - hamming_distance(rpad(soundex(%1), 4, '0'), rpad(soundex(%2), 4, '0')))",
    ),
    string(
        "INSERT",
        SQL_FN_STR_INSERT,
        4,
        "transform(ARRAY[ROW(%1, $2, $3, %4)], r -> \
         concat(substr(r[1], 1, r[2] - 1), r[4], substr(r[1], r[2] + r[3])))[1]",
    ),
    string("LCASE", SQL_FN_STR_LCASE, 1, "lower(%1)"),
    string("LEFT", SQL_FN_STR_LEFT, 2, "substr(%1, 1, $2)"),
    string("LENGTH", SQL_FN_STR_LENGTH, 1, "length(rtrim(%1, ' '))"),
    string("LOCATE", SQL_FN_STR_LOCATE_2, 2, "position(%1 IN %2)"),
    string(
        "LOCATE",
        SQL_FN_STR_LOCATE,
        3,
        "transform(ARRAY[ROW(%1, %2, greatest($3, 1))], r -> if(strpos(substr(r[2], r[3]), r[1]) = 0, \
         0, strpos(substr(r[2], r[3]), r[1]) + r[3] - 1))[1]",
    ),
    string("LTRIM", SQL_FN_STR_LTRIM, 1, "ltrim(%1, ' ')"),
    string(
        "OCTET_LENGTH",
        SQL_FN_STR_OCTET_LENGTH,
        1,
        "length(to_utf8(%1))",
    ),
    with_word(
        "IN",
        string("POSITION", SQL_FN_STR_POSITION, 2, "position(%1 IN %2)"),
    ),
    // Trino's repeat makes an array, and of 10,000 elements at most.
    string(
        "REPEAT",
        SQL_FN_STR_REPEAT,
        2,
        "transform(ARRAY[ROW(%1, greatest($2, 0))], r -> \
         replace(lpad('', r[2], ' '), ' ', r[1]))[1]",
    ),
    string("REPLACE", SQL_FN_STR_REPLACE, 3, "replace(%1, %2, %3)"),
    // A start counted from the end would find nothing in a string that is shorter.
    string(
        "RIGHT",
        SQL_FN_STR_RIGHT,
        2,
        "reverse(substr(reverse(%1), 1, $2))",
    ),
    string("RTRIM", SQL_FN_STR_RTRIM, 1, "rtrim(%1, ' ')"),
    string("SOUNDEX", SQL_FN_STR_SOUNDEX, 1, "soundex(%1)"),
    string(
        "SPACE",
        SQL_FN_STR_SPACE,
        1,
        "lpad('', greatest($1, 0), ' ')",
    ),
    string("SUBSTRING", SQL_FN_STR_SUBSTRING, 3, "substr(%1, $2, $3)"),
    string("UCASE", SQL_FN_STR_UCASE, 1, "upper(%1)"),
    // Numbers. Functions of doubles take every number but NUMBER.
    numeric("ABS", SQL_FN_NUM_ABS, 1, "abs($1)"),
    numeric("ACOS", SQL_FN_NUM_ACOS, 1, "acos(CAST($1 AS double))"),
    numeric("ASIN", SQL_FN_NUM_ASIN, 1, "asin(CAST($1 AS double))"),
    numeric("ATAN", SQL_FN_NUM_ATAN, 1, "atan(CAST($1 AS double))"),
    // The appendix calls the first argument x, every data source takes it for y; applications mean what those do.
    numeric(
        "ATAN2",
        SQL_FN_NUM_ATAN2,
        2,
        "atan2(CAST($1 AS double), CAST($2 AS double))",
    ),
    numeric("CEILING", SQL_FN_NUM_CEILING, 1, "ceiling($1)"),
    numeric("COS", SQL_FN_NUM_COS, 1, "cos(CAST($1 AS double))"),
    numeric("COT", SQL_FN_NUM_COT, 1, "(1e0 / tan(CAST($1 AS double)))"),
    numeric(
        "DEGREES",
        SQL_FN_NUM_DEGREES,
        1,
        "degrees(CAST($1 AS double))",
    ),
    numeric("EXP", SQL_FN_NUM_EXP, 1, "exp(CAST($1 AS double))"),
    numeric("FLOOR", SQL_FN_NUM_FLOOR, 1, "floor($1)"),
    numeric("LOG", SQL_FN_NUM_LOG, 1, "ln(CAST($1 AS double))"),
    numeric("LOG10", SQL_FN_NUM_LOG10, 1, "log10(CAST($1 AS double))"),
    numeric("MOD", SQL_FN_NUM_MOD, 2, "mod($1, $2)"),
    numeric("PI", SQL_FN_NUM_PI, 0, "pi()"),
    numeric(
        "POWER",
        SQL_FN_NUM_POWER,
        2,
        "power(CAST($1 AS double), CAST($2 AS double))",
    ),
    numeric(
        "RADIANS",
        SQL_FN_NUM_RADIANS,
        1,
        "radians(CAST($1 AS double))",
    ),
    numeric("RAND", SQL_FN_NUM_RAND, 0, "random()"),
    // Trino's has no seed. 53 bits of a hash are as good: the same number for the same seed.
    numeric(
        "RAND",
        SQL_FN_NUM_RAND,
        1,
        "(CAST(bitwise_and(from_big_endian_64(xxhash64(to_big_endian_64($1))), 9007199254740991) \
         AS double) / 9007199254740992e0)",
    ),
    numeric("ROUND", SQL_FN_NUM_ROUND, 2, "round($1, $2)"),
    numeric("SIGN", SQL_FN_NUM_SIGN, 1, "sign($1)"),
    numeric("SIN", SQL_FN_NUM_SIN, 1, "sin(CAST($1 AS double))"),
    numeric("SQRT", SQL_FN_NUM_SQRT, 1, "sqrt(CAST($1 AS double))"),
    numeric("TAN", SQL_FN_NUM_TAN, 1, "tan(CAST($1 AS double))"),
    row(
        Group::Numeric,
        "TRUNCATE",
        SQL_FN_NUM_TRUNCATE,
        2,
        Body::Made(truncate),
    ),
    // Dates and times. The current ones are local, as the standard says: Trino's CURRENT_TIMESTAMP has a zone.
    timedate("CURRENT_DATE", SQL_FN_TD_CURRENT_DATE, 0, "current_date"),
    timedate("CURRENT_TIME", SQL_FN_TD_CURRENT_TIME, 0, "localtime"),
    timedate("CURRENT_TIME", SQL_FN_TD_CURRENT_TIME, 1, "localtime($1)"),
    timedate(
        "CURRENT_TIMESTAMP",
        SQL_FN_TD_CURRENT_TIMESTAMP,
        0,
        "localtimestamp",
    ),
    timedate(
        "CURRENT_TIMESTAMP",
        SQL_FN_TD_CURRENT_TIMESTAMP,
        1,
        "localtimestamp($1)",
    ),
    timedate("CURDATE", SQL_FN_TD_CURDATE, 0, "current_date"),
    timedate("CURTIME", SQL_FN_TD_CURTIME, 0, "localtime"),
    timedate("CURTIME", SQL_FN_TD_CURTIME, 1, "localtime($1)"),
    timedate(
        "DAYNAME",
        SQL_FN_TD_DAYNAME,
        1,
        "format_datetime(@1, 'EEEE')",
    ),
    timedate("DAYOFMONTH", SQL_FN_TD_DAYOFMONTH, 1, "day(@1)"),
    // Sunday is 1; in Trino Monday is.
    timedate(
        "DAYOFWEEK",
        SQL_FN_TD_DAYOFWEEK,
        1,
        "(day_of_week(@1) % 7 + 1)",
    ),
    timedate("DAYOFYEAR", SQL_FN_TD_DAYOFYEAR, 1, "day_of_year(@1)"),
    with_word(
        "FROM",
        timedate("EXTRACT", SQL_FN_TD_EXTRACT, 2, "extract($1 FROM @2)"),
    ),
    timedate("HOUR", SQL_FN_TD_HOUR, 1, "hour(@1)"),
    timedate("MINUTE", SQL_FN_TD_MINUTE, 1, "minute(@1)"),
    timedate("MONTH", SQL_FN_TD_MONTH, 1, "month(@1)"),
    timedate(
        "MONTHNAME",
        SQL_FN_TD_MONTHNAME,
        1,
        "format_datetime(@1, 'MMMM')",
    ),
    timedate("NOW", SQL_FN_TD_NOW, 0, "localtimestamp"),
    timedate("QUARTER", SQL_FN_TD_QUARTER, 1, "quarter(@1)"),
    timedate("SECOND", SQL_FN_TD_SECOND, 1, "second(@1)"),
    row(
        Group::TimeDate,
        "TIMESTAMPADD",
        SQL_FN_TD_TIMESTAMPADD,
        3,
        Body::Made(timestamp::add),
    ),
    row(
        Group::TimeDate,
        "TIMESTAMPDIFF",
        SQL_FN_TD_TIMESTAMPDIFF,
        3,
        Body::Made(timestamp::difference),
    ),
    timedate("WEEK", SQL_FN_TD_WEEK, 1, "week(@1)"),
    timedate("YEAR", SQL_FN_TD_YEAR, 1, "year(@1)"),
    // System.
    system("DATABASE", SQL_FN_SYS_DBNAME, 0, "current_catalog"),
    system("IFNULL", SQL_FN_SYS_IFNULL, 2, "coalesce($1, $2)"),
    system("USER", SQL_FN_SYS_USERNAME, 0, "current_user"),
    // Types.
    row(
        Group::Convert,
        "CONVERT",
        SQL_FN_CVT_CONVERT,
        2,
        Body::Made(conversion::convert),
    ),
];

#[cfg(test)]
mod tests {
    use super::{Body, FUNCTIONS, Group, functions};

    #[test]
    fn a_text_has_each_argument_once_and_in_order() {
        for function in FUNCTIONS {
            let Body::Text(text) = function.body else {
                continue;
            };
            let mut pieces = text.split(['$', '%', '@']);
            pieces.next();
            let numbers: Vec<usize> = pieces
                .filter_map(|piece| piece.chars().next()?.to_digit(10))
                .map(|digit| digit as usize)
                .collect();
            let expected: Vec<usize> = (1..=function.arguments).collect();
            assert_eq!(numbers, expected, "{}", function.name);
        }
    }

    #[test]
    fn what_ends_in_an_operator_stands_in_parentheses() {
        for function in FUNCTIONS {
            if let Body::Text(text) = function.body {
                let outside = text
                    .find(['+', '/'])
                    .is_some_and(|at| !text[..at].contains('('));
                assert!(!outside, "{}", function.name);
            }
        }
    }

    #[test]
    fn all_of_the_standard_is_there() {
        assert_eq!(functions(Group::String), 0x00ff_ffff);
        assert_eq!(functions(Group::Numeric), 0x00ff_ffff);
        assert_eq!(functions(Group::TimeDate), 0x001f_ffff);
        assert_eq!(functions(Group::System), 0x7);
        assert_eq!(functions(Group::Convert), 0x1);
    }
}
