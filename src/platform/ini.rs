//! Files of sections such as `odbc.ini`, read and changed line by line: comments, order and foreign
//! sections are kept.

use std::fs;
use std::io;
use std::path::Path;

/// A file such as `odbc.ini`.
#[derive(Debug, Default)]
pub struct Ini {
    lines: Vec<String>,
}

impl Ini {
    /// Reads the file, which must be UTF-8; a missing one is empty.
    pub fn read(path: &Path) -> io::Result<Self> {
        match fs::read_to_string(path) {
            Ok(text) => Ok(Self::parse(&text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error),
        }
    }

    /// Overwrites the file in place, which keeps its owner, mode and links. A new file is readable
    /// by its owner only if it is private.
    pub fn write(&self, path: &Path, private: bool) -> io::Result<()> {
        use std::io::Write as _;

        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            options.mode(if private { 0o600 } else { 0o644 });
        }
        #[cfg(not(unix))]
        let _ = private;
        options.open(path)?.write_all(self.text().as_bytes())
    }

    /// Reads the text of a file.
    pub fn parse(text: &str) -> Self {
        Self {
            lines: text.lines().map(str::to_owned).collect(),
        }
    }

    fn text(&self) -> String {
        let mut text = self.lines.join("\n");
        if !text.is_empty() {
            text.push('\n');
        }
        text
    }

    /// The names of the sections, in order.
    pub fn sections(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().filter_map(|line| title(line))
    }

    /// The entries of the first section of that name, in any case.
    pub fn entries(&self, section: &str) -> Option<Vec<(String, String)>> {
        let (start, end) = self.range(section)?;
        let entries = self.lines.get(start + 1..end).unwrap_or_default();
        let entries = entries.iter().filter(|line| !is_filler(line));
        Some(
            entries
                .filter_map(|line| line.split_once('='))
                .map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned()))
                .collect(),
        )
    }

    /// Appends a section of these lines, and removes one of the same name.
    pub fn put(&mut self, section: &str, lines: impl IntoIterator<Item = String>) {
        self.remove(section);
        if !self.lines.is_empty() {
            self.lines.push(String::new());
        }
        self.lines.push(format!("[{section}]"));
        self.lines.extend(lines);
    }

    /// Removes a section; false if there is none.
    pub fn remove(&mut self, section: &str) -> bool {
        let Some((mut start, mut end)) = self.range(section) else {
            return false;
        };
        if end < self.lines.len() {
            // Blank lines and comments before the next section belong to that.
            while self.lines.get(end - 1).is_some_and(|line| is_filler(line)) {
                end -= 1;
            }
        }
        // The line that set the section apart goes with it.
        let before = start.checked_sub(1).and_then(|line| self.lines.get(line));
        if before.is_some_and(|line| line.trim().is_empty()) {
            start -= 1;
        }
        self.lines.drain(start..end);
        true
    }

    /// Sets one entry of a section, which is added if there is none.
    pub fn set(&mut self, section: &str, key: &str, value: &str) {
        let line = format!("{key} = {value}");
        let Some((start, end)) = self.range(section) else {
            self.put(section, [line]);
            return;
        };
        match self.find(start, end, key) {
            Some(at) => self.lines[at] = line,
            None => self.lines.insert(start + 1, line),
        }
    }

    /// Removes one entry of a section.
    pub fn unset(&mut self, section: &str, key: &str) {
        if let Some((start, end)) = self.range(section)
            && let Some(at) = self.find(start, end, key)
        {
            self.lines.remove(at);
        }
    }

    fn find(&self, start: usize, end: usize, key: &str) -> Option<usize> {
        (start + 1..end).find(|at| {
            let entry = self.lines.get(*at).and_then(|line| line.split_once('='));
            entry.is_some_and(|(known, _)| known.trim().eq_ignore_ascii_case(key))
        })
    }

    /// The line of the section's name, and the one after its last.
    fn range(&self, section: &str) -> Option<(usize, usize)> {
        let is_it =
            |line: &String| title(line).is_some_and(|title| title.eq_ignore_ascii_case(section));
        let start = self.lines.iter().position(is_it)?;
        let rest = self.lines.iter().skip(start + 1);
        let length = rest.take_while(|line| title(line).is_none()).count();
        Some((start, start + 1 + length))
    }
}

/// The name of the section that the line begins.
fn title(line: &str) -> Option<&str> {
    // Editors of Windows begin a file with a byte order mark.
    let line = line.trim_start_matches('\u{feff}').trim();
    let inner = line.strip_prefix('[')?.strip_suffix(']')?;
    Some(inner.trim())
}

fn is_filler(line: &str) -> bool {
    let line = line.trim_start_matches('\u{feff}').trim();
    line.is_empty() || line.starts_with(['#', ';'])
}

#[cfg(test)]
mod tests {
    use super::Ini;

    const FILE: &str =
        "# By hand.\n[One]\nDriver = a\n\n# The second.\n[Two]\nDriver=b\nPWD = x=y;z\n";

    #[test]
    fn a_section_comes_and_goes_and_leaves_the_rest() {
        let mut ini = Ini::parse(FILE);
        ini.put("Three", ["Driver = c".to_owned()]);
        assert_eq!(ini.sections().collect::<Vec<_>>(), ["One", "Two", "Three"]);
        assert!(ini.remove("three"));
        assert_eq!(ini.text(), FILE);
        assert!(!ini.remove("three"));
    }

    #[test]
    fn what_belongs_to_the_next_section_stays() {
        let mut ini = Ini::parse(FILE);
        assert!(ini.remove("ONE"));
        assert_eq!(
            ini.text(),
            "# By hand.\n\n# The second.\n[Two]\nDriver=b\nPWD = x=y;z\n"
        );
    }

    #[test]
    fn a_section_is_found_by_its_name_in_any_case_behind_a_byte_order_mark() {
        const FILE: &str = "\u{feff}; data sources\n[ODBC Data Sources]\nDemo=Trino\n\n[Demo]\r\n\
            Host = h\r\n# old\nPWD=a=b;c\nEmpty=\nnonsense\n[Other]\nHost=o\n[demo]\nHost=again\n";
        let own = |(a, b): (&str, &str)| (a.to_owned(), b.to_owned());
        let demo = [("Host", "h"), ("PWD", "a=b;c"), ("Empty", "")].map(own);
        assert_eq!(Ini::parse(FILE).entries("DEMO").unwrap(), demo);
        let first = Ini::parse("\u{feff}[a]\nx=1\n");
        assert_eq!(first.sections().collect::<Vec<_>>(), ["a"]);
    }

    proptest::proptest! {
        #[test]
        fn any_file_is_read(text in "([\\[\\]=;#a-c\\n ]{0,60})") {
            let mut ini = Ini::parse(&text);
            let _ = ini.entries("a");
            ini.remove("a");
        }
    }

    #[test]
    fn entries_are_read_to_the_first_equals_sign() {
        let entries = Ini::parse(FILE).entries("two").unwrap();
        assert_eq!(entries[1], ("PWD".to_owned(), "x=y;z".to_owned()));
        assert_eq!(Ini::parse(FILE).entries("none"), None);
    }

    #[test]
    fn one_entry_is_set_and_unset() {
        let mut ini = Ini::parse(FILE);
        ini.set("One", "driver", "z");
        ini.set("One", "More", "1");
        ini.set("List", "One", "Trino");
        assert_eq!(ini.entries("One").unwrap().len(), 2);
        assert_eq!(ini.entries("List").unwrap().len(), 1);
        ini.unset("One", "more");
        assert_eq!(
            ini.entries("One").unwrap(),
            [("driver".to_owned(), "z".to_owned())]
        );
    }
}
