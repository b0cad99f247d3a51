//! `gl api`: any operation, checked against the index and run by the client.

use crate::args::{ApiArgs, Format};
use crate::connection;
use crate::console::{self, thousands};
use crate::failure::Failure;
use crate::output::{self, Formatter, Output};
use crate::request::{self, Parts};
use crate::target::Target;
use glabflow::{Client, PageInfo, Response};
use glabflow_contract::index::LazyIndex;
use glabflow_contract::{Arg, Descriptor, Location, MAX_PAGE_SIZE, Method, Output as Shape, Request};
use serde_json::value::RawValue;
use std::io::{self, Write};

/// The furthest item that page numbers reach. After it there is keyset pagination only.
const BY_NUMBER: u64 = 50_000;

/// Runs the command.
pub(crate) async fn run(index: &'static LazyIndex, args: ApiArgs) -> Result<(), Failure> {
    let target = Target::resolve(index, &args.target)?;
    let pages = args.paginate || args.limit.is_some();
    let format = output::format(args.format, &args.columns)?;
    check(&target, &args, pages)?;
    let parts = Parts {
        fields: &args.fields,
        raw_fields: &args.raw_fields,
        input: args.input.as_deref(),
        in_order: args.limit.is_some_and(|limit| limit <= BY_NUMBER),
    };
    let mut request = request::build(index, target, parts)?;
    let client = connection::client(&args.connection)?;
    if let Shape::File(content_type) = request.descriptor().output {
        return download(&client, request, content_type, &args).await;
    }
    if !pages {
        return one(&client, request, format, &args).await;
    }
    if let Some(limit) = args.limit {
        size_pages(&mut request, limit);
    }
    list(&client, request, format, &args).await
}

/// Rejects calls that cannot work, and warns about probable mistakes.
fn check(target: &Target, args: &ApiArgs, pages: bool) -> Result<(), Failure> {
    match target {
        Target::Known { operation, .. } if pages && !request::is_list(operation) => {
            let id = &operation.id;
            Err(Failure::usage(format!("`{id}` does not respond with a list: omit --paginate and --limit")))
        }
        Target::Known { operation, .. } => {
            if operation.deprecated {
                console::note(format_args!("note: GitLab has deprecated `{}`", operation.id));
            }
            Ok(())
        }
        Target::Unknown { method, .. } if pages && !method.is_read() => {
            Err(Failure::usage("--paginate and --limit require GET"))
        }
        Target::Unknown { method, known_as, .. } => {
            let path = args.target.last().map_or("", String::as_str);
            if !known_as.is_empty() && *method != Method::Head {
                let methods: Vec<&str> = known_as.iter().map(|method| method.as_str()).collect();
                console::note(format_args!(
                    "note: the schema knows `{path}` with {}, not with {method}",
                    methods.join(", ")
                ));
            } else if !method.is_read() {
                console::note(format_args!("note: the schema does not know `{path}`, so nothing is checked"));
            }
            Ok(())
        }
    }
}

/// Limits the page size to the number of wanted items, unless the user has set a page size.
fn size_pages(request: &mut Request, limit: u64) {
    if limit < MAX_PAGE_SIZE.into() && request.get("per_page", Location::Query).is_none() {
        let size = i64::try_from(limit.max(1)).unwrap_or_default();
        // Operations without a page size do not change.
        request.set_named("per_page", Location::Query, Arg::Int(size));
    }
}

/// A single response.
async fn one(client: &Client, request: Request, format: Format, args: &ApiArgs) -> Result<(), Failure> {
    let descriptor = request.descriptor();
    if descriptor.id == Descriptor::RAW {
        return untyped(client, request, format, args).await;
    }
    let response = client.call(request).send::<Box<RawValue>>().await?;
    if args.include {
        include(&response);
    }
    let out = Output::to(args.output.as_deref())?;
    // The client reads an empty body as `null`.
    if response.get() != "null" {
        Formatter::new(out, format, args.columns.clone()).document(&response)?;
    }
    if descriptor.output == Shape::List && response.is_truncated() {
        console::note(format_args!("note: {}; --paginate reads the whole list", shown(&response.page())));
    }
    Ok(())
}

/// The response to a request that the schema does not know. Responses other than JSON are written unchanged.
async fn untyped(client: &Client, request: Request, format: Format, args: &ApiArgs) -> Result<(), Failure> {
    let response = client.call(request).bytes().await?;
    if args.include {
        include(&response);
    }
    let mut out = Output::to(args.output.as_deref())?;
    if response.is_empty() || !response.header("content-type").is_some_and(|kind| kind.contains("json")) {
        return out.write_all(&response).and_then(|()| out.flush()).map_err(Failure::stdout);
    }
    let json = serde_json::from_slice(&response).map_err(io::Error::from);
    Formatter::new(out, format, args.columns.clone()).document(json.map_err(Failure::io("the response is not JSON"))?)
}

/// The share of a list that a page is.
fn shown(page: &PageInfo) -> String {
    match (page.total, page.total_pages) {
        (Some(total), Some(pages)) => {
            format!("this is one page of {}, of a list with {} items", thousands(pages), thousands(total))
        }
        _ => "this is one page of several".to_owned(),
    }
}

/// All pages of a list, each written as soon as it arrives.
async fn list(client: &Client, request: Request, format: Format, args: &ApiArgs) -> Result<(), Failure> {
    let mut formatter = Formatter::new(Output::to(args.output.as_deref())?, format, args.columns.clone());
    let mut left = args.limit.unwrap_or(u64::MAX);
    let mut pages = client.call(request).pages::<Box<RawValue>>();
    pages = match (args.limit, args.connection.concurrency) {
        // Pages are not read ahead, because they may not be wanted.
        (Some(_), _) => pages.prefetch(0),
        (None, Some(concurrency)) => pages.parallel(usize::from(concurrency)),
        (None, None) => pages,
    };
    while left > 0 {
        let Some(page) = pages.next().await else { break };
        let page = page?;
        if args.include {
            include(&page);
        }
        let wanted = usize::try_from(left).unwrap_or(usize::MAX).min(page.len());
        let items: Vec<&RawValue> = page[..wanted].iter().map(|item| &**item).collect();
        formatter.items(&items)?;
        left -= wanted as u64;
    }
    formatter.end()
}

/// A file, written while it arrives.
async fn download(client: &Client, request: Request, content_type: &str, args: &ApiArgs) -> Result<(), Failure> {
    let mut out = Output::stdout();
    let is_text = content_type.starts_with("text/") || content_type.contains("json");
    if output::file(args.output.as_deref()).is_none() && out.is_terminal() && !is_text {
        return Err(Failure::usage(format!("`{}` responds with a file, {content_type}", request.descriptor().id))
            .hint("--output FILE saves it; a pipe works too"));
    }
    let mut file = client.call(request).download().await?;
    if args.include {
        let size = file.size().map_or_else(String::new, |size| format!(", {} bytes", thousands(size)));
        console::note(format_args!("{} {}{size}", file.status(), file.content_type().unwrap_or("(no content type)")));
    }
    if let Some(path) = output::file(args.output.as_deref()) {
        let size = file.save_to(path).await?;
        console::note(format_args!("{}: {} bytes", path.display(), thousands(size)));
        return Ok(());
    }
    while let Some(bytes) = file.next().await {
        out.write_all(&bytes?).map_err(Failure::stdout)?;
    }
    out.flush().map_err(Failure::stdout)
}

/// Reports status and headers on stderr.
fn include<T>(response: &Response<T>) {
    let mut text = response.status().to_string();
    for (name, value) in response.headers() {
        text.push_str(&format!("\n{name}: {}", console::printable(value)));
    }
    console::note(format_args!("{text}\n"));
}
