//! Whom the end of an asynchronous function is told to.

/// A callback of the Driver Manager and what it is called with: addresses, or 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Notification {
    pub callback: usize,
    pub context: usize,
}
