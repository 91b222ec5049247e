//! Behind the exports: descriptors.

use std::ffi::c_void;
use std::sync::Arc;

use super::output::{Name, Place};
use super::text::{self, Unit};
use super::{asynchronous, call};
use crate::abi::{self, SQL_INVALID_HANDLE, SQL_STILL_EXECUTING, SqlReturn};
use crate::bind::Address;
use crate::descriptor::{DESCRIPTORS, Descriptor, RecordFields, Role};
use crate::diagnostics::{Error, SqlState};
use crate::handle::Token;
use crate::statement::Outcome;

pub unsafe fn get_field<U: Unit>(
    descriptor: *mut c_void,
    record: i16,
    field: i16,
    value: *mut c_void,
    capacity: i32,
    length: *mut i32,
) -> SqlReturn {
    // What an application has set itself can be read at any time.
    let own = Descriptor::is_header(field) && field != abi::SQL_DESC_COUNT;
    let described = if own {
        Some(Ok(()))
    } else {
        asynchronous::describe("SQLGetDescField", descriptor)
    };
    let Some(described) = described else {
        return SQL_STILL_EXECUTING;
    };
    call::descriptor("SQLGetDescField", descriptor).run(|handle, _| {
        described?;
        let number = if own { 0 } else { number(record)? };
        let Some(found) = handle.descriptor.lock().field(number, field)? else {
            return Ok(Outcome::NoData);
        };
        let place = Place {
            value,
            capacity,
            length,
            encoding: U::encoding(handle.wide),
        };
        // SAFETY: the application's buffer.
        unsafe { place.field(&found, &mut handle.diagnostics) };
        Ok(Outcome::Done)
    })
}

pub unsafe fn set_field<U: Unit>(
    descriptor: *mut c_void,
    record: i16,
    field: i16,
    value: *mut c_void,
    length: i32,
) -> SqlReturn {
    call::descriptor("SQLSetDescField", descriptor).run(|handle, _| {
        let mut descriptor = handle.descriptor.lock();
        descriptor.check_writable(field)?;
        let header = Descriptor::is_header(field);
        let number = if header { 0 } else { number(record)? };
        if field == abi::SQL_DESC_NAME {
            let text = value.cast_const().cast::<U>();
            // SAFETY: the application's string, its length in bytes.
            let name = unsafe { text::read_bytes(text, length as isize, handle.wide) }?;
            let name = name.unwrap_or_default();
            if name.chars().count() > LONGEST_NAME {
                return Err(Error::new(
                    SqlState::STRING_DATA_RIGHT_TRUNCATION,
                    "A parameter name can have at most 128 characters.",
                ));
            }
            descriptor.set_name(number, &name)?;
        } else {
            descriptor.set_field(number, field, value.expose_provenance())?;
        }
        Ok(Outcome::Done)
    })
}

pub unsafe fn get_record<U: Unit>(
    descriptor: *mut c_void,
    record: i16,
    name: *mut U,
    capacity: i16,
    name_length: *mut i16,
    kind: *mut i16,
    sub_type: *mut i16,
    length: *mut isize,
    precision: *mut i16,
    scale: *mut i16,
    nullable: *mut i16,
) -> SqlReturn {
    let Some(described) = asynchronous::describe("SQLGetDescRec", descriptor) else {
        return SQL_STILL_EXECUTING;
    };
    call::descriptor("SQLGetDescRec", descriptor).run(|handle, _| {
        described?;
        let name = Name {
            text: name,
            capacity,
            length: name_length,
        };
        name.check()?;
        let number = match number(record)? {
            0 => return Err(no_such_record()),
            number => number,
        };
        let Some(found) = handle.descriptor.lock().record(number).cloned() else {
            return Ok(Outcome::NoData);
        };
        // SAFETY: the application's buffers, in each line.
        unsafe {
            let area = &mut handle.diagnostics;
            name.put(found.name(), "The name", handle.wide, area);
            text::put(kind, found.verbose_type());
            text::put(sub_type, found.datetime_code());
            text::put(length, found.octet_length);
            text::put(precision, found.precision);
            text::put(scale, found.scale);
            text::put(nullable, found.nullable());
        }
        Ok(Outcome::Done)
    })
}

pub unsafe fn set_record(
    descriptor: *mut c_void,
    record: i16,
    kind: i16,
    sub_type: i16,
    length: isize,
    precision: i16,
    scale: i16,
    data: *mut c_void,
    octet_length: *mut isize,
    indicator: *mut isize,
) -> SqlReturn {
    call::descriptor("SQLSetDescRec", descriptor).run(|handle, _| {
        let given = RecordFields {
            kind,
            sub_type,
            octet_length: length,
            precision,
            scale,
            data: Address::of(data),
            octet_length_ptr: Address::of(octet_length),
            indicator: Address::of(indicator),
        };
        let mut descriptor = handle.descriptor.lock();
        descriptor.set_record(number(record)?, &given)?;
        Ok(Outcome::Done)
    })
}

pub unsafe fn copy(source: *mut c_void, target: *mut c_void) -> SqlReturn {
    let Some(described) = asynchronous::describe("SQLCopyDesc", source) else {
        return SQL_STILL_EXECUTING;
    };
    // One lock at a time: two threads may copy in opposite directions.
    let found = Token::from_ptr(source)
        .and_then(|token| Some(Arc::clone(&DESCRIPTORS.lock(token)?.descriptor)));
    let Some(found) = found else {
        return SQL_INVALID_HANDLE;
    };
    let copied = found.lock().clone();
    call::descriptor("SQLCopyDesc", target).run(|handle, _| {
        described?;
        if copied.role == Role::ImplementationRow && copied.records().is_empty() {
            return Err(Error::new(
                SqlState::INVALID_CURSOR_STATE,
                "The statement has no result set, so its column descriptor is empty.",
            ));
        }
        handle.descriptor.lock().copy_from(&copied)?;
        Ok(Outcome::Done)
    })
}

fn number(record: i16) -> Result<usize, Error> {
    usize::try_from(record).map_err(|_| no_such_record())
}

fn no_such_record() -> Error {
    Error::new(
        SqlState::INVALID_DESCRIPTOR_INDEX,
        "Invalid descriptor record number; records start at 1, and bookmarks (record 0) are not supported.",
    )
}

/// SQL_MAX_IDENTIFIER_LEN.
const LONGEST_NAME: usize = 128;
