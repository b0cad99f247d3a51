//! Repairs of what is known to be wrong with GitLab's documents.
//!
//! Each has an id and says what it repairs; the report counts how often it was needed. A document in the normal form
//! needs none of them, so feeding the output in again changes nothing.

mod bodies;
mod identity;
mod parameters;
pub(crate) mod paths;
mod references;
mod responses;
mod types;
mod values;

use crate::ingest::rest::document::Document;
use crate::ingest::rest::report::{Notes, Report};

pub(crate) use paths::shape;

/// One kind of repair.
struct Fixup {
    id: &'static str,
    repairs: &'static str,
    apply: fn(&mut Document, &mut Notes),
}

/// Repairs of one input document, in order: later ones rely on earlier ones.
const REPAIRS: &[Fixup] = &[
    Fixup {
        id: "path-spelling",
        repairs: "wildcards, optional groups and escapes in paths are written as plain path parameters",
        apply: paths::spelling,
    },
    Fixup {
        id: "parameter-location",
        repairs: "a parameter is said to be where OpenAPI has none; it travels in the query",
        apply: parameters::location,
    },
    Fixup {
        id: "undeclared-path-parameter",
        repairs: "a parameter in the path was not declared",
        apply: paths::undeclared,
    },
    Fixup {
        id: "stray-path-parameter",
        repairs: "a declared path parameter is not in the path; it travels in the query",
        apply: paths::stray,
    },
    Fixup {
        id: "schema-names",
        repairs: "schema names hold characters that OpenAPI does not allow, or underscores of Ruby modules",
        apply: identity::schema_names,
    },
    Fixup {
        id: "malformed-member",
        repairs: "a member of a schema has a value that OpenAPI does not allow there",
        apply: types::malformed_member,
    },
    Fixup { id: "invalid-type", repairs: "a `type` that OpenAPI does not know", apply: types::invalid_type },
    Fixup {
        id: "missing-type",
        repairs: "fields or items, but not said to be an object or a list",
        apply: types::missing_type,
    },
    Fixup {
        id: "misplaced-required",
        repairs: "`required: true` on a field instead of a list of names on the object",
        apply: types::misplaced_required,
    },
    Fixup {
        id: "alternatives",
        repairs: "`oneOf`/`anyOf` of types that have one lenient type in common",
        apply: references::alternatives,
    },
    Fixup { id: "dangling-ref", repairs: "a `$ref` to a schema that does not exist", apply: references::dangling_ref },
    Fixup {
        id: "circular-ref",
        repairs: "a schema is nothing but a reference that leads back to itself",
        apply: references::circular_ref,
    },
    Fixup {
        id: "reference-siblings",
        repairs: "facts beside a `$ref`, which OpenAPI 3.0 ignores, are kept by an `allOf`",
        apply: references::reference_siblings,
    },
    Fixup {
        id: "list-without-items",
        repairs: "a list does not say what it holds; its example does, or it holds anything",
        apply: types::list_without_items,
    },
    Fixup {
        id: "number-width",
        repairs: "ids outgrow 32 bits: whole numbers are 64 bits wide, others double",
        apply: types::number_width,
    },
    Fixup {
        id: "enum-values",
        repairs: "values that are double, of another type, or differ only in - and _",
        apply: values::enum_values,
    },
    Fixup { id: "default-type", repairs: "a default of another type than the field", apply: values::default_type },
    Fixup { id: "read-body", repairs: "a GET has no body; its fields travel in the query", apply: bodies::read_body },
    Fixup {
        id: "media-type",
        repairs: "several media types for one body or answer; one is kept",
        apply: responses::media_type,
    },
    Fixup {
        id: "file-fields",
        repairs: "bodies with file fields are multipart; optional files beside a JSON body are listed apart",
        apply: bodies::file_fields,
    },
    Fixup {
        id: "duplicate-parameter",
        repairs: "a name declared twice, in the path, query or body; the path wins, then the body",
        apply: parameters::duplicates,
    },
    Fixup {
        id: "success-responses",
        repairs: "not exactly one success response; the one with a body is kept, or one is added",
        apply: responses::success,
    },
    Fixup {
        id: "error-body",
        repairs: "a body of an error; all errors of GitLab come in the same few shapes",
        apply: responses::error_body,
    },
    Fixup { id: "list-as-object", repairs: "a paged list is declared as one object", apply: responses::list_as_object },
    Fixup {
        id: "paging",
        repairs: "whether an answer comes in pages was not said or is wrong",
        apply: responses::paging,
    },
    Fixup {
        id: "list-parameter",
        repairs: "query lists are written `name[]`, or as joined with commas where that is declared",
        apply: parameters::lists,
    },
    Fixup { id: "id-or-name", repairs: "projects and groups go by number or full path", apply: parameters::id_or_name },
    Fixup {
        id: "client-list-options",
        repairs: "paging and order parameters that a client library sends everywhere and GitLab does not document",
        apply: parameters::client_list_options,
    },
    Fixup { id: "source", repairs: "where the operation is from was not said", apply: identity::source },
    Fixup { id: "tag", repairs: "not exactly one snake_case tag", apply: identity::tags },
];

/// Namings that need all documents together.
const FINISH: &[Fixup] = &[
    Fixup {
        id: "operation-id",
        repairs: "ids made from method and path are replaced by names",
        apply: identity::operation_ids,
    },
    Fixup {
        id: "body-name",
        repairs: "request bodies without a name, or with one made from the path, are named after their operation",
        apply: identity::body_names,
    },
];

/// Schemas can only be found unused when everything else is done.
const PRUNE: &[Fixup] =
    &[Fixup { id: "unused-schema", repairs: "a schema that no operation uses", apply: identity::unused_schemas }];

/// All repairs, with what they repair.
pub(crate) fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    [REPAIRS, FINISH, PRUNE].into_iter().flatten().map(|fixup| (fixup.id, fixup.repairs))
}

/// Repairs one input document.
pub(crate) fn repair(document: &mut Document, report: &mut Report) {
    run(REPAIRS, document, report);
}

/// Names what is in the merged document.
pub(crate) fn finish(document: &mut Document, report: &mut Report) {
    run(FINISH, document, report);
}

/// Removes what nothing uses.
pub(crate) fn prune(document: &mut Document, report: &mut Report) {
    run(PRUNE, document, report);
}

fn run(fixups: &[Fixup], document: &mut Document, report: &mut Report) {
    for fixup in fixups {
        let mut notes = Notes::default();
        (fixup.apply)(document, &mut notes);
        report.applied(fixup.id, fixup.repairs, notes);
    }
}
