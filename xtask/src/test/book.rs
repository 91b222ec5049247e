//! The book: that it builds, and that each link in it leads somewhere.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result};
use percent_encoding::percent_decode_str;

use super::runner::{Count, Ended, Stop, check};
use crate::tool;

/// Builds the book into its own folder, and looks at its pages.
pub fn run() -> Ended {
    let mut command = Stop::unless(tool::MDBOOK.command())?;
    let folder = tempfile::Builder::new()
        .prefix("trino-odbc-book-")
        .tempdir()?;
    command
        .args(["build", "docs", "--dest-dir"])
        .arg(folder.path());
    let mut total = check(&mut command)?;
    if total.failed == 0 {
        let pages = pages(folder.path())?;
        let broken = broken_links(&pages);
        for link in &broken {
            println!("{link}");
        }
        let is_whole = broken.is_empty() && !pages.is_empty();
        total += if is_whole {
            Count::PASSED
        } else {
            Count::FAILED
        };
    }
    Ok(total)
}

/// Each file of the built book by its path from the top; of pages, what is needed of them.
fn pages(top: &Path) -> Result<BTreeMap<PathBuf, Page>> {
    let mut pages = BTreeMap::new();
    let mut folders = vec![top.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let page = match path.extension().and_then(|extension| extension.to_str()) {
                Some("html") => Page::read(&fs::read_to_string(&path)?),
                _ => Page::default(),
            };
            pages.insert(path.strip_prefix(top)?.to_path_buf(), page);
        }
    }
    Ok(pages)
}

#[derive(Debug, Default, PartialEq)]
struct Page {
    links: BTreeSet<String>,
    /// What links may name after `#`.
    anchors: BTreeSet<String>,
}

impl Page {
    fn read(html: &str) -> Self {
        Self {
            links: attributes(html, &["href", "src"]),
            anchors: attributes(html, &["id", "name"]),
        }
    }
}

/// The values of those attributes, as mdBook writes them: between double quotes.
fn attributes(html: &str, names: &[&str]) -> BTreeSet<String> {
    let mut values = BTreeSet::new();
    for name in names {
        for rest in html.split(&format!(" {name}=\"")).skip(1) {
            let value = rest.split('"').next().unwrap_or_default();
            values.insert(value.replace("&amp;", "&"));
        }
    }
    values
}

/// A line for each link that leads nowhere. What other hosts have is not looked at.
fn broken_links(pages: &BTreeMap<PathBuf, Page>) -> Vec<String> {
    let mut broken = Vec::new();
    for (path, page) in pages {
        for link in &page.links {
            let (target, anchor) = link.split_once('#').unwrap_or((link, ""));
            // An address with a scheme; one for the page of errors, which may be shown for any path.
            if target.contains(':') || path.ends_with("404.html") {
                continue;
            }
            let file = if target.is_empty() {
                path.clone()
            } else {
                resolved(path, target)
            };
            let leads = pages
                .get(&file)
                .is_some_and(|page| anchor.is_empty() || page.anchors.contains(&*decoded(anchor)));
            if !leads {
                broken.push(format!("{}: {link} leads nowhere", path.display()));
            }
        }
    }
    broken
}

/// The file that a relative link in that page names.
fn resolved(page: &Path, target: &str) -> PathBuf {
    let mut path = page.to_path_buf();
    path.pop();
    for part in Path::new(&*decoded(target)).components() {
        match part {
            Component::ParentDir => {
                path.pop();
            }
            Component::Normal(name) => path.push(name),
            _ => {}
        }
    }
    path
}

fn decoded(text: &str) -> Cow<'_, str> {
    percent_decode_str(text).decode_utf8_lossy()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book(pages: &[(&str, &str)]) -> Vec<String> {
        let pages = pages
            .iter()
            .map(|(path, html)| (PathBuf::from(path), Page::read(html)))
            .collect();
        broken_links(&pages)
    }

    #[test]
    fn links_to_files_and_headings_of_the_book_lead_somewhere() {
        let pages = [
            (
                "a.html",
                r##"<h2 id="one&amp;two">x</h2><a href="b/c.html#d">x</a><a href="#one&amp;two">x</a>"##,
            ),
            (
                "b/c.html",
                r#"<p id="d">x</p><a href="../a.html">x</a><img src="e%20f.png"><a href="https://g">x</a>"#,
            ),
            ("b/e f.png", ""),
        ];
        assert_eq!(book(&pages), [""; 0]);
    }

    #[test]
    fn a_link_to_a_missing_file_or_heading_is_reported() {
        let pages = [
            (
                "a.html",
                r#"<a href="b.html#no">x</a><a href="c.html">x</a>"#,
            ),
            ("b.html", r#"<h1 id="yes">x</h1>"#),
        ];
        assert_eq!(
            book(&pages),
            [
                "a.html: b.html#no leads nowhere",
                "a.html: c.html leads nowhere"
            ]
        );
    }
}
