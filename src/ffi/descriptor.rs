//! Behind the exports: descriptors.

use std::ffi::c_void;
use std::sync::Arc;

use super::entry;
use super::output::Place;
use super::text::{self, WChar};
use crate::abi::{self, SQL_INVALID_HANDLE, SqlReturn};
use crate::descriptor::DESCRIPTORS;
use crate::descriptor::Role;
use crate::diagnostics::{Error, SqlState};
use crate::handle::Token;
use crate::statement::Outcome;

pub unsafe fn get_field(
    descriptor: *mut c_void,
    record: i16,
    field: i16,
    value: *mut c_void,
    capacity: i32,
    length: *mut i32,
) -> SqlReturn {
    entry::descriptor("SQLGetDescField", descriptor, |handle| {
        let number = number(record)?;
        let found = {
            let descriptor = handle.descriptor.lock();
            let of_header =
                (abi::SQL_DESC_ARRAY_SIZE..=abi::SQL_DESC_ARRAY_STATUS_PTR).contains(&field);
            if !of_header && number > descriptor.records().len() {
                return Ok(Outcome::NoData);
            }
            descriptor.field(number, field)?
        };
        let place = Place {
            value,
            capacity: capacity as isize,
            length,
        };
        // SAFETY: the application's buffer.
        unsafe { place.field(&found, &mut handle.diagnostics) };
        Ok(Outcome::Done)
    })
}

pub unsafe fn set_field(
    descriptor: *mut c_void,
    record: i16,
    field: i16,
    value: *mut c_void,
    _length: i32,
) -> SqlReturn {
    entry::descriptor("SQLSetDescField", descriptor, |handle| {
        let number = number(record)?;
        handle
            .descriptor
            .lock()
            .set_field(number, field, value.expose_provenance())?;
        Ok(Outcome::Done)
    })
}

pub unsafe fn get_record(
    descriptor: *mut c_void,
    record: i16,
    name: *mut WChar,
    capacity: i16,
    name_length: *mut i16,
    kind: *mut i16,
    sub_type: *mut i16,
    length: *mut isize,
    precision: *mut i16,
    scale: *mut i16,
    nullable: *mut i16,
) -> SqlReturn {
    entry::descriptor("SQLGetDescRec", descriptor, |handle| {
        let number = number(record)?;
        let Some(found) = handle.descriptor.lock().record(number).cloned() else {
            return Ok(Outcome::NoData);
        };
        let column = found
            .implementation
            .as_ref()
            .map_or("", |column| column.name.as_str());
        // SAFETY: the application's buffers, in each line.
        unsafe {
            let capacity = usize::try_from(capacity).unwrap_or(0);
            let (total, _) = text::write(column, name, capacity);
            text::put(name_length, i16::try_from(total).unwrap_or(i16::MAX));
            text::put(kind, found.verbose_type());
            text::put(sub_type, found.datetime_code());
            text::put(length, found.octet_length);
            text::put(precision, found.precision);
            text::put(scale, found.scale);
            text::put(nullable, abi::SQL_NULLABLE);
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
    entry::descriptor("SQLSetDescRec", descriptor, |handle| {
        let number = number(record)?;
        let mut descriptor = handle.descriptor.lock();
        if descriptor.role == Role::ImplementationRow {
            return Err(Error::new(
                SqlState::CANNOT_MODIFY_IRD,
                "The descriptor of a result's columns cannot be changed.",
            ));
        }
        let found = descriptor.record_mut(number).ok_or_else(|| {
            Error::new(
                SqlState::INVALID_DESCRIPTOR_INDEX,
                "Record 0 is the bookmark, and bookmarks are not supported.",
            )
        })?;
        found.set_type(match kind {
            abi::SQL_DATETIME => 90 + sub_type,
            abi::SQL_INTERVAL => 100 + sub_type,
            kind => kind,
        });
        found.octet_length = length;
        found.precision = precision;
        found.scale = scale;
        found.data = data.expose_provenance();
        found.octet_length_ptr = octet_length.expose_provenance();
        found.indicator = indicator.expose_provenance();
        Ok(Outcome::Done)
    })
}

pub unsafe fn copy(source: *mut c_void, target: *mut c_void) -> SqlReturn {
    // One lock at a time: two threads may copy in opposite directions.
    let found = Token::from_ptr(source)
        .and_then(|token| Some(Arc::clone(&DESCRIPTORS.lock(token)?.descriptor)));
    let Some(found) = found else {
        return SQL_INVALID_HANDLE;
    };
    let copied = found.lock().clone();
    entry::descriptor("SQLCopyDesc", target, |handle| {
        let mut descriptor = handle.descriptor.lock();
        if descriptor.role == Role::ImplementationRow {
            return Err(Error::new(
                SqlState::CANNOT_MODIFY_IRD,
                "The descriptor of a result's columns cannot be changed.",
            ));
        }
        descriptor.copy_from(&copied);
        Ok(Outcome::Done)
    })
}

fn number(record: i16) -> Result<usize, Error> {
    usize::try_from(record).map_err(|_| {
        Error::new(
            SqlState::INVALID_DESCRIPTOR_INDEX,
            "Records are counted from 1.",
        )
    })
}
