//! Tokens of Trino's SQL.
//!
//! The tokens of a text, end to end, are the text. What is not closed (a string, a comment) reaches to the end of the
//! text, so that nothing after an open quote is ever taken for a parameter or a semicolon.

/// A piece of SQL text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token<'a> {
    /// What it is.
    pub kind: TokenKind,
    /// Its text, quotes included.
    pub text: &'a str,
    /// Where the token begins, in bytes.
    pub start: usize,
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// Blanks and line ends.
    Blank,
    /// `-- …` up to the line's end, or `/* … */`. Trino's do not nest.
    Comment,
    /// A keyword or a plain identifier.
    Word,
    /// `"…"` or `` `…` ``.
    QuotedIdentifier,
    /// `'…'`, or `$$…$$` around the body of a routine in another language; a prefix such as `U&` or `X` is a token of
    /// its own.
    String,
    /// Digits, with a point, an exponent or underscores.
    Number,
    /// `?`
    Parameter,
    /// Any other character.
    Symbol,
}

/// The tokens of `sql`, in order and without gaps.
pub fn tokens(sql: &str) -> impl Iterator<Item = Token<'_>> {
    Tokens {
        rest: sql,
        start: 0,
    }
}

impl Token<'_> {
    /// Whether the token means something to the server.
    pub fn is_significant(&self) -> bool {
        !matches!(self.kind, TokenKind::Blank | TokenKind::Comment)
    }

    /// Whether the token is this word, in any case.
    pub fn is_word(&self, word: &str) -> bool {
        self.kind == TokenKind::Word && self.text.eq_ignore_ascii_case(word)
    }

    /// Whether the token is this character, as a symbol.
    pub fn is_symbol(&self, symbol: &str) -> bool {
        self.kind == TokenKind::Symbol && self.text == symbol
    }

    /// Where the token ends, in bytes.
    pub fn end(&self) -> usize {
        self.start + self.text.len()
    }
}

struct Tokens<'a> {
    rest: &'a str,
    start: usize,
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let first = self.rest.chars().next()?;
        let (kind, length) = measure(first, self.rest);
        // A length that is no character boundary would be a slip of ours; the rest as one token is still a token.
        let (text, rest) = self
            .rest
            .split_at_checked(length)
            .filter(|(text, _)| !text.is_empty())
            .unwrap_or((self.rest, ""));
        let token = Token {
            kind,
            text,
            start: self.start,
        };
        self.start += text.len();
        self.rest = rest;
        Some(token)
    }
}

/// Kind and length in bytes of the token that `text` begins with. `first` is its first character.
fn measure(first: char, text: &str) -> (TokenKind, usize) {
    match first {
        '\'' => (TokenKind::String, quoted(text, b'\'')),
        '"' => (TokenKind::QuotedIdentifier, quoted(text, b'"')),
        '`' => (TokenKind::QuotedIdentifier, quoted(text, b'`')),
        '$' if text.starts_with("$$") => (TokenKind::String, closed(text, "$$", "$$")),
        '?' => (TokenKind::Parameter, 1),
        '-' if text.starts_with("--") => (
            TokenKind::Comment,
            text.find(['\n', '\r']).unwrap_or(text.len()),
        ),
        '/' if text.starts_with("/*") => (TokenKind::Comment, closed(text, "/*", "*/")),
        c if c.is_whitespace() => (TokenKind::Blank, run(text, char::is_whitespace)),
        c if c.is_ascii_digit() => (TokenKind::Number, number(text)),
        '.' if text.as_bytes().get(1).is_some_and(u8::is_ascii_digit) => {
            (TokenKind::Number, number(text))
        }
        c if is_word(c) => (TokenKind::Word, run(text, is_word)),
        c => (TokenKind::Symbol, c.len_utf8()),
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$' | '@')
}

fn run(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}

/// Length of what begins with `open`, up to the end of the next `close`.
fn closed(text: &str, open: &str, close: &str) -> usize {
    let body = text.get(open.len()..).unwrap_or_default();
    body.find(close)
        .map_or(text.len(), |end| open.len() + end + close.len())
}

/// Length of what begins with a quote, up to its closing twin; doubled quotes are part of it.
fn quoted(text: &str, quote: u8) -> usize {
    let mut bytes = text.bytes().enumerate().skip(1).peekable();
    while let Some((at, byte)) = bytes.next() {
        if byte == quote && bytes.next_if(|(_, next)| *next == quote).is_none() {
            return at + 1;
        }
    }
    text.len()
}

/// Length of a number: digits, point, exponent with its sign, and the letters of other bases and of bad numbers.
fn number(text: &str) -> usize {
    let mut previous = '\0';
    let decimal = !text.starts_with("0x") && !text.starts_with("0X");
    text.find(|c| {
        let belongs = is_word(c)
            || c == '.'
            || (decimal && matches!(c, '+' | '-') && matches!(previous, 'e' | 'E'));
        previous = c;
        !belongs
    })
    .unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{TokenKind, tokens};

    fn kinds(sql: &str) -> Vec<(TokenKind, &str)> {
        tokens(sql)
            .filter(|token| token.kind != TokenKind::Blank)
            .map(|token| (token.kind, token.text))
            .collect()
    }

    #[test]
    fn a_statement_is_cut_where_trino_cuts_it() {
        assert_eq!(
            kinds("select \"a?b\", 'it''s ?' from t where x >= ? -- why?\n/* ? */ and y=1.5e-3"),
            [
                (TokenKind::Word, "select"),
                (TokenKind::QuotedIdentifier, "\"a?b\""),
                (TokenKind::Symbol, ","),
                (TokenKind::String, "'it''s ?'"),
                (TokenKind::Word, "from"),
                (TokenKind::Word, "t"),
                (TokenKind::Word, "where"),
                (TokenKind::Word, "x"),
                (TokenKind::Symbol, ">"),
                (TokenKind::Symbol, "="),
                (TokenKind::Parameter, "?"),
                (TokenKind::Comment, "-- why?"),
                (TokenKind::Comment, "/* ? */"),
                (TokenKind::Word, "and"),
                (TokenKind::Word, "y"),
                (TokenKind::Symbol, "="),
                (TokenKind::Number, "1.5e-3"),
            ]
        );
    }

    #[test]
    fn prefixes_of_strings_stand_alone() {
        assert_eq!(
            kinds("U&'\\00e9' X'00'"),
            [
                (TokenKind::Word, "U"),
                (TokenKind::Symbol, "&"),
                (TokenKind::String, "'\\00e9'"),
                (TokenKind::Word, "X"),
                (TokenKind::String, "'00'"),
            ]
        );
    }

    #[test]
    fn dollars_quote_the_body_of_a_routine() {
        assert_eq!(
            kinds("AS $$ it's {?}; $$ ? $$"),
            [
                (TokenKind::Word, "AS"),
                (TokenKind::String, "$$ it's {?}; $$"),
                (TokenKind::Parameter, "?"),
                (TokenKind::String, "$$"),
            ]
        );
    }

    #[test]
    fn a_backslash_escapes_nothing() {
        assert_eq!(
            kinds(r"'\'?"),
            [(TokenKind::String, r"'\'"), (TokenKind::Parameter, "?")]
        );
    }

    #[test]
    fn what_is_not_closed_reaches_to_the_end() {
        assert_eq!(kinds("'a ? ;"), [(TokenKind::String, "'a ? ;")]);
        assert_eq!(kinds("/* ? ;"), [(TokenKind::Comment, "/* ? ;")]);
        assert_eq!(kinds("/*/"), [(TokenKind::Comment, "/*/")]);
        assert_eq!(kinds("\"a"), [(TokenKind::QuotedIdentifier, "\"a")]);
    }

    #[test]
    fn comments_do_not_nest() {
        assert_eq!(
            kinds("/* /* */ ?"),
            [
                (TokenKind::Comment, "/* /* */"),
                (TokenKind::Parameter, "?")
            ]
        );
    }

    proptest! {
        #[test]
        fn tokens_make_up_the_text(sql in "(['\"`?;{}()/*.a1é\u{a0}\n-]|-- |/\\*|\\*/|''|0x|1e|\\$\\$)*") {
            let again: String = tokens(&sql).map(|token| token.text).collect();
            prop_assert_eq!(&again, &sql);
            prop_assert!(tokens(&sql).all(|token| sql.get(token.start..token.end()) == Some(token.text)));
        }
    }
}
