//! `/v1/info`: what a coordinator tells about itself to anyone.

use serde::Deserialize;

/// What a coordinator tells about itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServerInfo {
    node_version: NodeVersion,
    #[serde(default)]
    pub starting: bool,
}

#[derive(Debug, Clone, Deserialize)]
struct NodeVersion {
    version: String,
}

impl ServerInfo {
    /// The server's version, such as `476` or `476-e.3`.
    pub fn version(&self) -> &str {
        &self.node_version.version
    }
}
