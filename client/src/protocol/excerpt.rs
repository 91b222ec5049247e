//! The first words of an answer that is not Trino's, on one line.

use std::borrow::Cow;

use reqwest::header::{CONTENT_TYPE, HeaderMap};

use crate::http;

/// The first words of a body, on one line; of a web page its title and what it shows. `None` when
/// there are none.
pub fn excerpt(headers: &HeaderMap, body: &[u8]) -> Option<String> {
    if body.is_empty() {
        return None;
    }
    if let Some(coding) = http::codings(headers).last() {
        return Some(format!(
            "(a body in the content coding {coding}, which cannot be read)"
        ));
    }
    let kind = kind_of(headers);
    let text = decode(&kind, body.get(..MOST_READ).unwrap_or(body));
    let odd = text
        .chars()
        .filter(|c| c.is_control() && !c.is_whitespace());
    if odd.count() * 10 > text.chars().count() {
        return Some(format!("(a body of {} bytes that is no text)", body.len()));
    }
    let words = match is_page(&kind, &text) {
        true => shown(&text),
        false => text.into_owned(),
    };
    line(&words)
}

/// Whether a body is a web page, by its type and its beginning.
pub fn is_web_page(headers: &HeaderMap, body: &[u8]) -> bool {
    let kind = kind_of(headers);
    is_page(&kind, &decode(&kind, body.get(..MOST_READ).unwrap_or(body)))
}

/// The type of content that headers say, in lower case.
fn kind_of(headers: &HeaderMap) -> String {
    let kind = headers.get(CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok());
    kind.unwrap_or_default().to_ascii_lowercase()
}

/// Text of UTF-16, whose units are read by `unit`.
fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Cow<'_, str> {
    let pairs = bytes.chunks_exact(2);
    let units = pairs.map(|pair| unit(pair.try_into().unwrap_or_default()));
    let text = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER));
    Cow::Owned(text.collect())
}

/// The text in the charset that it has or says it has; UTF-8 first, since much is said wrongly.
fn decode<'a>(kind: &str, body: &'a [u8]) -> Cow<'a, str> {
    let charset = kind.split("charset=").nth(1).unwrap_or_default();
    let charset = charset.trim_matches(['"', '\'', ' ']);
    match body {
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest),
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ if charset.starts_with("utf-16le") => utf16(body, u16::from_le_bytes),
        _ if charset.starts_with("utf-16") => utf16(body, u16::from_be_bytes),
        _ => match std::str::from_utf8(body) {
            Ok(text) => Cow::Borrowed(text),
            // Cut within a character.
            Err(error) if error.error_len().is_none() => {
                String::from_utf8_lossy(body.get(..error.valid_up_to()).unwrap_or_default())
            }
            Err(_) => Cow::Owned(body.iter().map(|byte| char::from(*byte)).collect()),
        },
    }
}

/// Whether that is markup for a browser, and not text in which something stands between angle
/// brackets.
fn is_page(kind: &str, text: &str) -> bool {
    let begin: String = text.trim_start().chars().take(1000).collect();
    let begin = begin.to_ascii_lowercase();
    let has = |tags: &[&str]| tags.iter().any(|tag| begin.contains(tag));
    begin.starts_with('<')
        && (kind.contains("html") || has(&["<html", "<!doctype html", "<head", "<body"]))
}

/// The text that a browser shows of a page: the title, and the body without markup, scripts and
/// styles.
fn shown(page: &str) -> String {
    let (mut title, mut text) = (String::new(), String::new());
    let mut rest = page;
    while let Some((before, tag)) = rest.split_once('<') {
        text.push_str(&without_entities(before));
        text.push(' ');
        if let Some(comment) = tag.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        let (tag, after) = tag.split_once('>').unwrap_or((tag, ""));
        let name = tag.split_ascii_whitespace().next().unwrap_or_default();
        let name = name.to_ascii_lowercase();
        rest = after;
        if ["title", "script", "style"].contains(&name.as_str()) {
            // Nothing in it is a tag but the one that closes it.
            let lower = after.to_ascii_lowercase();
            let end = lower.find(&format!("</{name}")).unwrap_or(after.len());
            let (inner, closing) = after.split_at_checked(end).unwrap_or((after, ""));
            if name == "title" {
                title = without_entities(inner).into_owned();
            }
            rest = closing.split_once('>').map_or("", |(_, after)| after);
        }
    }
    text.push_str(&without_entities(rest));
    let (title, text) = (words(&title), words(&text));
    match text.starts_with(&title) {
        true => text,
        false => format!("{title} {text}"),
    }
}

/// The text with the entities that error pages have as the characters that they stand for.
fn without_entities(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let known = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&apos;", "'"),
        ("&nbsp;", " "),
        ("&#160;", " "),
        ("&amp;", "&"),
    ];
    let plain = known
        .iter()
        .fold(text.to_owned(), |text, (entity, character)| {
            text.replace(entity, character)
        });
    Cow::Owned(plain)
}

/// The words of a text, separated by single spaces.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The words on one line, as many as are worth reading.
fn line(text: &str) -> Option<String> {
    let words = words(&text.replace(char::is_control, " "));
    let end = words.char_indices().nth(LONGEST).map(|(at, _)| at);
    let words = match end.and_then(|end| words.get(..end)) {
        Some(begin) => format!("{begin}…"),
        None => words,
    };
    (!words.is_empty()).then_some(words)
}

/// Characters of an excerpt.
const LONGEST: usize = 1000;

/// Bytes of a body that are looked at: a page has its words behind styles and scripts.
const MOST_READ: usize = 64 << 10;

#[cfg(test)]
mod tests {
    use reqwest::header::{CONTENT_ENCODING, HeaderValue};

    use super::*;

    fn of(kind: &str, body: &[u8]) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::try_from(kind).unwrap());
        excerpt(&headers, body)
    }

    #[test]
    fn plain_text_keeps_what_stands_between_angle_brackets() {
        let text = "line 1:8: mismatched input '<'. Expecting: <string>, <identifier>, 1 < 2 > 0";
        assert_eq!(of("text/plain", text.as_bytes()).as_deref(), Some(text));
        assert_eq!(of("text/html", text.as_bytes()).as_deref(), Some(text));
        let begins = "<string> was expected";
        assert_eq!(of("text/plain", begins.as_bytes()).as_deref(), Some(begins));
        let xml = "<Error><Code>SlowDown</Code></Error>";
        assert_eq!(of("application/xml", xml.as_bytes()).as_deref(), Some(xml));
    }

    #[test]
    fn a_page_gives_its_title_and_what_it_shows() {
        for (page, words) in [
            (
                "<html>\n<head><title>502 Bad Gateway</title></head><body><h1>Oops</h1></body></html>",
                "502 Bad Gateway Oops",
            ),
            (
                "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1>\
                 </center><hr><center>nginx</center></body></html>",
                "502 Bad Gateway nginx",
            ),
            (
                "<!DOCTYPE html><HTML><HEAD><STYLE>h1 { a: b }</STYLE><script>if (a < b) { c() }</script>\
                 <Title>Error &lt;1&gt;</Title></HEAD><!-- <b>no</b> --><p>It&#39;s off&nbsp;&amp; away</p>",
                "Error <1> It's off & away",
            ),
            ("<html><h1>Welcome</h1></html>", "Welcome"),
        ] {
            assert_eq!(of("", page.as_bytes()).as_deref(), Some(words), "{page}");
        }
    }

    #[test]
    fn text_is_read_in_its_charset() {
        assert_eq!(of("", "Größe".as_bytes()).as_deref(), Some("Größe"));
        let latin = of("text/plain; charset=ISO-8859-1", b"Gr\xf6\xdfe");
        assert_eq!(latin.as_deref(), Some("Größe"));
        let wide: Vec<u8> = "Größe".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(
            of("text/plain; charset=utf-16le", &wide).as_deref(),
            Some("Größe")
        );
        let marked = [&[0xff, 0xfe], &wide[..]].concat();
        assert_eq!(of("", &marked).as_deref(), Some("Größe"));
        let marked = [&[0xef, 0xbb, 0xbf], "Größe".as_bytes()].concat();
        assert_eq!(of("", &marked).as_deref(), Some("Größe"));
    }

    #[test]
    fn what_is_no_text_is_not_printed() {
        let bytes: Vec<u8> = (0..200).map(|byte| byte % 32).collect();
        assert_eq!(
            of("application/octet-stream", &bytes).as_deref(),
            Some("(a body of 200 bytes that is no text)")
        );
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("br"));
        assert_eq!(
            excerpt(&headers, b"\x8b\x02\x80").as_deref(),
            Some("(a body in the content coding br, which cannot be read)")
        );
    }

    #[test]
    fn an_excerpt_is_one_line_and_not_too_long() {
        assert_eq!(of("", b" \r\n"), None);
        assert_eq!(of("", b"a\r\n\tb").as_deref(), Some("a b"));
        let long = "ö".repeat(MOST_READ);
        let words = of("", long.as_bytes()).unwrap();
        assert_eq!(words.chars().count(), LONGEST + 1);
        assert!(words.ends_with("ö…"));
    }
}
