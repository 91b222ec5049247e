//! Literals of dates and times, as `{d …}`, `{t …}` and `{ts …}` have them.

/// Which of the three.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Date,
    Time,
    Timestamp,
}

impl Form {
    /// The form that a string literal has, if any.
    pub(super) fn of(literal: &str) -> Option<Self> {
        [Self::Date, Self::Time, Self::Timestamp]
            .into_iter()
            .find(|form| form.holds(literal))
    }

    /// Whether a string literal has this form and its fields are in range. A timestamp may go without a time, and a time
    /// without seconds, as Trino reads them.
    pub(super) fn holds(self, literal: &str) -> bool {
        let quoted = literal.strip_prefix('\'');
        let Some(text) = quoted.and_then(|text| text.strip_suffix('\'')) else {
            return false;
        };
        match self {
            Self::Date => is_date(text),
            Self::Time => is_time(text),
            Self::Timestamp => match text.split_once(' ') {
                Some((date, time)) => is_date(date) && is_time(time),
                None => is_date(text),
            },
        }
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

fn is_time(text: &str) -> bool {
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    let mut parts = whole.split(':');
    let mut part = || parts.next().map(|part| number(part, 1..=2));
    let (Some(Some(hour)), Some(Some(minute)), second) = (part(), part(), part()) else {
        return false;
    };
    let seconds = match second {
        Some(second) => second.is_some_and(|second| second < 60),
        None => fraction.is_none(),
    };
    let fraction = fraction.is_none_or(|digits| number(digits, 1..=12).is_some());
    parts.next().is_none() && hour < 24 && minute < 60 && seconds && fraction
}

fn number(text: &str, digits: std::ops::RangeInclusive<usize>) -> Option<u64> {
    let is_number = digits.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::Form;

    #[test]
    fn fields_are_in_range() {
        for (form, literal) in [
            (Form::Date, "'2024-02-29'"),
            (Form::Date, "'2000-02-29'"),
            (Form::Date, "'2020-1-2'"),
            (Form::Time, "'23:59:59'"),
            (Form::Time, "'1:2'"),
            (Form::Time, "'00:00:00.123456789012'"),
            (Form::Timestamp, "'2020-12-31 23:59:59.123'"),
            (Form::Timestamp, "'2020-12-31 23:59'"),
            (Form::Timestamp, "'9999-12-31'"),
        ] {
            assert!(form.holds(literal), "{form:?} {literal}");
        }
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
            (Form::Time, "'24:00:00'"),
            (Form::Time, "'23:60:00'"),
            (Form::Time, "'23:59:60'"),
            (Form::Time, "'23:59.5'"),
            (Form::Time, "'23:59:59.'"),
            (Form::Time, "'23'"),
            (Form::Time, "'1:2:3:4'"),
            (Form::Timestamp, "'2020-12-31T23:59:59'"),
            (Form::Timestamp, "'2020-12-31 23:59:59 UTC'"),
            (Form::Timestamp, "'2020-12-31 25:00:00'"),
            (Form::Timestamp, "'it''s'"),
        ] {
            assert!(!form.holds(literal), "{form:?} {literal}");
        }
    }

    #[test]
    fn a_literal_has_one_form() {
        assert_eq!(Form::of("'2020-01-02'"), Some(Form::Date));
        assert_eq!(Form::of("'10:11:12'"), Some(Form::Time));
        assert_eq!(Form::of("'2020-01-02 10:11:12'"), Some(Form::Timestamp));
        assert_eq!(Form::of("'yesterday'"), None);
    }
}
