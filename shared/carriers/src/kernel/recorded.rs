//! Answers in files: a status line, headers, an empty line, the body.
//!
//! Some headers are ours: `posthorn-asked-for` names the numbers that were asked
//! for, separated by commas, `posthorn-asked-at` the time of asking, and
//! `posthorn-ticket`, if there is one, the ticket that was asked with.

use crate::carrier::{CarrierRequest, TrackingQuery};
use bytes::Bytes;
use http::{Request, Response};
use jiff::Timestamp;
use posthorn_domain::tracking_number::TrackingNumber;

/// An answer out of a file, with the question that it answers.
#[derive(Debug)]
pub struct RecordedResponse {
    /// The question.
    pub call: CarrierRequest,
    /// The answer.
    pub response: Response<Bytes>,
}

/// Why a file is no recorded answer.
#[derive(Debug, thiserror::Error)]
pub enum RecordedError {
    /// The first line is not `HTTP/1.1 200 OK`.
    #[error("expected a status line as `HTTP/1.1 200 OK`")]
    StatusLine,
    /// A line that is no header.
    #[error("line {0} is no header")]
    Header(usize),
    /// `posthorn-asked-for` or `posthorn-asked-at` is wrong.
    #[error("`{0}` is missing or wrong")]
    Question(&'static str),
}

impl RecordedResponse {
    /// Reads a file.
    pub fn parse(file: &[u8]) -> Result<Self, RecordedError> {
        let (head, body) = split_file(file);
        let head = String::from_utf8_lossy(head);
        let mut lines = head.lines().enumerate();
        let status: u16 = lines
            .next()
            .and_then(|(_, line)| line.strip_prefix("HTTP/")?.split(' ').nth(1)?.parse().ok())
            .ok_or(RecordedError::StatusLine)?;
        let mut response = Response::builder().status(status);
        let mut asked_for = Vec::new();
        let mut asked_at = None;
        let mut ticket = None;
        for (index, line) in lines {
            let (name, value) = line
                .split_once(':')
                .ok_or(RecordedError::Header(index + 1))?;
            match (name.trim(), value.trim()) {
                ("posthorn-asked-for", numbers) => {
                    asked_for = numbers
                        .split(',')
                        .map(TrackingNumber::parse)
                        .collect::<Result<_, _>>()
                        .map_err(|_| RecordedError::Question("posthorn-asked-for"))?;
                }
                ("posthorn-asked-at", time) => asked_at = time.parse::<Timestamp>().ok(),
                ("posthorn-ticket", value) => ticket = Some(value.to_owned()),
                (name, value) => response = response.header(name, value),
            }
        }
        let asked_at = asked_at.ok_or(RecordedError::Question("posthorn-asked-at"))?;
        let wanted = asked_for
            .into_iter()
            .map(|number| TrackingQuery {
                ticket: ticket.clone(),
                ..TrackingQuery::new(number, asked_at)
            })
            .collect();
        let response = response
            .body(Bytes::copy_from_slice(body))
            .map_err(|_| RecordedError::StatusLine)?;
        Ok(Self {
            call: CarrierRequest::to_send(Request::new(Bytes::new()), wanted, asked_at),
            response,
        })
    }
}

fn split_file(file: &[u8]) -> (&[u8], &[u8]) {
    for gap in [&b"\r\n\r\n"[..], b"\n\n"] {
        if let Some(at) = file.windows(gap.len()).position(|window| window == gap) {
            return (&file[..at], &file[at + gap.len()..]);
        }
    }
    (file, &[])
}
