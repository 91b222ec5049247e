//! Values of attributes, info types and descriptor fields, written as the application asked.

use std::ffi::c_void;

use super::text::{self, WChar};
use crate::descriptor::Value;
use crate::diagnostics::{Diagnostics, SqlState};

/// Where a value of unknown kind goes: a buffer of `capacity` bytes for text, or a place of the value's own size.
#[derive(Clone, Copy)]
pub struct Place<L> {
    pub value: *mut c_void,
    pub capacity: isize,
    /// Receives the length of text in bytes, and the size of anything else.
    pub length: *mut L,
}

/// A length as wide as the function has it.
pub trait Length: Copy {
    /// The nearest length.
    fn of(bytes: usize) -> Self;
}

impl Length for i16 {
    fn of(bytes: usize) -> Self {
        Self::try_from(bytes).unwrap_or(Self::MAX)
    }
}

impl Length for i32 {
    fn of(bytes: usize) -> Self {
        Self::try_from(bytes).unwrap_or(Self::MAX)
    }
}

impl<L: Length> Place<L> {
    /// Writes text; leaves 01004 when it was cut.
    ///
    /// # Safety
    /// The pointers are null or as large as the application said.
    pub unsafe fn text(self, text: &str, diagnostics: &mut Diagnostics) {
        let capacity = usize::try_from(self.capacity).unwrap_or(0) / size_of::<WChar>();
        // SAFETY: the caller's promise.
        let (total, cut) = unsafe { text::write(text, self.value.cast(), capacity) };
        // SAFETY: the caller's promise.
        unsafe { text::put(self.length, L::of(total * size_of::<WChar>())) };
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
                Value::U32(value) => self.fixed(*value),
                Value::U64(value) => self.fixed(*value),
                Value::Length(value) => self.fixed(*value),
                Value::ULength(value) | Value::Pointer(value) => self.fixed(*value),
            }
        }
    }
}
