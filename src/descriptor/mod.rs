//! SQL_HANDLE_DESC: the application's buffers and the columns of a result.
//!
//! A statement has four descriptors: application row (ARD), application parameter (APD),
//! implementation row (IRD) and implementation parameter (IPD). An application may allocate others
//! and use them as ARD or APD, even of several statements at once, so descriptors are shared and
//! each has a lock.
//!
//! <https://learn.microsoft.com/sql/odbc/reference/develop-app/descriptors>

mod consistency;
mod field;
mod record;

use std::sync::Arc;

use parking_lot::Mutex;

use trino_client::columns::{BaseColumn, ColumnInfo};

use crate::abi::{self, WideUnit};
use crate::bind::Address;
use crate::catalog::Limits;
use crate::diagnostics::{Diagnostics, Error};
use crate::handle::{Kind, Table, Token};

pub use consistency::is_sql_type;
pub use field::{RecordFields, Value};
pub use record::{COLUMN_NULLABLE, Implementation, Record};

/// All descriptors, implicit and explicit ones.
pub static DESCRIPTORS: Table<DescriptorHandle> = Table::new(Kind::Descriptor);

/// What a descriptor describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// ARD or APD: application buffers, allocated with a statement or by the application.
    Application,
    /// IRD: the columns of a result; read-only.
    ImplementationRow,
    /// IPD: the parameters of a statement.
    ImplementationParameter,
}

/// The header and the records.
#[derive(Debug, Clone)]
pub struct Descriptor {
    pub role: Role,
    /// Whether the application allocated it with SQLAllocHandle.
    pub explicit: bool,
    /// SQL_DESC_ARRAY_SIZE.
    pub array_size: usize,
    /// SQL_DESC_ARRAY_STATUS_PTR.
    pub array_status: Address,
    /// SQL_DESC_BIND_OFFSET_PTR.
    pub bind_offset: Address,
    /// SQL_DESC_BIND_TYPE: 0 binds by column, anything else is the size of a row.
    pub bind_type: usize,
    /// SQL_DESC_ROWS_PROCESSED_PTR.
    pub rows_processed: Address,
    records: Vec<Record>,
    version: u64,
}

/// A descriptor as statements share it.
pub type Shared = Arc<Mutex<Descriptor>>;

/// The object behind a descriptor handle.
#[derive(Debug)]
pub struct DescriptorHandle {
    pub descriptor: Shared,
    pub diagnostics: Diagnostics,
    pub origin: Origin,
    /// The width of the application's wide characters.
    pub wide: WideUnit,
}

/// Where a descriptor comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The application allocated it on this connection: it is an explicit one.
    Connection(Token),
    /// It came with a statement, whose handle is not known yet while it is being allocated.
    Statement(Option<Token>),
}

/// A descriptor and the handle by which the application knows it.
#[derive(Debug, Clone)]
pub struct Described {
    pub token: Token,
    pub descriptor: Shared,
}

impl Descriptor {
    /// A descriptor without records.
    pub fn new(role: Role, explicit: bool) -> Self {
        Self {
            role,
            explicit,
            array_size: 1,
            array_status: Address::NULL,
            bind_offset: Address::NULL,
            bind_type: abi::SQL_BIND_BY_COLUMN,
            rows_processed: Address::NULL,
            records: Vec::new(),
            version: 0,
        }
    }

    /// The records, that of column 1 first.
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// The record of a column or parameter, from 1.
    pub fn record(&self, number: usize) -> Option<&Record> {
        self.records.get(number.checked_sub(1)?)
    }

    /// The record of a column or parameter, from 1; added if missing. 07009 for the bookmark
    /// record.
    pub fn record_mut(&mut self, number: usize) -> Result<&mut Record, Error> {
        let index = number.checked_sub(1).ok_or_else(Error::bookmark)?;
        if index >= self.records.len() {
            self.records.resize_with(number, Record::default);
        }
        self.version += 1;
        Ok(&mut self.records[index])
    }

    /// Drops the records after `count`, or adds empty ones up to it (SQL_DESC_COUNT).
    pub fn set_count(&mut self, count: usize) {
        self.version += 1;
        self.records.resize_with(count, Record::default);
    }

    /// Drops unbound records at the end, so that SQL_DESC_COUNT is the highest bound column.
    pub fn trim(&mut self) {
        self.version += 1;
        while self.records.last().is_some_and(|record| !record.is_bound()) {
            self.records.pop();
        }
    }

    /// Copies everything but how it was allocated (SQLCopyDesc); HY016 in IRDs.
    pub fn copy_from(&mut self, source: &Self) -> Result<(), Error> {
        if self.role == Role::ImplementationRow {
            return Err(field::cannot_modify());
        }
        let (role, explicit, version) = (self.role, self.explicit, self.version);
        *self = Self {
            role,
            explicit,
            version: version + 1,
            ..source.clone()
        };
        Ok(())
    }

    /// Describes the columns of a result (IRD), and of which tables they are: nothing is known of
    /// those that `bases` does not reach.
    pub fn describe(&mut self, columns: &[ColumnInfo], bases: &[BaseColumn], limits: &Limits) {
        self.version += 1;
        let bases = bases.iter().map(Some).chain(std::iter::repeat(None));
        let described = columns.iter().zip(bases);
        self.records = described
            .map(|(column, base)| Record::of_column(column, base.cloned(), limits))
            .collect();
    }

    /// Changes whenever a record may have changed.
    pub fn version(&self) -> u64 {
        self.version
    }
}

impl Described {
    /// Allocates a descriptor and its handle, on a connection to `server`. `None` if there are no
    /// more handles.
    pub fn allocate(role: Role, origin: Origin, wide: WideUnit, server: &Arc<str>) -> Option<Self> {
        let explicit = matches!(origin, Origin::Connection(_));
        let descriptor = Arc::new(Mutex::new(Descriptor::new(role, explicit)));
        let token = DESCRIPTORS.insert(DescriptorHandle {
            descriptor: Arc::clone(&descriptor),
            diagnostics: Diagnostics::about(server),
            origin,
            wide,
        })?;
        Some(Self { token, descriptor })
    }

    /// Makes the handle stale.
    pub fn free(&self) {
        DESCRIPTORS.remove(self.token);
    }
}
