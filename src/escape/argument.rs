//! Arguments of `{fn …}`, and the texts that they are put into.

use trino_client::sql::{Token, TokenKind, tokens};

use super::datetime::Form;

/// An argument, its own escapes translated, with the blanks around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Argument {
    pub(super) text: String,
}

impl Argument {
    /// Whether there is nothing but blanks and comments.
    pub(super) fn is_empty(&self) -> bool {
        self.significant().next().is_none()
    }

    /// Its only token, if it has no more.
    pub(super) fn sole(&self) -> Option<Token<'_>> {
        let mut significant = self.significant();
        let first = significant.next();
        first.filter(|_| significant.next().is_none())
    }

    /// Whether it is seen to be a time of day.
    pub(super) fn is_time(&self) -> bool {
        let mut significant = self.significant();
        let first = significant.next();
        let second = significant.next();
        match first {
            Some(first) if first.is_word("TIME") => {
                second.is_some_and(|token| token.kind == TokenKind::String)
            }
            Some(first) if first.is_word("LOCALTIME") => true,
            Some(first) if first.kind == TokenKind::String && second.is_none() => {
                Form::any(first.text)
                    .is_some_and(|literal| literal.starts_with(Form::Time.keyword()))
            }
            _ => false,
        }
    }

    /// The whole number that it is written as.
    pub(super) fn integer(&self) -> Option<i64> {
        let digits: String = self.significant().map(|token| token.text).collect();
        digits.parse().ok()
    }

    fn significant(&self) -> impl Iterator<Item = Token<'_>> {
        tokens(&self.text).filter(Token::is_significant)
    }

    /// As text: Trino cannot choose the function of text for a bare NULL.
    fn as_text(&self) -> &str {
        match self.sole() {
            Some(token) if token.is_word("NULL") => "CAST(NULL AS varchar)",
            _ => &self.text,
        }
    }

    /// As a date or a time: Appendix E takes them as strings too, and Trino does not.
    fn as_datetime(&self) -> String {
        match self.sole() {
            Some(token) if token.is_word("NULL") => "CAST(NULL AS timestamp(9))".to_owned(),
            Some(token) if token.kind == TokenKind::String => match Form::any(token.text) {
                Some(literal) => self.text.trim_start().replacen(token.text, &literal, 1),
                None => self.text.clone(),
            },
            _ => self.text.clone(),
        }
    }
}

/// Puts arguments, counted from 1, into a text: `$1` as it is, `%1` as text, `@1` as a date or a time.
pub(super) fn fill(text: &str, arguments: &[Argument]) -> String {
    let mut filled = String::with_capacity(text.len() + 16 * arguments.len());
    let mut rest = text;
    while let Some((before, from)) = rest
        .find(['$', '%', '@'])
        .and_then(|at| rest.split_at_checked(at))
    {
        filled.push_str(before);
        let mut characters = from.chars();
        let sign = characters.next();
        let number = characters.next().and_then(|digit| digit.to_digit(10));
        let argument = number
            .and_then(|number| (number as usize).checked_sub(1))
            .and_then(|index| arguments.get(index));
        match (sign, argument) {
            (Some('$'), Some(argument)) => filled.push_str(&argument.text),
            (Some('%'), Some(argument)) => filled.push_str(argument.as_text()),
            (_, Some(argument)) => filled.push_str(&argument.as_datetime()),
            // The sign is Trino's own, as in `% 7`.
            (sign, None) => {
                filled.extend(sign);
                rest = from.get(1..).unwrap_or_default();
                continue;
            }
        }
        rest = characters.as_str();
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::{Argument, fill};

    fn argument(text: &str) -> Argument {
        Argument {
            text: text.to_owned(),
        }
    }

    #[test]
    fn arguments_are_put_in_as_what_they_are_for() {
        let arguments = [argument(" NULL"), argument("'2020-01-02'"), argument("?")];
        assert_eq!(
            fill("f($1, %1, @1) % 7 + g(%2, @2, $3)", &arguments),
            "f( NULL, CAST(NULL AS varchar), CAST(NULL AS timestamp(9))) % 7 + g('2020-01-02', DATE '2020-01-02', ?)"
        );
        assert_eq!(fill("100%", &[]), "100%");
    }

    #[test]
    fn times_are_seen_by_their_look() {
        for text in ["TIME '10:00:00'", "localtime", " '10:00' ", "localtime(3)"] {
            assert!(argument(text).is_time(), "{text}");
        }
        for text in ["time", "'2020-01-01'", "x", "", "localtimestamp"] {
            assert!(!argument(text).is_time(), "{text}");
        }
    }

    #[test]
    fn whole_numbers_are_read_with_their_sign() {
        assert_eq!(argument(" - 2 ").integer(), Some(-2));
        assert_eq!(argument("2").integer(), Some(2));
        assert_eq!(argument("x").integer(), None);
        assert_eq!(argument("1 + 1").integer(), None);
    }
}
