//! What an application asks about catalogs, tables and columns.

use std::ptr::{null, null_mut};

use super::{Connection, Failure, SQL_NTS, Statement, wide};
use crate::odbc::*;

impl Statement<'_> {
    /// SQLTables; `None` is a null pointer.
    pub fn tables(&mut self, names: [Option<&str>; 4]) -> Result<i16, Failure> {
        let names = names.map(|name| name.map(wide));
        let [catalog, schema, table, types] = names.each_ref().map(Argument::of);
        // SAFETY: the strings end with 0.
        let code = unsafe {
            SQLTablesW(
                self.raw.handle(),
                catalog.0,
                catalog.1,
                schema.0,
                schema.1,
                table.0,
                table.1,
                types.0,
                types.1,
            )
        };
        self.check(code)
    }

    /// SQLColumns; `None` is a null pointer.
    pub fn columns(&mut self, names: [Option<&str>; 4]) -> Result<i16, Failure> {
        let names = names.map(|name| name.map(wide));
        let [catalog, schema, table, column] = names.each_ref().map(Argument::of);
        // SAFETY: the strings end with 0.
        let code = unsafe {
            SQLColumnsW(
                self.raw.handle(),
                catalog.0,
                catalog.1,
                schema.0,
                schema.1,
                table.0,
                table.1,
                column.0,
                column.1,
            )
        };
        self.check(code)
    }

    /// SQLGetTypeInfo.
    pub fn type_info(&mut self, data_type: i16) -> Result<i16, Failure> {
        // SAFETY: the handle is ours.
        let code = unsafe { SQLGetTypeInfoW(self.raw.handle(), data_type) };
        self.check(code)
    }

    /// SQLColAttribute of a text; columns count from 1.
    pub fn text_of_column(&mut self, column: u16, field: u16) -> Result<String, Failure> {
        let mut text = [0_u16; 256];
        let mut length = 0;
        // SAFETY: the buffer is as long as said, in bytes.
        let code = unsafe {
            SQLColAttributeW(
                self.raw.handle(),
                column,
                field,
                text.as_mut_ptr().cast(),
                size_of_val(&text) as i16,
                &mut length,
                null_mut(),
            )
        };
        self.check(code)?;
        Ok(String::from_utf16_lossy(&text[..length as usize / 2]))
    }
}

impl Connection {
    /// SQLSetConnectAttr of SQL_ATTR_CURRENT_CATALOG.
    pub fn set_catalog(&self, name: &str) -> Result<(), Failure> {
        let text = wide(name);
        let value = text.as_ptr().cast_mut().cast();
        // SAFETY: the string ends with 0.
        let code = unsafe {
            SQLSetConnectAttrW(self.raw.handle(), CURRENT_CATALOG, value, SQL_NTS.into())
        };
        self.raw.check(code).map(drop)
    }

    /// SQLGetConnectAttr of SQL_ATTR_CURRENT_CATALOG.
    pub fn catalog(&self) -> Result<String, Failure> {
        let mut text = [0_u16; 256];
        let mut length = 0;
        // SAFETY: the buffer is as long as said, in bytes.
        let code = unsafe {
            SQLGetConnectAttrW(
                self.raw.handle(),
                CURRENT_CATALOG,
                text.as_mut_ptr().cast(),
                size_of_val(&text) as i32,
                &mut length,
            )
        };
        self.raw.check(code)?;
        Ok(String::from_utf16_lossy(&text[..length as usize / 2]))
    }
}

/// A string argument and its length.
struct Argument(*const u16, i16);

impl Argument {
    fn of(text: &Option<Vec<u16>>) -> Self {
        match text {
            Some(text) => Self(text.as_ptr(), SQL_NTS),
            None => Self(null(), 0),
        }
    }
}

const CURRENT_CATALOG: i32 = 109;
