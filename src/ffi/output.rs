//! Writes names, and values of attributes, info types and descriptor fields, to the application's buffers.

use std::ffi::c_void;

use super::text::{self, Encoding, Unit};
use crate::abi::WideUnit;
use crate::descriptor::Value;
use crate::diagnostics::{Diagnostics, Error, SqlState};

/// A length as wide as the function has it.
pub trait Length: Copy {
    /// The nearest length.
    fn of(length: usize) -> Self;

    /// The length itself; `None` when it is negative.
    fn get(self) -> Option<usize>;
}

impl Length for i16 {
    fn of(length: usize) -> Self {
        Self::try_from(length).unwrap_or(Self::MAX)
    }

    fn get(self) -> Option<usize> {
        usize::try_from(self).ok()
    }
}

impl Length for i32 {
    fn of(length: usize) -> Self {
        Self::try_from(length).unwrap_or(Self::MAX)
    }

    fn get(self) -> Option<usize> {
        usize::try_from(self).ok()
    }
}

/// Where a name goes: a buffer of `capacity` units.
#[derive(Clone, Copy)]
pub struct Name<U, L> {
    pub text: *mut U,
    pub capacity: L,
    /// Receives the length of the whole name in units.
    pub length: *mut L,
}

impl<U: Unit, L: Length> Name<U, L> {
    /// Refuses a buffer of negative length.
    pub fn check(&self) -> Result<(), Error> {
        match self.capacity.get() {
            Some(_) => Ok(()),
            None => Err(Error::negative_length()),
        }
    }

    /// Writes `text`; leaves 01004 when it was cut. `what` begins the message.
    ///
    /// # Safety
    /// The pointers are null or as large as the application said.
    pub unsafe fn put(self, text: &str, what: &str, wide: WideUnit, diagnostics: &mut Diagnostics) {
        // SAFETY: the caller's promise.
        if unsafe { self.write(text, wide) } {
            diagnostics.warn(
                SqlState::STRING_DATA_RIGHT_TRUNCATED,
                format!("{what} is longer than the buffer and was cut."),
            );
        }
    }

    /// Writes `text`, and gives whether it was cut.
    ///
    /// # Safety
    /// The pointers are null or as large as the application said.
    pub unsafe fn write(self, text: &str, wide: WideUnit) -> bool {
        let capacity = self.capacity.get().unwrap_or(0);
        // SAFETY: the caller's promise.
        let (total, cut) =
            unsafe { text::write(text, self.text.cast(), capacity, U::encoding(wide)) };
        // SAFETY: the caller's promise.
        unsafe { text::put(self.length, L::of(total)) };
        cut
    }
}

/// Where a value of unknown kind goes: a buffer of `capacity` bytes for text, or a place of the value's own size.
#[derive(Clone, Copy)]
pub struct Place<L> {
    pub value: *mut c_void,
    pub capacity: L,
    /// Receives the length of text in bytes, and the size of anything else.
    pub length: *mut L,
    pub encoding: Encoding,
}

impl<L: Length> Place<L> {
    /// Writes text; leaves 01004 when it was cut.
    ///
    /// # Safety
    /// The pointers are null or as large as the application said.
    pub unsafe fn text(self, text: &str, diagnostics: &mut Diagnostics) {
        let size = self.encoding.size();
        let capacity = self.capacity.get().unwrap_or(0) / size;
        // SAFETY: the caller's promise.
        let (total, cut) = unsafe { text::write(text, self.value, capacity, self.encoding) };
        // SAFETY: the caller's promise.
        unsafe { text::put(self.length, L::of(total * size)) };
        if cut {
            diagnostics.warn(
                SqlState::STRING_DATA_RIGHT_TRUNCATED,
                "The text is longer than the buffer and was cut.",
            );
        }
    }

    /// Writes a value of fixed size.
    ///
    /// # Safety
    /// The pointers are null or as large as the application said.
    pub unsafe fn fixed<T>(self, value: T) {
        // SAFETY: the caller's promise.
        unsafe { text::put(self.value.cast(), value) };
        // SAFETY: the caller's promise.
        unsafe { text::put(self.length, L::of(size_of::<T>())) };
    }

    /// Writes a field's value in its own width.
    ///
    /// # Safety
    /// The pointers are null or as large as the application said.
    pub unsafe fn field(self, value: &Value, diagnostics: &mut Diagnostics) {
        // SAFETY: the caller's promise, in each arm.
        unsafe {
            match value {
                Value::Text(value) => self.text(value, diagnostics),
                Value::I16(value) => self.fixed(*value),
                Value::I32(value) => self.fixed(*value),
                Value::U64(value) => self.fixed(*value),
                Value::Length(value) => self.fixed(*value),
                Value::ULength(value) | Value::Pointer(value) => self.fixed(*value),
            }
        }
    }
}
