//! Lists: how their pages are read, what goes wrong with them, and work on their items.

mod fanout;
mod paging;
mod stream;

use glabflow::contract::descriptor::Keyset;
use glabflow::contract::{Body, Call, Descriptor, Method, Output, Paging, Param};
use glabflow::{Client, Items, RetryPolicy, Token};
use glabflow_test_server::{Reply, Request, Server, json};

const NUMBERS: Descriptor = Descriptor {
    id: "list_numbers",
    tag: "numbers",
    method: Method::Get,
    path: "/numbers",
    params: &[Param::query("order_by"), Param::query("per_page"), Param::query("page")],
    body: Body::None,
    output: Output::List,
    paging: Paging::Offset,
    ranges: &[],
    idempotent: true,
    deprecated: false,
    docs: None,
};

static BY_NUMBER: Descriptor = NUMBERS;
static BY_KEYSET: Descriptor = Descriptor {
    paging: Paging::Keyset(Keyset { orders: &["id"], sorts: &["asc"], anonymous_only: false }),
    ..NUMBERS
};

/// How a list behaves.
#[derive(Clone, Copy)]
struct List {
    length: u64,
    totals: bool,
    links: bool,
    keyset: bool,
}

const PLAIN: List = List { length: 0, totals: true, links: true, keyset: true };

impl List {
    /// A page of the numbers from 1 to the length.
    fn page(self, request: &Request) -> Reply {
        let number =
            |name: &str, default: u64| request.query(name).and_then(|text| text.parse().ok()).unwrap_or(default);
        let per_page = number("per_page", 20).min(100);
        let by_keyset = self.keyset && request.query("pagination") == Some("keyset");
        let page = number("page", 1);
        let first = if by_keyset { number("id_after", 0) + 1 } else { (page - 1) * per_page + 1 };
        let last = (first + per_page - 1).min(self.length);
        let body: Vec<String> = (first..=last).map(|number| number.to_string()).collect();
        let mut reply = json(200, format!("[{}]", body.join(",")));
        let host = &request.headers["host"];
        if by_keyset {
            if last < self.length {
                let query = format!("pagination=keyset&order_by=id&sort=asc&per_page={per_page}&id_after={last}");
                reply = reply.with("Link", format!("<http://{host}/api/v4/numbers?{query}>; rel=\"next\""));
            }
            return reply;
        }
        let more = last < self.length;
        if self.links {
            let next = format!("<http://{host}/api/v4/numbers?per_page={per_page}&page={}>; rel=\"next\", ", page + 1);
            let first = format!("<http://{host}/api/v4/numbers?per_page={per_page}&page=1>; rel=\"first\"");
            reply = reply.with("Link", if more { next + &first } else { first });
        }
        reply = reply.with("X-Page", page.to_string()).with("X-Per-Page", per_page.to_string());
        reply = reply.with("X-Next-Page", if more { (page + 1).to_string() } else { String::new() });
        if self.totals {
            let pages = self.length.div_ceil(per_page);
            reply = reply.with("X-Total", self.length.to_string()).with("X-Total-Pages", pages.to_string());
        }
        reply
    }

    async fn serve(self) -> (Server, Client) {
        let server = Server::start(move |request, _| self.page(request)).await;
        let gl = client(&server);
        (server, gl)
    }
}

fn client(server: &Server) -> Client {
    Client::builder(server.url()).token(Token::personal("t")).retry(RetryPolicy::never()).build().expect("a client")
}

fn numbers(gl: &Client, descriptor: &'static Descriptor) -> Items<i64> {
    Call::new(gl.clone(), descriptor).items()
}

fn up_to(length: i64) -> Vec<i64> {
    (1..=length).collect()
}
