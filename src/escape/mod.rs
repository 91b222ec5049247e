//! ODBC's escape sequences (`{fn …}`, `{ts '…'}`, `{oj …}`), put into Trino's words.
//!
//! A brace opens an escape when a word follows it: Trino itself has braces only in row patterns, where a number, a comma
//! or a minus follows. Everything outside of escapes stays as it is, byte by byte, and what an escape becomes holds the
//! parameter markers that stood in it, each once and in their order.
//!
//! <https://learn.microsoft.com/sql/odbc/reference/develop-app/escape-sequences-in-odbc>

mod argument;
mod conversion;
mod datetime;
mod error;
mod function;
mod timestamp;

use std::borrow::Cow;

use argument::Argument;
pub use conversion::CONVERSIONS;
use datetime::Form;
pub use error::{EscapeError, Problem};
use function::{Function, Separator};
pub use function::{Group, functions};
pub use timestamp::INTERVALS;
use trino_client::sql::{Token, TokenKind, tokens};

/// The text with its escape sequences translated; the text itself when it has none.
pub fn translate(sql: &str) -> Result<Cow<'_, str>, EscapeError> {
    if !sql.contains('{') {
        return Ok(Cow::Borrowed(sql));
    }
    let mut translator = Translator {
        tokens: tokens(sql).collect(),
        at: 0,
        depth: 0,
        open: 0,
        found: false,
    };
    let mut out = Output::with_capacity(sql.len());
    match translator.copy(&mut out, None) {
        Ok(_) if translator.found => Ok(Cow::Owned(out.text)),
        Ok(_) => Ok(Cow::Borrowed(sql)),
        Err(problem) => Err(EscapeError::new(sql, translator.open, problem)),
    }
}

struct Translator<'a> {
    tokens: Vec<Token<'a>>,
    /// The next token.
    at: usize,
    /// How many escapes the next token stands in.
    depth: usize,
    /// Where the innermost of them begins, in bytes.
    open: usize,
    found: bool,
}

/// What ended a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Text,
    Brace,
    Parenthesis,
    Separator,
}

impl<'a> Translator<'a> {
    /// Copies tokens up to the end of the text, or within an escape to what ends this part of it, which is taken but not
    /// copied.
    fn copy(&mut self, out: &mut Output, within: Option<Within>) -> Result<End, Problem> {
        // Opened since, and not by an escape: Trino's own braces, parentheses and brackets.
        let (mut braces, mut nested) = (0_usize, 0_usize);
        while let Some(token) = self.next() {
            if token.is_symbol("{") && self.begins_escape() {
                self.escape(&token, out)?;
                continue;
            }
            if let Some(within) = within {
                match token.text {
                    "{" => braces += 1,
                    "}" if braces > 0 => braces -= 1,
                    "}" if nested > 0 => return Err(Problem::Parenthesis),
                    "}" => return Ok(End::Brace),
                    "(" | "[" => nested += 1,
                    ")" | "]" if nested > 0 => nested -= 1,
                    ")" if within != Within::Escape => return Ok(End::Parenthesis),
                    _ if braces + nested == 0 && within.separates(&token) => {
                        return Ok(End::Separator);
                    }
                    _ => {}
                }
            }
            out.push_token(&token);
        }
        match within {
            None => Ok(End::Text),
            Some(_) => Err(Problem::Unclosed),
        }
    }

    /// Whether what follows an opening brace makes it one of an escape.
    fn begins_escape(&self) -> bool {
        let mut rest = self.rest().filter(|token| token.is_significant());
        match rest.next() {
            Some(token) if token.kind == TokenKind::Word => true,
            Some(token) if token.kind == TokenKind::Parameter => {
                rest.next().is_some_and(|token| token.is_symbol("="))
            }
            _ => false,
        }
    }

    /// Translates the escape whose opening brace was just taken.
    fn escape(&mut self, brace: &Token<'a>, out: &mut Output) -> Result<(), Problem> {
        let outer = std::mem::replace(&mut self.open, brace.start);
        self.depth += 1;
        self.found = true;
        if self.depth > DEEPEST {
            return Err(Problem::TooDeep);
        }
        let text = self.translated()?;
        out.push_escape(&text);
        self.depth -= 1;
        self.open = outer;
        Ok(())
    }

    /// What an escape becomes.
    fn translated(&mut self) -> Result<String, Problem> {
        let name = self.significant()?;
        if name.kind == TokenKind::Parameter {
            return Err(Problem::ReturnValue);
        }
        match name.text.to_ascii_lowercase().as_str() {
            "d" => self.datetime(Form::Date),
            "t" => self.datetime(Form::Time),
            "ts" => self.datetime(Form::Timestamp),
            "guid" => Ok(format!("UUID {}", self.only_string("guid")?)),
            "escape" => Ok(format!("ESCAPE {}", self.only_string("escape")?)),
            "interval" => self.interval(),
            "oj" => self.content(),
            "call" => self.call(),
            "fn" => self.function(),
            _ => Err(Problem::Unknown(name.text.to_owned())),
        }
    }

    fn datetime(&mut self, form: Form) -> Result<String, Problem> {
        let literal = self.only_string(form.escape())?;
        form.literal(literal)
            .ok_or_else(|| Problem::Datetime(form, literal.to_owned()))
    }

    /// `{interval '163:12' MINUTE(3) TO SECOND}`: Trino's literal has the same parts, but for precisions.
    fn interval(&mut self) -> Result<String, Problem> {
        const FORM: Problem = Problem::Form("interval", "{interval '1-6' YEAR TO MONTH}");
        let mut text = "INTERVAL".to_owned();
        let mut token = self.significant()?;
        if token.is_symbol("+") || token.is_symbol("-") {
            text.push(' ');
            text.push_str(token.text);
            token = self.significant()?;
        }
        text.push(' ');
        text.push_str(closed_string(&token).ok_or(FORM)?);
        let mut words = 0;
        loop {
            token = self.significant()?;
            if token.kind == TokenKind::Word {
                words += 1;
                text.push(' ');
                text.push_str(token.text);
            } else if token.is_symbol("(") {
                while !token.is_symbol(")") {
                    token = self.significant()?;
                    let known = token.kind == TokenKind::Number
                        || token.is_symbol(",")
                        || token.is_symbol(")");
                    if !known {
                        return Err(FORM);
                    }
                }
            } else if token.is_symbol("}") && words > 0 {
                return Ok(text);
            } else {
                return Err(FORM);
            }
        }
    }

    /// What stands in an escape that only marks it, with the escapes therein translated.
    fn content(&mut self) -> Result<String, Problem> {
        let mut out = Output::default();
        self.copy(&mut out, Some(Within::Escape))?;
        // What ends in a comment needs the line end behind it.
        Ok(out.text.trim_start().to_owned())
    }

    /// `{call p}`: Trino wants parentheses.
    fn call(&mut self) -> Result<String, Problem> {
        let content = self.content()?;
        let mut significant = tokens(&content).filter(Token::is_significant);
        if significant.next().is_none() {
            return Err(Problem::Form("call", "{call procedure(…)}"));
        }
        let arguments = if significant.any(|token| token.is_symbol("(")) {
            ""
        } else {
            "()"
        };
        Ok(format!("CALL {content}{arguments}"))
    }

    fn function(&mut self) -> Result<String, Problem> {
        const FORM: Problem = Problem::Form("fn", "{fn NAME(…)}");
        let name = self.significant()?;
        if !matches!(name.kind, TokenKind::Word | TokenKind::QuotedIdentifier) {
            return Err(FORM);
        }
        let mut token = self.significant()?;
        // With a catalog and schema before it, it is Trino's whatever its own name is.
        let mut full_name = name.text.to_owned();
        while token.is_symbol(".") {
            full_name.push_str(token.text);
            full_name.push_str(self.significant()?.text);
            token = self.significant()?;
        }
        let separator = Function::separator(&full_name);
        let mut arguments = Vec::new();
        let with_parentheses = token.is_symbol("(");
        if with_parentheses {
            self.arguments(separator, &mut arguments)?;
            token = self.significant()?;
        }
        if !token.is_symbol("}") {
            return Err(FORM);
        }
        if let Some(text) = Function::call(&full_name, &arguments)? {
            return Ok(text);
        }
        // No function of ODBC, or not with so many arguments: Trino's own, or none, which the server says best.
        let arguments: Vec<_> = arguments.into_iter().map(|it| it.text).collect();
        Ok(match with_parentheses {
            true => format!("{full_name}({})", arguments.join(separator.text())),
            false => full_name,
        })
    }

    /// The arguments of a function whose opening parenthesis was just taken, up to the closing one.
    fn arguments(
        &mut self,
        separator: Separator,
        arguments: &mut Vec<Argument>,
    ) -> Result<(), Problem> {
        loop {
            let mut out = Output::default();
            let end = self.copy(&mut out, Some(Within::Arguments(separator)))?;
            let argument = Argument { text: out.text };
            let none = arguments.is_empty() && end == End::Parenthesis && argument.is_empty();
            if !none {
                arguments.push(argument);
            }
            match end {
                End::Separator => {}
                End::Parenthesis => return Ok(()),
                End::Brace | End::Text => return Err(Problem::Parenthesis),
            }
        }
    }

    /// The string literal that is all of the escape `name`.
    fn only_string(&mut self, name: &'static str) -> Result<&'a str, Problem> {
        let token = self.significant()?;
        let literal = closed_string(&token).ok_or(Problem::Literal(name))?;
        match self.significant()?.is_symbol("}") {
            true => Ok(literal),
            false => Err(Problem::Literal(name)),
        }
    }

    /// The next token that means something, within an escape.
    fn significant(&mut self) -> Result<Token<'a>, Problem> {
        while let Some(token) = self.next() {
            if token.is_significant() {
                return Ok(token);
            }
        }
        Err(Problem::Unclosed)
    }

    fn next(&mut self) -> Option<Token<'a>> {
        let token = self.tokens.get(self.at).copied();
        self.at += usize::from(token.is_some());
        token
    }

    fn rest(&self) -> impl Iterator<Item = &Token<'a>> {
        self.tokens.get(self.at..).unwrap_or_default().iter()
    }
}

/// The part of an escape that a copy is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Within {
    Escape,
    Arguments(Separator),
}

impl Within {
    fn separates(self, token: &Token<'_>) -> bool {
        match self {
            Self::Escape => false,
            Self::Arguments(Separator::Comma) => token.is_symbol(","),
            Self::Arguments(Separator::Word(word)) => token.is_word(word),
        }
    }
}

/// The text of a string literal that has its closing quote.
fn closed_string<'a>(token: &Token<'a>) -> Option<&'a str> {
    let closed = token.text.len() > 1 && token.text.ends_with('\'');
    (token.kind == TokenKind::String && closed && token.text.starts_with('\''))
        .then_some(token.text)
}

/// Text that grows by pieces which must stay apart where braces kept them apart.
#[derive(Default)]
struct Output {
    text: String,
    after_escape: bool,
}

impl Output {
    fn with_capacity(capacity: usize) -> Self {
        Self {
            text: String::with_capacity(capacity),
            after_escape: false,
        }
    }

    fn push_token(&mut self, token: &Token<'_>) {
        let apart = token.kind == TokenKind::Blank || [")", "]", ",", ";"].contains(&token.text);
        if self.after_escape && !apart {
            self.text.push(' ');
        }
        self.after_escape = false;
        self.text.push_str(token.text);
    }

    fn push_escape(&mut self, text: &str) {
        let last = self.text.chars().next_back();
        if last.is_some_and(|last| !last.is_whitespace() && !matches!(last, '(' | '[' | ',')) {
            self.text.push(' ');
        }
        self.text.push_str(text);
        self.after_escape = true;
    }
}

/// Escapes in escapes: more than any tool writes, and few enough for any thread's stack.
const DEEPEST: usize = 64;

#[cfg(test)]
mod tests;
