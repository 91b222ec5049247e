//! Temporary.
use std::borrow::Cow;
pub enum Value { Text(Cow<'static, str>), U16(u16), U32(u32), USize(usize) }
pub struct Facts<'a> { pub data_source: &'a str, pub server: &'a str, pub user: String, pub catalog: String, pub read_only: bool, pub version: &'a dyn Fn() -> Option<String> }
pub fn lookup(info_type: u16, facts: &Facts<'_>) -> Option<Value> {
    let text = |t: &'static str| Some(Value::Text(t.into()));
    match info_type {
        77 => text("03.80"), 6 => text("libtrinoodbc.so"), 7 => text("00.01.0000"), 17 => text("Trino"),
        18 => Some(Value::Text((facts.version)().unwrap_or_default().into())),
        23 | 24 => Some(Value::U16(2)), 81 => Some(Value::U32(15)), 10002 => text("N"), 111 => text("Y"), 29 => text("\""),
        _ => Some(Value::U32(0)),
    }
}
pub fn bitmap(exports: &[u16]) -> [u16; 250] { let mut m = [0u16; 250]; for f in exports { if let Some(w) = m.get_mut((f >> 4) as usize) { *w |= 1 << (f & 15); } } m }
