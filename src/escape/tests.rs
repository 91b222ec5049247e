use proptest::prelude::*;
use trino_client::sql::{Statement, tokens};

use super::{Problem, translate};

fn native(sql: &str) -> String {
    translate(sql).unwrap().into_owned()
}

fn problem(sql: &str) -> Problem {
    translate(sql).unwrap_err().problem
}

#[test]
fn literals_take_trinos_keywords() {
    for (sql, expected) in [
        ("SELECT {d '2020-01-02'}", "SELECT DATE '2020-01-02'"),
        ("SELECT { T '10:11:12' }", "SELECT TIME '10:11:12'"),
        (
            "{ts'2024-01-01T00:00:00'}",
            "TIMESTAMP '2024-01-01 00:00:00'",
        ),
        ("{d '2024-01-01 00:00:00'}", "DATE '2024-01-01'"),
        (
            "{fn YEAR('2024-01-01T10:00:00')}",
            "year(TIMESTAMP '2024-01-01 10:00:00')",
        ),
        (
            "x = {ts '2020-01-02 10:11:12.123456'} AND y",
            "x = TIMESTAMP '2020-01-02 10:11:12.123456' AND y",
        ),
        (
            "{guid '12151fd2-7586-11e9-8f9e-2a86e4085a59'}",
            "UUID '12151fd2-7586-11e9-8f9e-2a86e4085a59'",
        ),
        (
            "{interval -'163:12' MINUTE(3) TO SECOND(6)}",
            "INTERVAL - '163:12' MINUTE TO SECOND",
        ),
        ("{INTERVAL '3' DAY(2)}", "INTERVAL '3' DAY"),
        ("{interval '1.5' SECOND(2, 6)}", "INTERVAL '1.5' SECOND"),
        ("a LIKE 'x\\_%' {escape '\\'}", "a LIKE 'x\\_%' ESCAPE '\\'"),
    ] {
        assert_eq!(native(sql), expected);
    }
}

#[test]
fn joins_and_calls_are_unwrapped() {
    for (sql, expected) in [
        (
            "SELECT * FROM {oj a LEFT OUTER JOIN b ON a.x = b.x} WHERE 1 = 1",
            "SELECT * FROM a LEFT OUTER JOIN b ON a.x = b.x WHERE 1 = 1",
        ),
        (
            "FROM {oj a LEFT OUTER JOIN {oj b RIGHT OUTER JOIN c ON {fn ABS(b.x)} = ?} ON (a.y > 1)}",
            "FROM a LEFT OUTER JOIN b RIGHT OUTER JOIN c ON abs(b.x) = ? ON (a.y > 1)",
        ),
        ("{call system.sync('a', ?)}", "CALL system.sync('a', ?)"),
        ("{ CALL \"S\".p }", "CALL \"S\".p ()"),
        ("{call p -- all\n}", "CALL p -- all\n()"),
    ] {
        assert_eq!(native(sql), expected);
    }
}

#[test]
fn functions_become_trinos() {
    for (sql, expected) in [
        ("{fn UCASE(name)}", "upper(name)"),
        ("{fn LEFT( name , 3 )}", "substr( name , 1,  3 )"),
        ("{fn LOCATE('a', b)}", "position('a' IN  b)"),
        ("{fn POSITION('a' IN b)}", "position('a'  IN  b)"),
        ("{fn EXTRACT(YEAR FROM d)}", "extract(YEAR  FROM  d)"),
        ("{fn dayofweek(d)}", "(day_of_week(d) % 7 + 1)"),
        ("{fn CURTIME()}", "localtime"),
        ("{fn CURRENT_TIME(3)}", "localtime(3)"),
        ("{fn CURRENT_DATE}", "current_date"),
        ("{fn NOW( /* none */ )}", "localtimestamp"),
        (
            "{fn IFNULL(a, (SELECT max(b, 1) FROM t))}",
            "coalesce(a,  (SELECT max(b, 1) FROM t))",
        ),
        ("{fn CONVERT(x, SQL_VARCHAR)}", "CAST(x AS varchar)"),
        (
            "{fn convert(a || b, sql_type_date)}",
            "CAST(a || b AS date)",
        ),
        (
            "{fn TIMESTAMPADD(SQL_TSI_DAY, 1, d)}",
            "date_add('day',  1,  d)",
        ),
        (
            "{fn TIMESTAMPADD(SQL_TSI_HOUR, 1, d)}",
            "date_add('hour',  1, coalesce( d, CAST(NULL AS timestamp(0))))",
        ),
        (
            "{fn TIMESTAMPADD(SQL_TSI_HOUR, 1, {t '10:00:00'})}",
            "date_add('hour',  1,  TIME '10:00:00')",
        ),
        (
            "{fn TIMESTAMPDIFF(SQL_TSI_MONTH, '2020-01-01', d)}",
            "date_diff('month', DATE '2020-01-01',  d)",
        ),
        (
            "{fn TRUNCATE(x, 2)}",
            "transform(ARRAY[x], r -> round(r - mod(r, DECIMAL '0.01'), 2))[1]",
        ),
        (
            "{fn TRUNCATE(x, -1)}",
            "transform(ARRAY[x], r -> round(r - mod(r, DECIMAL '10'), -1))[1]",
        ),
        ("{fn TRUNCATE(x, n)}", "truncate(x,  n)"),
        (
            "{fn UCASE({fn LTRIM({fn LCASE(x)})})}",
            "upper(ltrim(lower(x), ' '))",
        ),
        // With another number of arguments than the standard's, the function is Trino's.
        ("{fn SUBSTRING(s, 2)}", "SUBSTRING(s, 2)"),
        (
            "{fn SUBSTRING(s FROM 2 FOR 3)}",
            "SUBSTRING(s FROM 2 FOR 3)",
        ),
        ("{fn ROUND(x)}", "ROUND(x)"),
        ("{fn TRUNCATE(x)}", "TRUNCATE(x)"),
        ("{fn LOG(2, x)}", "LOG(2, x)"),
        ("{fn CONCAT(a, {fn UCASE(b)}, c)}", "CONCAT(a, upper(b), c)"),
        ("{fn RAND(1, 6)}", "RAND(1, 6)"),
        ("{fn LOCATE(a)}", "LOCATE(a)"),
        ("{fn POSITION(?, b)}", "POSITION(?, b)"),
        (
            "{fn EXTRACT(YEAR FROM a FROM b)}",
            "EXTRACT(YEAR FROM a FROM b)",
        ),
        ("{fn system.builtin.LOG(x)}", "system.builtin.LOG(x)"),
        ("{fn \"C\".s.f()}", "\"C\".s.f()"),
        // Trino's own, and unknown ones.
        ("{fn regexp_like(a,  'b{2}')}", "regexp_like(a,  'b{2}')"),
        ("{fn FROBNICATE()}", "FROBNICATE()"),
    ] {
        assert_eq!(native(sql), expected);
    }
}

#[test]
fn words_do_not_run_into_each_other() {
    for (sql, expected) in [
        ("SELECT{fn PI()}FROM t", "SELECT pi() FROM t"),
        ("'a'{escape '!'}'b'", "'a' ESCAPE '!' 'b'"),
        (
            "f({d '2020-01-02'},{fn PI()});",
            "f(DATE '2020-01-02',pi());",
        ),
        ("1-{interval -'1' DAY}-- c", "1- INTERVAL - '1' DAY -- c"),
    ] {
        assert_eq!(native(sql), expected);
    }
}

#[test]
fn what_is_no_escape_is_left_alone() {
    for sql in [
        "SELECT 1",
        "SELECT '{fn PI()}', \"{d 'x'}\", `{t 'x'}` -- {fn\n /* {ts */",
        "PATTERN (A{2,3} B{,3} C{2} {- D -} E{2,}?)",
        "SELECT json_query(a, 'lax $.x ? (@ > 1)') FROM t WHERE b LIKE '{d%'",
        "LANGUAGE PYTHON AS $$ x = {d: 1} $$",
        "}",
        "{ ? }",
        "{}",
        "{",
    ] {
        assert_eq!(native(sql), sql);
    }
    assert_eq!(
        native(
            "SELECT '{fn PI()}', {fn PI()} FROM t MATCH_RECOGNIZE (PATTERN (A{2,3} {- B -}) DEFINE A AS {fn ABS(x)} > 1)"
        ),
        "SELECT '{fn PI()}', pi() FROM t MATCH_RECOGNIZE (PATTERN (A{2,3} {- B -}) DEFINE A AS abs(x) > 1)"
    );
    assert_eq!(
        native("{oj t MATCH_RECOGNIZE (PATTERN (A{2,3} {- B -})) x}"),
        "t MATCH_RECOGNIZE (PATTERN (A{2,3} {- B -})) x"
    );
}

#[test]
fn what_cannot_be_translated_is_an_error() {
    let form = |sql| match problem(sql) {
        Problem::Form(name, _) | Problem::Literal(name) => name,
        other => panic!("{sql}: {other:?}"),
    };
    assert_eq!(problem("{fn PI("), Problem::Unclosed);
    assert_eq!(problem("SELECT {d '2020-01-01'"), Problem::Unclosed);
    assert_eq!(problem("{fn PI() -- }"), Problem::Unclosed);
    assert_eq!(problem("{oj a"), Problem::Unclosed);
    assert_eq!(problem("{fn ABS(1 }"), Problem::Parenthesis);
    assert_eq!(problem("{oj (a }"), Problem::Parenthesis);
    assert_eq!(problem("{foo bar}"), Problem::Unknown("foo".to_owned()));
    assert_eq!(problem("{?= call f(?)}"), Problem::ReturnValue);
    assert_eq!(problem("{ ? = call f(?)}"), Problem::ReturnValue);
    assert_eq!(form("{d 1}"), "d");
    assert_eq!(form("{d ?}"), "d");
    assert_eq!(form("{d '2020-01-01"), "d");
    assert_eq!(form("{ts '2020-01-01' x}"), "ts");
    assert_eq!(form("{escape 'a' 'b'}"), "escape");
    assert_eq!(form("{interval 1 DAY}"), "interval");
    assert_eq!(form("{interval '1'}"), "interval");
    assert_eq!(form("{interval '1' DAY(x)}"), "interval");
    assert_eq!(form("{call }"), "call");
    assert_eq!(form("{fn }"), "fn");
    assert_eq!(form("{fn PI() + 1}"), "fn");
    assert_eq!(
        problem("{fn CONVERT(x, SQL_FOO)}"),
        Problem::Type("SQL_FOO".to_owned())
    );
    assert_eq!(
        problem("{fn TIMESTAMPADD(SQL_TSI_EON, 1, x)}"),
        Problem::Interval("SQL_TSI_EON".to_owned())
    );
    assert!(matches!(problem("{d '2024-13-45'}"), Problem::Datetime(..)));
    let deep = "{fn ABS(".repeat(100_000);
    assert_eq!(problem(&deep), Problem::TooDeep);
}

#[test]
fn errors_read_as_sentences_with_a_place() {
    for (sql, message) in [
        (
            "SELECT 1,\n  é {fn ABS(1}",
            "line 2:5: The escape sequence has a parenthesis that is not closed.",
        ),
        (
            "SELECT {d '2024-13-45'}",
            "line 1:8: '2024-13-45' is not a valid date; write it like {d '2020-12-31'}.",
        ),
        ("{foo}", "line 1:1: Unknown escape sequence {foo …}."),
    ] {
        assert_eq!(translate(sql).unwrap_err().to_string(), message);
    }
}

proptest! {
    #[test]
    fn no_text_panics_and_text_without_braces_is_untouched(
        sql in "([{}()\\[\\]'\"`?;,/*.a1é\n-]|-- |/\\*|fn |d |ts |oj |call |SQL_|NULL|IN|FROM|=\
            |\\$\\$|\\{fn (ABS|TRUNCATE|CONVERT|EXTRACT|LOCATE|TIMESTAMPADD)\\()*"
    ) {
        if let Ok(native) = translate(&sql) && !sql.contains('{') {
            prop_assert_eq!(&*native, &*sql);
        }
    }

    #[test]
    fn markers_keep_their_number(
        sql in "([()'\",a1\n -]|\\?|\\{fn (ABS|UCASE|RIGHT|LOCATE|INSERT|MOD|YEAR)\\(|\\)\\}\
            |\\{oj |\\{d '2020-01-02'\\}|\\}|, )*"
    ) {
        if let Ok(native) = translate(&sql) {
            prop_assert_eq!(Statement::parse(&native).parameters(), Statement::parse(&sql).parameters());
        }
    }

    #[test]
    fn what_stands_around_an_escape_is_left_alone(
        before in "([a1 ?,.+*\n]|'[{}a]*'|\"[{}b]*\"|-- [{}c]*\n|\\{[0-9],[0-9]\\}|\\{- A -\\})*",
        after in "[ ]([a1 ?,.+*\n]|'[{}a]*'|/\\*[{}]*\\*/)*"
    ) {
        let native = translate(&format!("{before} {{fn PI()}}{after}"))
            .unwrap()
            .into_owned();
        prop_assert_eq!(native, format!("{before} pi(){after}"));
    }

    #[test]
    fn what_was_translated_has_no_escape_left(
        sql in "([a1 ?,\n]|'[{}a]*'|\\{fn (ABS|YEAR)\\([a-c]\\)\\}|\\{d '2020-01-02'\\})*"
    ) {
        let native = translate(&sql).unwrap();
        let left = tokens(&native).any(|token| token.is_symbol("{"));
        prop_assert!(!left);
        prop_assert_eq!(translate(&native).unwrap(), &*native);
    }
}
