//! The callback for the end of an asynchronous function.

/// A callback of the Driver Manager and what it is called with: addresses, or 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Notification {
    pub callback: usize,
    pub context: usize,
}
