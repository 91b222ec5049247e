//! The addresses of one bound parameter, read when the statement is executed.
//!
//! It is sound because the application promises at SQLBindParameter that the values, lengths and
//! indicators of every parameter set stay valid until the execution ends.
#![allow(unsafe_code)]

use super::{Address, Layout};
use crate::abi::{self, CType, WideUnit};
use crate::convert::{Form, ParameterError};

/// A bound parameter, from SQLBindParameter or the fields of an APD record. Addresses are of the
/// application, or 0.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    pub form: Form,
    pub data: Address,
    /// Bytes from one value to the next, for types of variable length.
    pub capacity: isize,
    pub length: Address,
    pub indicator: Address,
}

/// The value of a parameter in the application's memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterInput<'a> {
    Null,
    Value(&'a [u8]),
    /// Data at execution: SQLPutData supplies the value, and SQLParamData identifies it by this
    /// address.
    Later(Address),
}

impl Parameter {
    /// The value in parameter set `set`, from 0.
    pub fn input(
        &self,
        layout: &Layout,
        set: usize,
        wide: WideUnit,
    ) -> Result<ParameterInput<'_>, ParameterError> {
        let size = self.form.c_type.size();
        let value_size = size.unwrap_or(usize::try_from(self.capacity).unwrap_or_default());
        let data = element(self.data, layout, set, value_size);
        let length = element(self.length, layout, set, size_of::<isize>());
        let indicator = element(self.indicator, layout, set, size_of::<isize>());
        if indicator.read_isize() == abi::SQL_NULL_DATA {
            return Ok(ParameterInput::Null);
        }
        let length = if length.is_null() {
            // Without a length, text ends with its null.
            abi::SQL_NTS
        } else {
            length.read_isize()
        };
        match length {
            abi::SQL_NULL_DATA => return Ok(ParameterInput::Null),
            abi::SQL_DATA_AT_EXEC | isize::MIN..=abi::SQL_LEN_DATA_AT_EXEC_OFFSET => {
                return Ok(ParameterInput::Later(data));
            }
            abi::SQL_DEFAULT_PARAM => return Err(ParameterError::NoDefault),
            _ => {}
        }
        if let Some(size) = size {
            return Ok(ParameterInput::Value(read(data, size)?));
        }
        let length = match length {
            // Bytes have no null at their end.
            abi::SQL_NTS if self.form.c_type == CType::Binary => value_size,
            length => measured(data, length, self.form.c_type, wide)?,
        };
        Ok(ParameterInput::Value(read(data, length)?))
    }
}

/// A part of a value from SQLPutData; `None` for NULL.
pub fn put(
    data: Address,
    length: isize,
    c_type: CType,
    wide: WideUnit,
) -> Result<Option<Vec<u8>>, ParameterError> {
    if length == abi::SQL_NULL_DATA {
        return Ok(None);
    }
    if length == abi::SQL_DEFAULT_PARAM {
        return Err(ParameterError::NoDefault);
    }
    let length = match c_type.size() {
        Some(size) => size,
        None if length == abi::SQL_NTS && c_type == CType::Binary => {
            return Err(ParameterError::InvalidLength);
        }
        None => measured(data, length, c_type, wide)?,
    };
    Ok(Some(read(data, length)?.to_vec()))
}

/// The address of a set's element.
fn element(start: Address, layout: &Layout, set: usize, size: usize) -> Address {
    if start.is_null() {
        return start;
    }
    let start = start.get().wrapping_add_signed(layout.offset);
    Address::new(start.wrapping_add(set.wrapping_mul(layout.stride(size))))
}

/// Bytes of a value of text or bytes.
fn measured(
    data: Address,
    length: isize,
    c_type: CType,
    wide: WideUnit,
) -> Result<usize, ParameterError> {
    if length != abi::SQL_NTS {
        return usize::try_from(length).map_err(|_| ParameterError::InvalidLength);
    }
    if data.is_null() {
        return Err(ParameterError::NullPointer);
    }
    Ok(match (c_type, wide) {
        (CType::WChar, WideUnit::Utf16) => terminated::<u16>(data) * size_of::<u16>(),
        (CType::WChar, WideUnit::Utf32) => terminated::<u32>(data) * size_of::<u32>(),
        _ => terminated::<u8>(data),
    })
}

/// Units before the null.
fn terminated<U: Copy + PartialEq + Default>(data: Address) -> usize {
    let start = data.pointer::<U>();
    let mut count = 0;
    loop {
        let unit = start.wrapping_add(count);
        // SAFETY: the application promised text that ends with a null, and none came before.
        if unsafe { unit.read_unaligned() } == U::default() {
            return count;
        }
        count += 1;
    }
}

/// `size` bytes of the application.
fn read<'a>(data: Address, size: usize) -> Result<&'a [u8], ParameterError> {
    if size == 0 {
        return Ok(&[]);
    }
    if data.is_null() {
        return Err(ParameterError::NullPointer);
    }
    // SAFETY: the application promised as many readable bytes for the length of the call (bound
    // parameter, SQLPutData).
    Ok(unsafe { std::slice::from_raw_parts(data.pointer(), size) })
}

#[cfg(test)]
mod tests {
    use super::{Address, Layout, Parameter, ParameterError, ParameterInput, WideUnit, abi, put};
    use crate::abi::CType;

    fn address<T>(values: &[T]) -> Address {
        Address::of(values.as_ptr())
    }

    fn bound<T>(c_type: CType, data: &[T], capacity: isize, lengths: &[isize]) -> Parameter {
        Parameter {
            form: c_type.into(),
            data: address(data),
            capacity,
            length: address(lengths),
            indicator: address(lengths),
        }
    }

    #[test]
    fn the_length_distinguishes_text_null_and_data_at_execution() {
        let data = *b"abc\0defg";
        let lengths = [abi::SQL_NTS, 4, abi::SQL_NULL_DATA, abi::SQL_DATA_AT_EXEC];
        let parameter = bound(CType::Char, &data, 4, &lengths);
        let given = |set| parameter.input(&Layout::default(), set, WideUnit::Utf16);
        assert_eq!(given(0), Ok(ParameterInput::Value(b"abc")));
        assert_eq!(given(1), Ok(ParameterInput::Value(b"defg")));
        assert_eq!(given(2), Ok(ParameterInput::Null));
        assert_eq!(
            given(3),
            Ok(ParameterInput::Later(Address::new(
                address(&data).get() + 12
            )))
        );
        for (length, error) in [
            (abi::SQL_DEFAULT_PARAM, ParameterError::NoDefault),
            (-7, ParameterError::InvalidLength),
        ] {
            let lengths = [length];
            let parameter = bound(CType::Char, &data, 4, &lengths);
            let given = parameter.input(&Layout::default(), 0, WideUnit::Utf16);
            assert_eq!(given, Err(error));
        }
    }

    #[test]
    fn numbers_have_their_own_size_whatever_the_length_says() {
        let (data, lengths) = ([1_i32, 2], [0, 99]);
        let parameter = bound(CType::SLong, &data, 0, &lengths);
        for (set, value) in data.iter().enumerate() {
            let bytes = value.to_ne_bytes();
            let given = parameter.input(&Layout::default(), set, WideUnit::Utf16);
            assert_eq!(given, Ok(ParameterInput::Value(&bytes)));
        }
    }

    #[test]
    fn rows_have_a_size_and_an_offset() {
        // Two numbers a row, of which the second is bound, from the second row on.
        let data = [1_i64, 2, 3, 4, 5, 6];
        let parameter = Parameter {
            length: Address::NULL,
            indicator: Address::NULL,
            ..bound(CType::SBigInt, &data[1..], 0, &[])
        };
        let layout = Layout {
            row_size: 16,
            offset: 16,
        };
        let bytes = 6_i64.to_ne_bytes();
        let given = parameter.input(&layout, 1, WideUnit::Utf16);
        assert_eq!(given, Ok(ParameterInput::Value(&bytes)));
    }

    #[test]
    fn a_value_without_memory_is_refused_unless_it_is_empty() {
        let parameter = |lengths: &[isize]| Parameter {
            data: Address::NULL,
            ..bound(CType::Char, &[0_u8], 0, lengths)
        };
        for (length, expected) in [
            (3, Err(ParameterError::NullPointer)),
            (abi::SQL_NTS, Err(ParameterError::NullPointer)),
            (0, Ok(ParameterInput::Value(&[][..]))),
        ] {
            let lengths = [length];
            let parameter = parameter(&lengths);
            let given = parameter.input(&Layout::default(), 0, WideUnit::Utf16);
            assert_eq!(given, expected);
        }
    }

    #[test]
    fn parts_are_measured_by_their_c_type() {
        let text: Vec<u16> = "ab\0c".encode_utf16().collect();
        let part = |length, c_type| put(address(&text), length, c_type, WideUnit::Utf16);
        assert_eq!(part(-3, CType::WChar), Ok(Some(vec![b'a', 0, b'b', 0])));
        assert_eq!(part(2, CType::WChar), Ok(Some(vec![b'a', 0])));
        assert_eq!(part(0, CType::SShort), Ok(Some(vec![b'a', 0])));
        assert_eq!(part(-1, CType::SShort), Ok(None));
        assert_eq!(part(-3, CType::Binary), Err(ParameterError::InvalidLength));
    }
}
