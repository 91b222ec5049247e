//! TIMESTAMP, with and without zone.

use trino_client::columns::Zones;

use super::civil::{DAY_MICROS, Moment, date, moment, time};
use super::scratch::Scratch;
use super::temporal;
use super::text::Encoding;
use super::zone::Shift;
use super::{Error, Run, SessionZone, Sink, truncated};
use crate::abi::CType;

impl<S: Sink> Run<'_, S> {
    /// Converts timestamps. `picos` is empty where no value has digits beyond the sixth.
    pub(super) fn timestamps(&mut self, c_type: CType, micros: &[i64], picos: &[u32]) {
        let values = self.of(micros).iter().copied();
        if picos.is_empty() {
            self.wall_clocks(c_type, values, |_, micros| (micros, 0));
        } else {
            self.wall_clocks(c_type, values, |row, micros| (micros, beyond(picos, row)));
        }
    }

    /// Converts timestamps with time zone, as the session's zone shows them.
    pub(super) fn zoned_timestamps(
        &mut self,
        c_type: CType,
        micros: &[i64],
        picos: &[u32],
        zones: &Zones,
        session: &SessionZone,
    ) {
        let values = self.of(micros).iter().copied();
        let mut shifts = Shifts::new(zones, session);
        self.wall_clocks(c_type, values, |row, micros| {
            let index = zones.indexes.get(row).copied().unwrap_or_default();
            (shifts.of(index).apply(micros), beyond(picos, row))
        });
    }

    /// Converts wall clock times; `get` gives microseconds and picoseconds of a row.
    fn wall_clocks(
        &mut self,
        c_type: CType,
        values: impl Iterator<Item = i64>,
        mut get: impl FnMut(usize, i64) -> (i64, u32),
    ) {
        match c_type {
            CType::Timestamp => self.each(values, |row, micros| {
                let (micros, picos) = get(row, micros);
                let bytes = moment(micros, picos).timestamp()?;
                Ok(truncated(bytes, picos % 1000 != 0))
            }),
            CType::Date => self.each(values, |row, micros| {
                let (micros, picos) = get(row, micros);
                let Moment { days, nanos } = moment(micros, picos);
                Ok(truncated(date(days)?, nanos != 0 || picos != 0))
            }),
            CType::Time => self.each(values, |row, micros| {
                let (micros, picos) = get(row, micros);
                let (bytes, fraction) = time(moment(micros, picos).nanos);
                Ok(truncated(bytes, fraction || picos != 0))
            }),
            _ => self.refuse(Error::RestrictedType),
        }
    }

    /// Gives timestamps as text with `precision` digits, and the zone's name after a space if there is one.
    pub(super) fn timestamp_text<E: Encoding>(
        &mut self,
        micros: &[i64],
        picos: &[u32],
        precision: u8,
        zones: Option<&Zones>,
    ) {
        let values = self.of(micros).iter().copied();
        self.written::<E, _>(values, |row, micros, text| {
            let whole = push_timestamp(micros, beyond(picos, row), precision, text);
            if let Some(zones) = zones {
                let index = zones.indexes.get(row).copied().unwrap_or_default();
                text.push_byte(b' ');
                if let Some(name) = zones.names.get(usize::from(index)) {
                    text.push(name.as_bytes());
                }
            }
            whole
        });
    }
}

/// What the zones of a column mean in the session's. Those of the last values stay known, so that a run looks up few.
struct Shifts<'a> {
    zones: &'a Zones,
    session: &'a SessionZone,
    /// Each zone has one place, by its index.
    known: [Option<(u16, Shift)>; KNOWN],
}

impl<'a> Shifts<'a> {
    fn new(zones: &'a Zones, session: &'a SessionZone) -> Self {
        Self {
            zones,
            session,
            known: [const { None }; KNOWN],
        }
    }

    #[inline]
    fn of(&mut self, index: u16) -> &Shift {
        let place = &mut self.known[usize::from(index) % KNOWN];
        if place.as_ref().is_none_or(|(known, _)| *known != index) {
            let name = self.zones.names.get(usize::from(index));
            *place = Some((index, self.session.shift(name.map_or("", |name| name))));
        }
        place.as_ref().map_or(&Shift::None, |(_, shift)| shift)
    }
}

/// Zones of a run that are known at a time.
const KNOWN: usize = 8;

/// Writes a timestamp and returns the length of its whole seconds.
#[inline]
fn push_timestamp(micros: i64, picos: u32, precision: u8, text: &mut Scratch) -> usize {
    let (days, micros) = (micros.div_euclid(DAY_MICROS), micros.rem_euclid(DAY_MICROS));
    temporal::push_date(days, text);
    text.push_byte(b' ');
    let whole = text.len() + 8;
    let (seconds, micros) = (micros / 1_000_000, micros % 1_000_000);
    temporal::push_clock(seconds as u32, micros as u32, picos, precision, text);
    whole
}

/// The picoseconds within the microsecond.
#[inline]
fn beyond(picos: &[u32], row: usize) -> u32 {
    picos.get(row).copied().unwrap_or_default()
}
