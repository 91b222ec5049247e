//! `/v1/info`: what a coordinator reports about itself to any client.

use super::object::{self, Object};

/// The facts that a coordinator states about itself.
#[derive(Debug, Clone)]
pub struct ServerInfo {
    version: String,
    /// Whether it is still starting, and takes no statements.
    pub starting: bool,
}

impl ServerInfo {
    /// The message in `body`; `None` when it names no version.
    pub fn parse(body: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(body);
        let info = Object::parse(&text).ok()?;
        let version = info.get("nodeVersion")?;
        let version = match Object::of(version) {
            Some(version) => version.get("version").and_then(object::scalar),
            None => object::scalar(version),
        };
        Some(Self {
            version: version?,
            starting: info.shown("starting").as_deref() == Some("true"),
        })
    }

    /// The server's version, such as `476` or `476-e.3`.
    pub fn version(&self) -> &str {
        &self.version
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_in_any_form() {
        for (body, version, starting) in [
            (
                r#"{"nodeVersion":{"version":"476"},"starting":true}"#,
                "476",
                true,
            ),
            (
                r#"{"nodeVersion":{"version":476},"starting":"no","uptime":[]}"#,
                "476",
                false,
            ),
            (
                r#"{"nodeVersion":"476-e.3","starting":1,"starting":null}"#,
                "476-e.3",
                false,
            ),
        ] {
            let info = ServerInfo::parse(body.as_bytes()).unwrap();
            assert_eq!((info.version(), info.starting), (version, starting));
        }
        for body in [
            "",
            "[]",
            "{}",
            r#"{"nodeVersion":{}}"#,
            r#"{"nodeVersion":[1]}"#,
        ] {
            assert!(ServerInfo::parse(body.as_bytes()).is_none(), "{body}");
        }
    }
}
