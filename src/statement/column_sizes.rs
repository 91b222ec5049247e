//! The lengths of a table's text columns, for inserts of many sets.

use trino_client::columns::Type;
use trino_client::sql::{self, Bounded};

/// How long inserted texts may be.
#[derive(Debug, Default)]
pub(super) struct TextLimits {
    /// For each parameter that is a whole value of a text column, the characters that the column
    /// holds.
    values: Vec<Option<usize>>,
    /// Text columns whose values are expressions.
    pub(super) computed: Vec<Bounded>,
}

impl TextLimits {
    pub(super) fn new(insert: &sql::Unnested, places: &[Option<usize>], columns: &[Type]) -> Self {
        let values = places.iter().enumerate().map(|(index, place)| {
            let column = columns.get((*place).filter(|_| insert.is_whole(index))?)?;
            text_length(column)
        });
        let computed = insert.computed().iter().filter_map(|&column| {
            let length = text_length(columns.get(column)?)?;
            Some(Bounded { column, length })
        });
        Self {
            values: values.collect(),
            computed: computed.collect(),
        }
    }

    /// Whether these literals fit, not counting trailing blanks.
    pub(super) fn takes(&self, literals: &[impl AsRef<str>]) -> bool {
        self.values.iter().zip(literals).all(|(most, literal)| {
            let literal = literal.as_ref();
            // A literal has at least as many bytes as characters.
            most.is_none_or(|most| {
                literal.len() <= most + 2 || characters(literal).is_none_or(|length| length <= most)
            })
        })
    }
}

/// The most characters of a text type; `None` for other types and unbounded text.
fn text_length(kind: &Type) -> Option<usize> {
    match kind {
        Type::Varchar { length } => length.and_then(|length| usize::try_from(length).ok()),
        Type::Char { length } => usize::try_from(*length).ok(),
        _ => None,
    }
}

/// The characters of a text literal without trailing blanks.
fn characters(literal: &str) -> Option<usize> {
    let text = literal.strip_prefix("CHAR ").unwrap_or(literal);
    let text = text.strip_prefix('\'')?.strip_suffix('\'')?;
    let text = text.trim_end_matches(' ');
    let quotes = text.bytes().filter(|byte| *byte == b'\'').count();
    Some(text.chars().count() - quotes / 2)
}

#[cfg(test)]
mod tests {
    use trino_client::columns::Type;
    use trino_client::sql::{Insert, Rows, Unnested};

    use super::{TextLimits, characters};

    #[test]
    fn text_is_measured_without_quotes_and_blanks_at_its_end() {
        for (literal, length) in [
            ("'it''s'", Some(4)),
            ("'ä🌍  '", Some(2)),
            ("CHAR 'a'", Some(1)),
            ("'   '", Some(0)),
            ("BIGINT '1'", None),
            ("NULL", None),
        ] {
            assert_eq!(characters(literal), length, "{literal}");
        }
    }

    #[test]
    fn values_fit_in_their_columns() {
        let sql = "INSERT INTO t (a, b, c) VALUES (?, upper(?), ?)";
        let insert = Insert::parse(sql).unwrap();
        let unnested = Unnested::new(&Rows::parse(sql).unwrap()).unwrap();
        let columns = [
            Type::Varchar { length: Some(3) },
            Type::Char { length: 5 },
            Type::Varchar { length: None },
        ];
        let limits = TextLimits::new(&unnested, &insert.places, &columns);
        assert!(limits.takes(&["'abc '", "'abcdef'", "'abcdef'"]));
        assert!(limits.takes(&["NULL", "NULL", "NULL"]));
        assert!(!limits.takes(&["'abcd'", "''", "''"]));
        let computed: Vec<_> = limits
            .computed
            .iter()
            .map(|it| (it.column, it.length))
            .collect();
        assert_eq!(computed, [(1, 5)]);
    }
}
