//! Names and values as they stand in SQL text.

/// A string literal of Trino with this value.
pub fn literal(value: &str) -> String {
    enclose(value, '\'')
}

/// A quoted identifier of Trino with this name.
pub fn identifier(name: &str) -> String {
    enclose(name, '"')
}

fn enclose(text: &str, quote: char) -> String {
    let mut enclosed = String::with_capacity(text.len() + 2);
    enclosed.push(quote);
    for c in text.chars() {
        if c == quote {
            enclosed.push(quote);
        }
        enclosed.push(c);
    }
    enclosed.push(quote);
    enclosed
}

#[cfg(test)]
mod tests {
    use super::{identifier, literal};

    #[test]
    fn quotes_inside_are_doubled() {
        assert_eq!(literal("it's"), "'it''s'");
        assert_eq!(identifier("a\"b"), "\"a\"\"b\"");
        assert_eq!(literal("\\"), "'\\'");
        assert_eq!(literal(""), "''");
    }
}
