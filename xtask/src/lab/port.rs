//! Ports for servers that take a number and cannot choose one themselves.
//!
//! A port is bound, released and named in a configuration, so another process can take it in between. Ports are
//! therefore drawn from below the range that the system gives to outgoing connections, and a server that still loses
//! its port is started again with another.

use std::net::{TcpListener, UdpSocket};

use anyhow::{Result, bail};

/// A port of loopback that nobody has, for TCP and UDP.
pub fn free() -> Result<u16> {
    for _ in 0..DRAWS {
        let port = fastrand::u16(FIRST..LAST);
        if TcpListener::bind(("127.0.0.1", port)).is_ok()
            && UdpSocket::bind(("127.0.0.1", port)).is_ok()
        {
            return Ok(port);
        }
    }
    bail!("no port from {FIRST} to {LAST} is free");
}

/// Why servers did not start.
#[derive(Debug)]
pub enum Failure {
    /// Another process has a port of theirs, by this log.
    PortTaken(String),
    Other(anyhow::Error),
}

impl Failure {
    /// The failure of a server that ended and left this log.
    pub fn of_ended(name: &str, log: &str) -> Self {
        if ["Address already in use", "Failed to bind"]
            .iter()
            .any(|sign| log.contains(sign))
        {
            Self::PortTaken(format!("{name}: {}", tail(log)))
        } else {
            Self::Other(anyhow::anyhow!("{name} does not start: {}", tail(log)))
        }
    }
}

/// The end of a log, where the reason stands.
pub fn tail(log: &str) -> String {
    let lines: Vec<_> = log.trim().lines().collect();
    lines[lines.len().saturating_sub(30)..].join("\n")
}

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Other(error.into())
    }
}

/// Starts servers, again with other ports when another process has taken one.
pub fn with_retries<T>(mut start: impl FnMut() -> Result<T, Failure>) -> Result<T> {
    let mut attempt = 1;
    loop {
        match start() {
            Ok(started) => return Ok(started),
            Err(Failure::PortTaken(_)) if attempt < ATTEMPTS => attempt += 1,
            Err(Failure::PortTaken(log)) => {
                bail!("lost its port {ATTEMPTS} times, last as {log}")
            }
            Err(Failure::Other(error)) => return Err(error),
        }
    }
}

/// Linux gives outgoing connections the ports from 32768, other systems those from 49152.
const FIRST: u16 = 15_000;
const LAST: u16 = 32_000;
const DRAWS: u32 = 100;
const ATTEMPTS: u32 = 4;

#[cfg(test)]
mod tests {
    use super::*;

    const TAKEN: &str = "bind() to 127.0.0.1:1 failed (98: Address already in use)";

    #[test]
    fn a_free_port_can_be_bound_for_both_protocols() {
        let port = free().expect("a port");
        assert!((FIRST..LAST).contains(&port));
        let _tcp = TcpListener::bind(("127.0.0.1", port)).expect("free for TCP");
        let _udp = UdpSocket::bind(("127.0.0.1", port)).expect("free for UDP");
    }

    #[test]
    fn a_server_that_lost_its_port_is_started_again() {
        let mut failures = 0;
        let started = with_retries(|| {
            if failures == 2 {
                return Ok(failures);
            }
            failures += 1;
            Err(Failure::of_ended("nginx", TAKEN))
        });
        assert_eq!(started.expect("the third start"), 2);
    }

    #[test]
    fn the_last_lost_port_is_reported_with_the_log() {
        let error = with_retries::<()>(|| Err(Failure::of_ended("nginx", TAKEN)));
        let message = error.expect_err("no start").to_string();
        assert!(message.contains(TAKEN), "{message}");
    }

    #[test]
    fn another_failure_is_not_tried_again() {
        let mut starts = 0;
        let error = with_retries::<()>(|| {
            starts += 1;
            Err(Failure::of_ended("the KDC", "no database"))
        });
        assert_eq!(
            error.expect_err("no start").to_string(),
            "the KDC does not start: no database"
        );
        assert_eq!(starts, 1);
    }
}
