//! The pager's end of a result.

use std::sync::Arc;

use super::error::Stopped;
use super::flow::Flow;
use crate::protocol::{self, PageData};

/// Takes the pages of one result, in order. Dropping it before [`finish`](Self::finish) or
/// [`fail`](Self::fail) is an error for the reader.
#[derive(Debug)]
pub struct PageSender {
    flow: Arc<Flow>,
    ended: bool,
}

impl PageSender {
    pub(super) fn new(flow: Arc<Flow>) -> Self {
        Self { flow, ended: false }
    }

    /// Adds a page and waits until the next one is wanted. The page is added by the first poll; a
    /// caller that does other things meanwhile must keep the future.
    pub async fn send(&mut self, data: PageData) -> Result<(), Stopped> {
        self.flow.add(data);
        self.flow.wants_page().await
    }

    /// The result is complete.
    pub fn finish(mut self) {
        self.ended = true;
        self.flow.finish();
    }

    /// No further page can be had. Rows of earlier pages are read, then the reader gets the error.
    pub fn fail(mut self, error: protocol::Error) {
        self.ended = true;
        self.flow.fail_rest(super::Error::Pager(error));
    }

    /// Resolves when no further page is wanted.
    pub async fn stopped(&self) {
        self.flow.unwanted().await;
    }
}

impl Drop for PageSender {
    fn drop(&mut self) {
        if !self.ended {
            self.flow.fail_rest(super::Error::Abandoned);
        }
    }
}
