//! Calls in the log, with their arguments: numbers and addresses, since what an address leads to may be secret.

use std::fmt::{self, Write as _};

/// An argument as it may be shown.
#[derive(Debug, Clone, Copy)]
pub enum Argument {
    Signed(i64),
    Unsigned(u64),
    Address(usize),
}

/// Logs the beginning of a call.
#[cold]
pub fn log(function: &'static str, arguments: &[(&'static str, Argument)]) {
    let mut text = String::new();
    for (name, argument) in arguments {
        let _ = write!(text, " {name}={argument}");
    }
    tracing::trace!("{function}{text}");
}

impl fmt::Display for Argument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Signed(number) => number.fmt(f),
            Self::Unsigned(number) => number.fmt(f),
            Self::Address(0) => f.write_str("null"),
            Self::Address(address) => write!(f, "{address:#x}"),
        }
    }
}

impl<T> From<*const T> for Argument {
    fn from(address: *const T) -> Self {
        Self::Address(address.addr())
    }
}

impl<T> From<*mut T> for Argument {
    fn from(address: *mut T) -> Self {
        Self::Address(address.addr())
    }
}

impl From<i16> for Argument {
    fn from(number: i16) -> Self {
        Self::Signed(number.into())
    }
}

impl From<i32> for Argument {
    fn from(number: i32) -> Self {
        Self::Signed(number.into())
    }
}

impl From<isize> for Argument {
    fn from(number: isize) -> Self {
        Self::Signed(number as i64)
    }
}

impl From<u16> for Argument {
    fn from(number: u16) -> Self {
        Self::Unsigned(number.into())
    }
}

impl From<usize> for Argument {
    fn from(number: usize) -> Self {
        Self::Unsigned(number as u64)
    }
}
