//! Appendix D, cell by cell: a value, a C type and a buffer (or an SQL type) against value, length, indicator and
//! SQLSTATE.
//!
//! What is expected comes from the rules of the reference's tables ([`to_c`], [`to_sql`]), applied to values whose
//! meaning is written down beside them ([`values`], [`parameters`]): by arithmetic on 128 bits and by calendar fields,
//! never by the driver's own code.
//!
//! <https://learn.microsoft.com/sql/odbc/reference/appendixes/converting-data-from-sql-to-c-data-types>
//! <https://learn.microsoft.com/sql/odbc/reference/appendixes/converting-data-from-c-to-sql-data-types>

mod arguments;
mod bigints;
mod columns;
mod described;
mod fine_intervals;
mod nulls;
mod numbers;
mod parameters;
mod records;
mod to_c;
mod to_sql;
mod values;
mod zones;

/// A date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day(pub i32, pub u16, pub u16);

/// A time of day, with nanoseconds and whether there is more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Clock {
    pub hour: u16,
    pub minute: u16,
    pub second: u16,
    pub nanos: u32,
    pub finer: bool,
}

/// Ten to the power of `digits`.
pub fn ten(digits: u32) -> i128 {
    10_i128.pow(digits)
}

/// SQL_DATE_STRUCT.
pub fn date_struct(Day(year, month, day): Day) -> Vec<u8> {
    let mut bytes = i16::try_from(year).unwrap().to_ne_bytes().to_vec();
    bytes.extend(month.to_ne_bytes());
    bytes.extend(day.to_ne_bytes());
    bytes
}

/// SQL_TIME_STRUCT.
pub fn time_struct(clock: Clock) -> Vec<u8> {
    [clock.hour, clock.minute, clock.second]
        .iter()
        .flat_map(|field| field.to_ne_bytes())
        .collect()
}

/// SQL_TIMESTAMP_STRUCT.
pub fn timestamp_struct(day: Day, clock: Clock) -> Vec<u8> {
    let mut bytes = date_struct(day);
    bytes.extend(time_struct(clock));
    bytes.extend(clock.nanos.to_ne_bytes());
    bytes
}

/// SQL_NUMERIC_STRUCT.
pub fn numeric_struct(precision: u8, scale: i8, unscaled: i128) -> Vec<u8> {
    let mut bytes = vec![precision, scale.to_ne_bytes()[0], u8::from(unscaled >= 0)];
    bytes.extend(unscaled.unsigned_abs().to_le_bytes());
    bytes
}

/// SQLGUID of the number that its text spells.
pub fn guid_struct(guid: u128) -> Vec<u8> {
    let mut bytes = ((guid >> 96) as u32).to_ne_bytes().to_vec();
    bytes.extend(((guid >> 80) as u16).to_ne_bytes());
    bytes.extend(((guid >> 64) as u16).to_ne_bytes());
    bytes.extend((guid as u64).to_be_bytes());
    bytes
}

/// SQL_INTERVAL_STRUCT of a type (101 to 113), in the order year, month or day, hour, minute, second, fraction.
pub fn interval_struct(c_type: i16, negative: bool, fields: [u32; 5]) -> Vec<u8> {
    let mut bytes = i32::from(c_type - 100).to_ne_bytes().to_vec();
    bytes.extend(i16::from(negative).to_ne_bytes());
    bytes.extend([0; 2]);
    bytes.extend(fields.iter().flat_map(|field| field.to_ne_bytes()));
    assert_eq!(bytes.len(), size_of::<[u32; 7]>());
    bytes
}

/// First and last field of an interval type: 0 for years and days, then months and hours, minutes, seconds.
pub fn fields_of(interval: i16) -> (bool, usize, usize) {
    match interval {
        101 => (true, 0, 0),
        102 => (true, 1, 1),
        103 => (false, 0, 0),
        104 => (false, 1, 1),
        105 => (false, 2, 2),
        106 => (false, 3, 3),
        107 => (true, 0, 1),
        108 => (false, 0, 1),
        109 => (false, 0, 2),
        110 => (false, 0, 3),
        111 => (false, 1, 2),
        112 => (false, 1, 3),
        113 => (false, 2, 3),
        _ => panic!("{interval} is no interval"),
    }
}

/// Milliseconds of a day, an hour, a minute, a second.
pub const UNITS: [i128; 4] = [86_400_000, 3_600_000, 60_000, 1000];
