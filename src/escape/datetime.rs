//! Literals of dates and times, as `{d …}`, `{t …}` and `{ts …}` have them.

/// Which of the three.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Date,
    Time,
    Timestamp,
}

impl Form {
    /// The literal of Trino's for a string literal that has one of the forms.
    pub(super) fn any(literal: &str) -> Option<String> {
        [Self::Date, Self::Time, Self::Timestamp]
            .into_iter()
            .find_map(|form| match form {
                // What has a date and a time is a timestamp, whatever the time is.
                Self::Date | Self::Time if literal.contains(['-']) && literal.contains([':']) => {
                    None
                }
                form => form.literal(literal),
            })
    }

    /// The literal of Trino's for a string literal of this form whose fields are in range; `None` for any other.
    ///
    /// A timestamp may go without a time, and a time without seconds, as Trino reads them. Between date and time a `T` or
    /// several blanks may stand. A date may have a time if that is midnight, and a time a date, which says nothing.
    pub(super) fn literal(self, literal: &str) -> Option<String> {
        let text = literal.strip_prefix('\'')?.strip_suffix('\'')?.trim();
        let (date, time) = match text.split_once([' ', '\t', 'T', 't']) {
            Some((date, time)) => (Some(date), Some(time.trim_start())),
            None if text.contains(':') => (None, Some(text)),
            None => (Some(text), None),
        };
        if !date.is_none_or(is_date) {
            return None;
        }
        let time = match time {
            Some(time) => Some(Time::read(time)?),
            None => None,
        };
        let text = match (self, date, time) {
            (Self::Date, Some(date), None) => date.to_owned(),
            (Self::Date, Some(date), Some(time)) if time.is_midnight() => date.to_owned(),
            (Self::Time, _, Some(time)) => time.text.to_owned(),
            (Self::Timestamp, Some(date), None) => date.to_owned(),
            (Self::Timestamp, Some(date), Some(time)) => format!("{date} {}", time.text),
            _ => return None,
        };
        Some(format!("{} '{text}'", self.keyword()))
    }

    /// Trino's keyword of its literals.
    pub(super) fn keyword(self) -> &'static str {
        match self {
            Self::Date => "DATE",
            Self::Time => "TIME",
            Self::Timestamp => "TIMESTAMP",
        }
    }

    /// The name of its escape sequence.
    pub(super) fn escape(self) -> &'static str {
        match self {
            Self::Date => "d",
            Self::Time => "t",
            Self::Timestamp => "ts",
        }
    }

    pub(super) fn example(self) -> &'static str {
        match self {
            Self::Date => "{d '2020-12-31'}",
            Self::Time => "{t '23:59:59'}",
            Self::Timestamp => "{ts '2020-12-31 23:59:59.123'}",
        }
    }
}

fn is_date(text: &str) -> bool {
    let mut parts = text.split('-');
    let mut part = |digits| parts.next().and_then(|part| number(part, digits));
    let (Some(year), Some(month), Some(day)) = (part(4..=4), part(1..=2), part(1..=2)) else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 31,
    };
    parts.next().is_none() && (1..=12).contains(&month) && (1..=days).contains(&day)
}

/// A time of day.
struct Time<'a> {
    /// As Trino reads it.
    text: &'a str,
}

impl<'a> Time<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let text = text.trim_end();
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        // Trino has twelve digits, and takes no point without any.
        let kept = fraction.len().min(12);
        if fraction.bytes().skip(kept).any(|byte| byte != b'0') {
            return None;
        }
        let mut parts = whole.split(':');
        let mut part = |limit| {
            let part = parts.next()?;
            Some(number(part, 1..=2).is_some_and(|number| number < limit))
        };
        let (hour, minute, second) = (part(24)?, part(60)?, part(60));
        let seconds = second.unwrap_or(whole.len() == text.len());
        let end = match kept {
            0 => whole.len(),
            kept => whole.len() + 1 + kept,
        };
        (hour && minute && seconds && parts.next().is_none())
            .then_some(text.get(..end)?)
            .map(|text| Self { text })
    }

    fn is_midnight(&self) -> bool {
        self.text
            .bytes()
            .all(|byte| matches!(byte, b'0' | b':' | b'.'))
    }
}

fn number(text: &str, digits: std::ops::RangeInclusive<usize>) -> Option<u64> {
    let is_number = digits.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::Form;

    #[test]
    fn literals_are_written_as_trino_reads_them() {
        for (form, literal, expected) in [
            (Form::Date, "'2024-02-29'", "DATE '2024-02-29'"),
            (Form::Date, "'2000-02-29'", "DATE '2000-02-29'"),
            (Form::Date, "'2020-1-2'", "DATE '2020-1-2'"),
            (Form::Date, "' 2020-01-02 '", "DATE '2020-01-02'"),
            (Form::Date, "'2024-01-01 00:00:00'", "DATE '2024-01-01'"),
            (Form::Date, "'2024-01-01T00:00'", "DATE '2024-01-01'"),
            (Form::Date, "'2024-01-01 0:00:00.000'", "DATE '2024-01-01'"),
            (Form::Time, "'23:59:59'", "TIME '23:59:59'"),
            (Form::Time, "'1:2'", "TIME '1:2'"),
            (
                Form::Time,
                "'00:00:00.123456789012'",
                "TIME '00:00:00.123456789012'",
            ),
            (Form::Time, "'10:00:00.'", "TIME '10:00:00'"),
            (Form::Time, "'2024-01-01 10:00:00'", "TIME '10:00:00'"),
            (
                Form::Timestamp,
                "'2020-12-31 23:59:59.123'",
                "TIMESTAMP '2020-12-31 23:59:59.123'",
            ),
            (
                Form::Timestamp,
                "'2020-12-31T23:59:59'",
                "TIMESTAMP '2020-12-31 23:59:59'",
            ),
            (
                Form::Timestamp,
                "'2020-12-31  23:59:59'",
                "TIMESTAMP '2020-12-31 23:59:59'",
            ),
            (
                Form::Timestamp,
                "' 2020-12-31\t23:59 '",
                "TIMESTAMP '2020-12-31 23:59'",
            ),
            (
                Form::Timestamp,
                "'2020-12-31 23:59:59.1234567890120000'",
                "TIMESTAMP '2020-12-31 23:59:59.123456789012'",
            ),
            (Form::Timestamp, "'9999-12-31'", "TIMESTAMP '9999-12-31'"),
        ] {
            assert_eq!(
                form.literal(literal).as_deref(),
                Some(expected),
                "{literal}"
            );
        }
    }

    #[test]
    fn fields_are_in_range() {
        for (form, literal) in [
            (Form::Date, "'2024-13-45'"),
            (Form::Date, "'2023-02-29'"),
            (Form::Date, "'1900-02-29'"),
            (Form::Date, "'2020-04-31'"),
            (Form::Date, "'2020-00-01'"),
            (Form::Date, "'20-01-01'"),
            (Form::Date, "'2020-01-01-01'"),
            (Form::Date, "'2020-01'"),
            (Form::Date, "'２０２０-01-01'"),
            (Form::Date, "''"),
            (Form::Date, "'10:00:00'"),
            (Form::Date, "'2020-01-01 10:00:00'"),
            (Form::Time, "'24:00:00'"),
            (Form::Time, "'23:60:00'"),
            (Form::Time, "'23:59:60'"),
            (Form::Time, "'23:59.5'"),
            (Form::Time, "'23:59:59.x'"),
            (Form::Time, "'23:59:59.1234567890123'"),
            (Form::Time, "'23'"),
            (Form::Time, "'1:2:3:4'"),
            (Form::Time, "'2020-01-01'"),
            (Form::Timestamp, "'10:00:00'"),
            (Form::Timestamp, "'2020-12-31 23:59:59 UTC'"),
            (Form::Timestamp, "'2020-12-31T23:59:59Z'"),
            (Form::Timestamp, "'2020-12-31 25:00:00'"),
            (Form::Timestamp, "'2020-12-31T'"),
            (Form::Timestamp, "'it''s'"),
        ] {
            assert_eq!(form.literal(literal), None, "{form:?} {literal}");
        }
    }

    #[test]
    fn a_literal_has_one_form() {
        for (literal, expected) in [
            ("'2020-01-02'", Some("DATE '2020-01-02'")),
            ("'10:11:12'", Some("TIME '10:11:12'")),
            (
                "'2020-01-02 10:11:12'",
                Some("TIMESTAMP '2020-01-02 10:11:12'"),
            ),
            (
                "'2020-01-02T00:00:00'",
                Some("TIMESTAMP '2020-01-02 00:00:00'"),
            ),
            ("'yesterday'", None),
        ] {
            assert_eq!(Form::any(literal).as_deref(), expected, "{literal}");
        }
    }
}
