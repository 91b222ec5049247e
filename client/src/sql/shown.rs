//! A statement's text as it may be shown to people it was not written for.

use super::{TokenKind, tokens};

/// The text without its strings and comments, which may hold anything.
pub fn without_strings(sql: &str) -> String {
    tokens(sql)
        .map(|token| match token.kind {
            TokenKind::String => "'...'",
            TokenKind::Comment => "/* ... */",
            _ => token.text,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::without_strings;

    #[test]
    fn strings_are_left_out_closed_or_not() {
        for (sql, shown) in [
            (
                "CREATE CATALOG c USING x WITH (\"p\" = 'it''s', n = 1)",
                "CREATE CATALOG c USING x WITH (\"p\" = '...', n = 1)",
            ),
            ("SELECT 'hunter2 -- x", "SELECT '...'"),
            ("SELECT 1 -- hunter2", "SELECT 1 /* ... */"),
        ] {
            assert_eq!(without_strings(sql), shown);
        }
    }
}
