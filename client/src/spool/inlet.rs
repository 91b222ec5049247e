//! The pager's end of a result.

use std::sync::Arc;

use super::flow::Flow;
use crate::protocol::{self, PageData};

/// Takes the pages of one result, in order. Dropping it without a last word is an error for the
/// reader.
#[derive(Debug)]
pub struct Inlet {
    flow: Arc<Flow>,
    told: bool,
}

/// Nobody wants further pages: the reader is gone, or a segment cannot be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("nobody reads the result any more")]
pub struct Stopped;

impl Inlet {
    pub(super) fn new(flow: Arc<Flow>) -> Self {
        Self { flow, told: false }
    }

    /// Adds a page and waits until the next one is wanted. The page is added by the first poll; a
    /// caller that does other things meanwhile must keep the future.
    pub async fn page(&mut self, data: PageData) -> Result<(), Stopped> {
        self.flow.add(data);
        self.flow.wants_page().await
    }

    /// The result is complete.
    pub fn finish(mut self) {
        self.told = true;
        self.flow.finish();
    }

    /// No further page can be had. Rows of earlier pages are read, then the reader gets the error.
    pub fn fail(mut self, error: protocol::Error) {
        self.told = true;
        self.flow.fail_rest(super::Error::Protocol(error));
    }

    /// Resolves when nobody wants further pages.
    pub async fn stopped(&self) {
        self.flow.unwanted().await;
    }
}

impl Drop for Inlet {
    fn drop(&mut self) {
        if !self.told {
            self.flow.fail_rest(super::Error::Abandoned);
        }
    }
}
