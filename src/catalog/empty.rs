//! The catalog functions without data in Trino: the standard's columns, and no rows.
//!
//! Trino has no keys, indexes or row identifiers, and its procedures return nothing that ODBC could
//! call. Applications such as Access call them anyway and treat an error as a broken driver.

use trino_client::columns::{Chunk, ColumnInfo};

use super::rows::{chunk, integer, name, small, unbounded, varchar};

/// A catalog function whose answer is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmptyFunction {
    SpecialColumns,
    Statistics,
    PrimaryKeys,
    ForeignKeys,
    Procedures,
    ProcedureColumns,
}

/// The columns of the function's answer, and no rows.
pub fn empty(function: EmptyFunction) -> (Vec<ColumnInfo>, Chunk) {
    let columns = columns(function);
    let chunk = chunk(&columns, &[]);
    (columns, chunk)
}

fn columns(function: EmptyFunction) -> Vec<ColumnInfo> {
    match function {
        EmptyFunction::SpecialColumns => vec![
            small("SCOPE"),
            name("COLUMN_NAME"),
            small("DATA_TYPE"),
            unbounded("TYPE_NAME"),
            integer("COLUMN_SIZE"),
            integer("BUFFER_LENGTH"),
            small("DECIMAL_DIGITS"),
            small("PSEUDO_COLUMN"),
        ],
        EmptyFunction::Statistics => vec![
            name("TABLE_CAT"),
            name("TABLE_SCHEM"),
            name("TABLE_NAME"),
            small("NON_UNIQUE"),
            name("INDEX_QUALIFIER"),
            name("INDEX_NAME"),
            small("TYPE"),
            small("ORDINAL_POSITION"),
            name("COLUMN_NAME"),
            varchar("ASC_OR_DESC", 1),
            integer("CARDINALITY"),
            integer("PAGES"),
            unbounded("FILTER_CONDITION"),
        ],
        EmptyFunction::PrimaryKeys => vec![
            name("TABLE_CAT"),
            name("TABLE_SCHEM"),
            name("TABLE_NAME"),
            name("COLUMN_NAME"),
            small("KEY_SEQ"),
            name("PK_NAME"),
        ],
        EmptyFunction::ForeignKeys => vec![
            name("PKTABLE_CAT"),
            name("PKTABLE_SCHEM"),
            name("PKTABLE_NAME"),
            name("PKCOLUMN_NAME"),
            name("FKTABLE_CAT"),
            name("FKTABLE_SCHEM"),
            name("FKTABLE_NAME"),
            name("FKCOLUMN_NAME"),
            small("KEY_SEQ"),
            small("UPDATE_RULE"),
            small("DELETE_RULE"),
            name("FK_NAME"),
            name("PK_NAME"),
            small("DEFERRABILITY"),
        ],
        EmptyFunction::Procedures => vec![
            name("PROCEDURE_CAT"),
            name("PROCEDURE_SCHEM"),
            name("PROCEDURE_NAME"),
            integer("NUM_INPUT_PARAMS"),
            integer("NUM_OUTPUT_PARAMS"),
            integer("NUM_RESULT_SETS"),
            unbounded("REMARKS"),
            small("PROCEDURE_TYPE"),
        ],
        EmptyFunction::ProcedureColumns => vec![
            name("PROCEDURE_CAT"),
            name("PROCEDURE_SCHEM"),
            name("PROCEDURE_NAME"),
            name("COLUMN_NAME"),
            small("COLUMN_TYPE"),
            small("DATA_TYPE"),
            unbounded("TYPE_NAME"),
            integer("COLUMN_SIZE"),
            integer("BUFFER_LENGTH"),
            small("DECIMAL_DIGITS"),
            small("NUM_PREC_RADIX"),
            small("NULLABLE"),
            unbounded("REMARKS"),
            unbounded("COLUMN_DEF"),
            small("SQL_DATA_TYPE"),
            small("SQL_DATETIME_SUB"),
            integer("CHAR_OCTET_LENGTH"),
            integer("ORDINAL_POSITION"),
            varchar("IS_NULLABLE", 3),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::{EmptyFunction, empty};

    #[test]
    fn each_answer_has_the_standards_number_of_columns_and_no_row() {
        for (function, count) in [
            (EmptyFunction::SpecialColumns, 8),
            (EmptyFunction::Statistics, 13),
            (EmptyFunction::PrimaryKeys, 6),
            (EmptyFunction::ForeignKeys, 14),
            (EmptyFunction::Procedures, 8),
            (EmptyFunction::ProcedureColumns, 19),
        ] {
            let (columns, chunk) = empty(function);
            assert_eq!(columns.len(), count, "{function:?}");
            assert_eq!(chunk.columns().len(), count);
            assert_eq!(chunk.rows(), 0);
        }
    }
}
