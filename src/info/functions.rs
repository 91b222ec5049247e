//! SQLGetFunctions.

use crate::abi::SQL_API_ODBC3_ALL_FUNCTIONS_SIZE;

/// The answer to SQL_API_ODBC3_ALL_FUNCTIONS: one bit a function, by number.
pub fn bitmap(exports: &[u16]) -> [u16; SQL_API_ODBC3_ALL_FUNCTIONS_SIZE] {
    let mut words = [0; SQL_API_ODBC3_ALL_FUNCTIONS_SIZE];
    for function in exports {
        if let Some(word) = words.get_mut(usize::from(function >> 4)) {
            *word |= 1 << (function & 0xf);
        }
    }
    words
}
