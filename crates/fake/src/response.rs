//! From an answer to what goes over the wire, with the faults that befall bodies.

use crate::answer::Answer;
use crate::fault::Fault;
use crate::reply::Reply;
use bytes::Bytes;
use flate2::{Compress, Compression, Crc, FlushCompress};
use hyper::Response;
use hyper::header::{HeaderName, HeaderValue};
use std::sync::LazyLock;

/// The pieces of bodies that are too large on purpose.
const MIB: usize = 1 << 20;

/// An answer as it is sent, broken by a fault if there is one.
pub(crate) fn response(answer: Answer, number: u64, fault: Option<&Fault>, head_only: bool) -> Response<Reply> {
    let length = answer.body.len();
    let mut declared = None;
    let mut packed = false;
    let body = match fault {
        _ if head_only => {
            declared = Some(length);
            Reply::empty()
        }
        Some(Fault::Truncate) => {
            declared = Some(length.max(2));
            Reply::broken(answer.body.slice(..length / 2))
        }
        Some(Fault::ResetMidBody) => {
            declared = Some(length.max(2));
            Reply::reset(answer.body.slice(..length / 2))
        }
        Some(Fault::InvalidJson) => Reply::whole(answer.body.slice(..length - length.div_ceil(3))),
        Some(Fault::WrongLength) => {
            declared = Some(length - length.div_ceil(3));
            Reply::unsized_whole(answer.body)
        }
        Some(Fault::Slow(pause)) => {
            declared = Some(length);
            Reply::slow(&answer.body, *pause)
        }
        Some(Fault::Oversize(size)) => {
            let blank = Bytes::from(vec![b' '; MIB]);
            Reply::pieces([answer.body].into_iter().chain(std::iter::repeat_n(blank, *size as usize)))
        }
        Some(Fault::GzipBomb(size)) => {
            packed = true;
            Reply::pieces(bomb(*size as usize))
        }
        _ => Reply::whole(answer.body),
    };
    let mut response = Response::new(body);
    *response.status_mut() = hyper::StatusCode::from_u16(answer.status).unwrap_or_default();
    let headers = response.headers_mut();
    headers.reserve(answer.headers.len() + 4);
    for (name, value) in answer.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    headers.insert("cache-control", HeaderValue::from_static("max-age=0, private, must-revalidate"));
    headers.insert("vary", HeaderValue::from_static("Origin"));
    if let Ok(id) = HeaderValue::from_str(&format!("01FAKE{number:020}")) {
        headers.insert("x-request-id", id);
    }
    if packed {
        headers.insert("content-encoding", HeaderValue::from_static("gzip"));
    }
    if let Some(length) = declared.filter(|_| answer.status != 204) {
        headers.insert("content-length", HeaderValue::from(length));
    }
    response
}

/// A gzip stream that inflates to so many MiB of white space: the same block of a kilobyte again and again.
fn bomb(size: usize) -> impl Iterator<Item = Bytes> {
    /// A MiB of white space, compressed without reference to what comes before it, and its checksum.
    static BLOCK: LazyLock<(Bytes, Crc)> = LazyLock::new(|| {
        let blank = vec![b' '; MIB];
        let mut block = Vec::with_capacity(MIB);
        // Memory suffices for all of it, so neither call can fail or leave anything over.
        let _ = Compress::new(Compression::best(), false).compress_vec(&blank, &mut block, FlushCompress::Full);
        let mut crc = Crc::new();
        crc.update(&blank);
        (block.into(), crc)
    });
    const HEAD: &[u8] = &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    const LAST_BLOCK: [u8; 2] = [3, 0];
    let (block, crc) = &*BLOCK;
    let mut all = Crc::new();
    (0..size).for_each(|_| all.combine(crc));
    let tail = [&LAST_BLOCK[..], &all.sum().to_le_bytes(), &all.amount().to_le_bytes()].concat();
    let blocks = std::iter::repeat_n(block.clone(), size);
    std::iter::once(Bytes::from_static(HEAD)).chain(blocks).chain([Bytes::from(tail)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn a_bomb_is_small_and_inflates_as_it_says() {
        let packed: Vec<u8> = bomb(3).flatten().collect();
        assert!(packed.len() < 6_000, "{}", packed.len());
        let mut plain = Vec::new();
        flate2::read::GzDecoder::new(&packed[..]).read_to_end(&mut plain).unwrap();
        assert!(plain.len() == 3 * MIB && plain.iter().all(|byte| *byte == b' '));
    }
}
