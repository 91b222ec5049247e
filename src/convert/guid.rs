//! UUID and `SQLGUID`.

use trino_client::columns::Bytes;

use super::scratch::Scratch;
use super::text::Encoding;
use super::{Converted, Error, Run, Sink};

impl<S: Sink> Run<'_, S> {
    /// Converts UUIDs to `SQLGUID`.
    pub(super) fn guids(&mut self, values: &[[u8; 16]]) {
        let values = self.of(values).iter();
        self.each(values, |_, value| Ok((guid(*value), None)));
    }

    /// Converts text that holds UUIDs.
    pub(super) fn guid_literals(&mut self, bytes: &Bytes) {
        self.each(0..self.rows, |row, _| parse(bytes.get(row)));
    }

    /// Gives UUIDs as lower-case text.
    pub(super) fn uuid_text<E: Encoding>(&mut self, values: &[[u8; 16]]) {
        let values = self.of(values).iter();
        self.written::<E, _>(values, |_, value, text| push_uuid(value, text));
    }
}

/// The `SQLGUID` of the bytes in the order of the text: its first three numbers are in the machine's byte order.
fn guid(uuid: [u8; 16]) -> [u8; 16] {
    let [a, b, c, d, e, f, g, h, rest @ ..] = uuid;
    let [a, b, c, d] = u32::from_be_bytes([a, b, c, d]).to_ne_bytes();
    let [e, f] = u16::from_be_bytes([e, f]).to_ne_bytes();
    let [g, h] = u16::from_be_bytes([g, h]).to_ne_bytes();
    let [i, j, k, l, m, n, o, p] = rest;
    [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p]
}

/// The bytes in the order of the text of an `SQLGUID`.
pub(super) fn uuid(bytes: [u8; 16]) -> [u8; 16] {
    // The same bytes change places, there and back.
    guid(bytes)
}

/// The `SQLGUID` of a text, which may stand in braces.
pub(super) fn parse(text: &[u8]) -> Converted<[u8; 16]> {
    let text = text.trim_ascii();
    let text = match text {
        [b'{', inner @ .., b'}'] => inner,
        _ => text,
    };
    if text.len() != 36 {
        return Err(Error::InvalidText);
    }
    let mut uuid = [0; 16];
    let mut digits = 0;
    for (place, byte) in text.iter().enumerate() {
        if matches!(place, 8 | 13 | 18 | 23) {
            if *byte != b'-' {
                return Err(Error::InvalidText);
            }
            continue;
        }
        let digit = char::from(*byte).to_digit(16).ok_or(Error::InvalidText)? as u8;
        if let Some(value) = uuid.get_mut(digits / 2) {
            *value = *value << 4 | digit;
        }
        digits += 1;
    }
    Ok((guid(uuid), None))
}

/// Writes a UUID; all of it must be given.
pub(super) fn push_uuid(uuid: &[u8; 16], text: &mut Scratch) -> usize {
    const DIGITS: [u8; 16] = *b"0123456789abcdef";
    let mut digits = [0; 32];
    for (pair, byte) in digits.as_chunks_mut().0.iter_mut().zip(uuid) {
        // Four bits are always one of sixteen digits.
        *pair = [byte >> 4, byte & 15].map(|digit| DIGITS[usize::from(digit)]);
    }
    let (a, rest) = digits.split_at(8);
    text.push(a);
    let (groups, last) = rest.split_at(12);
    for group in groups.as_chunks::<4>().0 {
        text.push_byte(b'-');
        text.push_array(*group);
    }
    text.push_byte(b'-');
    text.push(last);
    text.len()
}

#[cfg(test)]
mod tests {
    use super::{Error, Scratch, parse, push_uuid};

    #[test]
    fn the_first_three_numbers_are_in_native_order() {
        let text = "12151fd2-7586-11e9-8f9e-2a86e4085a59";
        let (bytes, _) = parse(text.as_bytes()).unwrap();
        assert_eq!(bytes[..4], 0x1215_1fd2_u32.to_ne_bytes());
        assert_eq!(bytes[4..6], 0x7586_u16.to_ne_bytes());
        assert_eq!(bytes[6..8], 0x11e9_u16.to_ne_bytes());
        assert_eq!(bytes[8..], [0x8f, 0x9e, 0x2a, 0x86, 0xe4, 0x08, 0x5a, 0x59]);
        assert_eq!(
            parse(format!(" {{{}}} ", text.to_uppercase()).as_bytes()),
            Ok((bytes, None))
        );
    }

    #[test]
    fn text_is_lower_case() {
        let mut text = Scratch::new();
        push_uuid(
            &0x1215_1FD2_7586_11E9_8F9E_2A86_E408_5A59_u128.to_be_bytes(),
            &mut text,
        );
        assert_eq!(text.as_bytes(), b"12151fd2-7586-11e9-8f9e-2a86e4085a59");
    }

    #[test]
    fn what_is_no_uuid_is_refused() {
        for text in [
            "",
            "12151fd2",
            "12151fd2-7586-11e9-8f9e-2a86e4085a5g",
            "12151fd2+7586-11e9-8f9e-2a86e4085a59",
        ] {
            assert_eq!(parse(text.as_bytes()), Err(Error::InvalidText));
        }
    }
}
