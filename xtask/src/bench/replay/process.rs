//! The replay as another process, gone when its owner goes.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};

use super::Addresses;
use crate::guard;

/// A running replay. It ends with the end of its standard input, which dropping this brings about.
pub struct Process {
    pub addresses: Addresses,
    child: Child,
}

impl Process {
    pub fn start() -> Result<Self> {
        let mut child = Command::new(guard::this_program()?)
            .args(["bench", "--serve"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the replay")?;
        let output = child.stdout.take().context("the replay has no output")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let addresses =
            serde_json::from_str(&line).context("the replay did not say where it is")?;
        Ok(Self { addresses, child })
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
