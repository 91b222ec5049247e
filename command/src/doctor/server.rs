//! The server before signing in, and how large requests to it may be.

use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use trino_client::http::{self, Domain, Kind, Settings};
use trino_client::protocol;
use trino_client::session::{self, Session};
use url::Url;

use super::host::Host;
use super::report::{Report, State};
use super::{CLOCKS_APART, Examination, SERVER, SHORT, advice, apart, clocks, front};

impl Examination {
    /// The coordinator's public information, and its clock.
    pub(super) fn server(&self, report: &mut Report) -> bool {
        let (status, headers, body) = match self.info(None) {
            Ok(answer) => answer,
            Err(Fault::Http(error)) => {
                let tls_instead = !self.options.tls
                    && matches!(error.kind(), Kind::NotHttp | Kind::Broken | Kind::Other)
                    && self.speaks_tls();
                let cure = if tls_instead {
                    advice::set_tls(&error.endpoint())
                } else {
                    advice::coordinator(&error, self.options.tls, None)
                };
                report.fail(SERVER, error.to_string(), cure);
                return false;
            }
            Err(Fault::Words(why)) => {
                report.fail(SERVER, why.clone(), why);
                return false;
            }
        };
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let Some(info) = protocol::ServerInfo::parse(&body) else {
            return self.stranger(status, text("location"), report);
        };
        let ahead = headers
            .get("date")
            .and_then(|date| jiff::fmt::rfc2822::parse(date.to_str().ok()?).ok())
            .map(|date| date.timestamp().duration_since(Timestamp::now()).as_secs());
        let far = ahead.is_some_and(|ahead| ahead.abs() > CLOCKS_APART);
        let state = if info.starting || far {
            State::Fair
        } else {
            State::Good
        };
        let step = report.add(SERVER, state, format!("Trino {}", info.version()));
        // Trino itself names neither.
        for (name, header) in [("front", "server"), ("by way of", "via")] {
            if let Some(value) = text(header) {
                step.fact(name, value);
            }
        }
        if info.starting {
            step.fact("starting", "it has not finished starting");
        }
        if let Some(ahead) = ahead {
            step.fact("clock", apart(ahead));
        }
        if far && let Some(ahead) = ahead {
            report.advise(clocks(&self.options.host, ahead));
        }
        true
    }

    /// A response to `/v1/info` that is not Trino's; statements may still pass.
    fn stranger(&self, status: StatusCode, location: Option<&str>, report: &mut Report) -> bool {
        if !self.options.tls && !status.is_redirection() && self.speaks_tls() {
            let found = format!(
                "the server is not a Trino coordinator (HTTP status {})",
                status.as_u16()
            );
            report.fail(SERVER, found, "The server expects TLS: set SSL=true.");
            return false;
        }
        let found = match location {
            Some(location) if status.is_redirection() => {
                // Its query may hold a token.
                let to = Url::parse(location).map(|to| to.origin().ascii_serialization());
                let to = to.unwrap_or_else(|_| "another path".to_owned());
                report.remark(format!(
                    "Requests are redirected to {to}: set Host, Port and SSL accordingly, which saves one request per connection."
                ));
                format!(
                    "/v1/info redirects to {to} (HTTP status {})",
                    status.as_u16()
                )
            }
            _ => format!(
                "/v1/info is not answered by Trino (HTTP status {})",
                status.as_u16()
            ),
        };
        report.add(SERVER, State::Fair, found);
        if let Some(cure) = front::of_info(status.as_u16(), &self.endpoint()) {
            report.advise(cure);
        }
        true
    }

    /// The answer to `/v1/info`, with this many bytes of a header.
    fn info(&self, padding: Option<usize>) -> Result<(StatusCode, HeaderMap, Bytes), Fault> {
        let Some(base) = self.base() else {
            return Err(Fault::Words("Host is not valid.".to_owned()));
        };
        let own =
            protocol::own_origin(&self.options).map_err(|error| Fault::Words(error.to_string()))?;
        let client = self.clients.get(Settings::identified(&self.options));
        let client = client.map_err(Fault::Http)?.with_origin(&Arc::new(own));
        let mut request = client.get(&format!("{base}v1/info"));
        if let Some(bytes) = padding {
            request = request.header("X-Trino-Client-Info", "x".repeat(bytes));
        }
        let answer = self.wait().block_on(self.lease.handle(), async {
            let answer = client.send(request).await?;
            let (status, headers) = (answer.status(), answer.headers().clone());
            Ok((status, headers, answer.bytes().await?))
        });
        match answer {
            Err(_) => Err(Fault::Words(format!("{base} does not answer in time."))),
            Ok(Err(error)) => Err(Fault::Http(client.error(&error))),
            Ok(Ok(answer)) => match client.refused_by_proxy(&base, answer.0) {
                Some(error) => Err(Fault::Http(error)),
                None => Ok(answer),
            },
        }
    }

    /// Host and port.
    pub(super) fn endpoint(&self) -> String {
        format!("{}:{}", self.options.host, self.options.port)
    }

    /// Whether the coordinator's port accepts a TLS handshake.
    fn speaks_tls(&self) -> bool {
        let options = &self.options;
        Host::reach(
            &options.host,
            options.port,
            true,
            &options.trust,
            Domain::Coordinator,
            SHORT,
        )
        .is_ok()
    }

    /// Whether large requests pass.
    pub(super) fn limits(&self, session: &Arc<Session>, report: &mut Report) {
        let large = format!("SELECT 1 /* {} */", "x".repeat(front::BODY));
        if let Err(session::Error::Protocol {
            error: protocol::Error::Oversized { cause, .. },
            ..
        }) = session.run(&large, &self.wait())
        {
            report.remark(front::of_body(&cause, &self.endpoint()));
        }
        let usual = self.info(None).map(|answer| answer.0.as_u16()).ok();
        let long = match self.info(Some(front::HEADERS)) {
            Ok((status, ..)) => Ok(status.as_u16()),
            Err(Fault::Http(error)) => Err(error),
            Err(Fault::Words(_)) => return,
        };
        if usual.is_some() && long.as_ref().ok() != usual.as_ref() {
            report.remark(front::of_headers(&long, &self.endpoint()));
        }
    }
}

/// Why the server did not respond.
enum Fault {
    Http(http::Error),
    Words(String),
}
