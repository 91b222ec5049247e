//! Parts of the project's documents that commands write: each stands between two markers that name it.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};

use crate::project;

/// What stands in that part of the document.
pub fn read(file: &str, part: &str) -> Result<String> {
    let text = text(file)?;
    let (_, inside, _) = split(&text, part).with_context(|| missing(file, part))?;
    Ok(inside.to_owned())
}

/// Puts `fresh` in the place of what stands there.
pub fn write(file: &str, part: &str, fresh: &str) -> Result<()> {
    let text = text(file)?;
    let (before, _, after) = split(&text, part).with_context(|| missing(file, part))?;
    let fresh = format!("{before}\n{}\n{after}", fresh.trim_end());
    fs::write(project::root()?.join(file), fresh).with_context(|| file.to_owned())
}

/// The date to put beside what was measured.
pub fn today() -> String {
    let output = Command::new("date").arg("+%Y-%m-%d").output();
    output.map_or_else(
        |_| String::new(),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    )
}

fn text(file: &str) -> Result<String> {
    fs::read_to_string(project::root()?.join(file)).with_context(|| file.to_owned())
}

/// The text up to the part with its first marker, the part, and the rest with the second.
fn split<'a>(text: &'a str, part: &str) -> Option<(&'a str, &'a str, &'a str)> {
    let begin = format!("<!-- {part}: begin -->");
    let start = text.find(&begin)? + begin.len();
    let end = start + text.get(start..)?.find(&format!("<!-- {part}: end -->"))?;
    Some((text.get(..start)?, text.get(start..end)?, text.get(end..)?))
}

fn missing(file: &str, part: &str) -> String {
    format!("{file} has no place for {part}")
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn a_part_is_what_stands_between_its_markers() {
        let text = "a<!-- b: begin -->c<!-- b: end -->d<!-- e: begin --><!-- e: end -->";
        let expected = (
            "a<!-- b: begin -->",
            "c",
            "<!-- b: end -->d<!-- e: begin --><!-- e: end -->",
        );
        assert_eq!(split(text, "b"), Some(expected));
        assert_eq!(split(text, "e").map(|(_, inside, _)| inside), Some(""));
        assert_eq!(split(text, "f"), None);
        assert_eq!(split("<!-- b: end --><!-- b: begin -->", "b"), None);
    }
}
