//! Turns a response into what is sent, with faults of the body.

use crate::body::ResponseBody;
use crate::fault::Fault;
use crate::response::Response;
use bytes::Bytes;
use flate2::{Compress, Compression, Crc, FlushCompress};

use hyper::header::{HeaderName, HeaderValue};
use std::sync::LazyLock;

/// The size of the parts of oversized bodies.
const MIB: usize = 1 << 20;

/// A response as it is sent, with a fault of its body if there is one.
pub(crate) fn outgoing(
    response: Response,
    number: u64,
    fault: Option<&Fault>,
    head_only: bool,
) -> hyper::Response<ResponseBody> {
    let length = response.body.len();
    let mut declared = None;
    let mut packed = false;
    let body = match fault {
        _ if head_only => {
            declared = Some(length);
            ResponseBody::empty()
        }
        Some(Fault::Truncate) => {
            declared = Some(length.max(2));
            ResponseBody::broken(response.body.slice(..length / 2))
        }
        Some(Fault::ResetMidBody) => {
            declared = Some(length.max(2));
            ResponseBody::reset(response.body.slice(..length / 2))
        }
        Some(Fault::InvalidJson) => ResponseBody::whole(response.body.slice(..length - length.div_ceil(3))),
        Some(Fault::WrongLength) => {
            declared = Some(length - length.div_ceil(3));
            ResponseBody::unsized_whole(response.body)
        }
        Some(Fault::Slow(pause)) => {
            declared = Some(length);
            ResponseBody::slow(&response.body, *pause)
        }
        Some(Fault::Oversize(size)) => {
            let blank = Bytes::from(vec![b' '; MIB]);
            ResponseBody::pieces([response.body].into_iter().chain(std::iter::repeat_n(blank, *size as usize)))
        }
        Some(Fault::GzipBomb(size)) => {
            packed = true;
            ResponseBody::pieces(bomb(*size as usize))
        }
        _ => ResponseBody::whole(response.body),
    };
    let mut sent = hyper::Response::new(body);
    *sent.status_mut() = hyper::StatusCode::from_u16(response.status).unwrap_or_default();
    let headers = sent.headers_mut();
    headers.reserve(response.headers.len() + 4);
    for (name, value) in response.headers {
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
    if let Some(length) = declared.filter(|_| response.status != 204) {
        headers.insert("content-length", HeaderValue::from(length));
    }
    sent
}

/// A gzip stream that inflates to this number of MiB of white space. It repeats a block of a kilobyte.
fn bomb(size: usize) -> impl Iterator<Item = Bytes> {
    /// A MiB of white space, compressed without reference to earlier data, and its checksum.
    static BLOCK: LazyLock<(Bytes, Crc)> = LazyLock::new(|| {
        let blank = vec![b' '; MIB];
        let mut block = Vec::with_capacity(MIB);
        // The buffer is large enough, so neither call can fail or leave a rest.
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
    fn a_bomb_is_small_and_inflates_to_its_size() {
        let packed: Vec<u8> = bomb(3).flatten().collect();
        assert!(packed.len() < 6_000, "{}", packed.len());
        let mut plain = Vec::new();
        flate2::read::GzDecoder::new(&packed[..]).read_to_end(&mut plain).unwrap();
        assert!(plain.len() == 3 * MIB && plain.iter().all(|byte| *byte == b' '));
    }
}
