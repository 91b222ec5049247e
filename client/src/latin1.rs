//! ISO-8859-1, the character set in which Trino reads and writes header values and Basic
//! credentials.
//!
//! What travels percent-encoded is UTF-8 behind the percent signs and needs none of this.

/// The bytes of `text`; `None` when it has a character that ISO-8859-1 lacks.
pub(crate) fn encode(text: &str) -> Option<Vec<u8>> {
    text.chars().map(|c| u8::try_from(c).ok()).collect()
}

/// The text of `bytes`: each is a character.
pub fn decode(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

/// The first character of `text` that ISO-8859-1 lacks.
pub fn unfit(text: &str) -> Option<char> {
    text.chars().find(|c| u8::try_from(*c).is_err())
}

/// `text` with `?` for each character that ISO-8859-1 lacks.
pub(crate) fn fitted(text: &str) -> String {
    let fit = |c| if u8::try_from(c).is_ok() { c } else { '?' };
    text.chars().map(fit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_a_character_and_comes_back() {
        let bytes: Vec<u8> = (0..=255).collect();
        assert_eq!(encode(&decode(&bytes)), Some(bytes));
        assert_eq!(encode("größe"), Some(b"gr\xf6\xdfe".to_vec()));
        assert_eq!(decode(b"gr\xf6\xdfe"), "größe");
    }

    #[test]
    fn what_does_not_fit_is_found_and_replaced() {
        for (text, character) in [("Łódź", 'Ł'), ("a名", '名'), ("é😀", '😀'), ("€", '€')]
        {
            assert_eq!(encode(text), None);
            assert_eq!(unfit(text), Some(character));
        }
        assert_eq!(unfit("ÿ"), None);
        assert_eq!(fitted("Łódź 😀"), "?ód? ?");
    }
}
