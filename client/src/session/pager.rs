//! The task that requests a query's pages ahead of its reader.

use tokio_util::sync::CancellationToken;

use super::query::Query;
use crate::protocol::{Error, PageData};
use crate::spool::PageSender;

/// How paging came to an end.
enum End {
    /// The last page is in.
    Complete,
    /// The reader is gone.
    Stopped,
}

/// Feeds `first` and all later pages of `query` into `sender`, until the end or until they are no
/// longer wanted.
///
/// Dropping a query before its end cancels it on the server.
pub(super) async fn run(
    mut query: Query,
    mut sender: PageSender,
    cancel: CancellationToken,
    first: PageData,
) {
    let end = tokio::select! {
        biased;
        () = cancel.cancelled() => Err(Error::Cancelled),
        end = drain(&mut query, &mut sender, first) => end,
    };
    match end {
        Ok(End::Complete) => {
            // The session's state first: a reader that saw the end may run the next statement.
            query.finish();
            sender.finish();
        }
        Ok(End::Stopped) => {}
        Err(error) => sender.fail(error),
    }
}

/// Sends page after page, with heartbeats while the reader has enough to read.
async fn drain(query: &mut Query, sender: &mut PageSender, first: PageData) -> Result<End, Error> {
    let mut data = first;
    loop {
        if !data.is_none() {
            // While the reader has enough to read, the server must not take us for gone.
            let fed = tokio::select! {
                biased;
                fed = sender.send(data) => fed,
                never = query.keep_alive() => match never {},
            };
            if fed.is_err() {
                return Ok(End::Stopped);
            }
        }
        if query.is_over() {
            return Ok(End::Complete);
        }
        data = tokio::select! {
            biased;
            () = sender.stopped() => return Ok(End::Stopped),
            page = query.advance() => page?,
        };
    }
}
