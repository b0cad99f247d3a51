//! A pair of small documents for every kind of difference in REST.

use crate::{Case, check};
use glabflow_codegen::diff::kind::Kind;
use glabflow_codegen::diff::level::Level::{Breaking, Dangerous, Safe};
use serde_json::{Value, json};

const LIST: &str = "GET /cars";

/// A document with these paths and schemas.
fn document(paths: Value, schemas: Value) -> String {
    json!({"openapi": "3.0.3", "paths": paths, "components": {"schemas": schemas}}).to_string()
}

/// An operation on `/cars`, with more members.
fn operation(id: &str, more: Value) -> Value {
    let mut operation = json!({"operationId": id, "tags": ["cars"], "responses": {"200": {"description": ""}}});
    for (name, value) in more.as_object().expect("members") {
        operation[name] = value.clone();
    }
    operation
}

fn list(more: Value) -> String {
    document(json!({"/api/v4/cars": {"get": operation("list_cars", more)}}), json!({}))
}

fn create(more: Value) -> String {
    document(json!({"/api/v4/cars": {"post": operation("create_car", more)}}), json!({}))
}

/// `GET /cars` with one query parameter.
fn query(more: Value) -> String {
    let mut parameter = json!({"name": "color", "in": "query", "schema": {"type": "string"}});
    for (name, value) in more.as_object().expect("members") {
        parameter[name] = value.clone();
    }
    list(json!({"parameters": [parameter]}))
}

/// `POST /cars` with a body of these properties.
fn body(properties: Value, required: &[&str]) -> String {
    let schema = json!({"type": "object", "properties": properties, "required": required});
    create(json!({"requestBody": {"content": {"application/json": {"schema": schema}}}}))
}

/// `GET /cars` which answers with this.
fn answer(schema: Value) -> String {
    list(json!({"responses": {"200": {"description": "", "content": {"application/json": {"schema": schema}}}}}))
}

/// `GET /cars` which answers with a file.
fn file(content_type: &str) -> String {
    let content = json!({content_type: {"schema": {"type": "string", "format": "binary"}}});
    list(json!({"responses": {"200": {"description": "", "content": content}}}))
}

/// `GET /cars` which answers with a car of these properties.
fn car(properties: Value) -> String {
    let content = json!({"application/json": {"schema": {"$ref": "#/components/schemas/Car"}}});
    let get = operation("list_cars", json!({"responses": {"200": {"description": "", "content": content}}}));
    document(json!({"/api/v4/cars": {"get": get}}), json!({"Car": {"type": "object", "properties": properties}}))
}

/// `POST /cars` with a wheel of these properties, all of them required.
fn wheel(properties: Value) -> String {
    let required: Vec<&String> = properties.as_object().expect("members").keys().collect();
    let wheel = json!({"type": "object", "properties": properties, "required": required});
    let body = json!({"type": "object", "properties": {"wheel": {"$ref": "#/components/schemas/Wheel"}}});
    let members = json!({"requestBody": {"content": {"application/json": {"schema": body}}}});
    document(json!({"/api/v4/cars": {"post": operation("create_car", members)}}), json!({"Wheel": wheel}))
}

pub(crate) fn cases() -> Vec<Case> {
    let case = |kind, coordinate, old: String, new: String, wire, rust: &[&str]| {
        Case::rest(kind, coordinate, &old, &new, wire, rust)
    };
    let string = || json!({"type": "string"});
    let sized = |size: Value| {
        let body = json!({"type": "object", "properties": {"size": {"$ref": "#/components/schemas/Size"}}});
        let members = json!({"requestBody": {"content": {"application/json": {"schema": body}}}});
        document(json!({"/api/v4/cars": {"post": operation("create_car", members)}}), json!({"Size": size}))
    };
    let in_place = |levels: Value| {
        let wheel = json!({"type": "object", "properties": {"level": {"type": "integer", "enum": levels}}});
        json!({"wheels": {"type": "array", "items": wheel}})
    };
    let colors = |values: &[&str]| json!({"type": "string", "enum": values});
    let integer = || json!({"type": "integer"});
    let get = || operation("list_cars", json!({}));
    let both = || {
        let delete = operation("delete_cars", json!({"deprecated": true}));
        document(json!({"/api/v4/cars": {"get": get(), "delete": delete}}), json!({}))
    };
    let one = |name: &str, extra: Value| {
        let mut parameter = json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}});
        for (name, value) in extra.as_object().expect("members") {
            parameter[name] = value.clone();
        }
        let get = operation("get_car", json!({"parameters": [parameter]}));
        document(json!({format!("/api/v4/cars/{{{name}}}"): {"get": get}}), json!({}))
    };
    let paged = |more: Value| {
        let schema = json!({"type": "array", "items": {"type": "string"}});
        let mut members =
            json!({"responses": {"200": {"description": "", "content": {"application/json": {"schema": schema}}}}});
        for (name, value) in more.as_object().expect("members") {
            members[name] = value.clone();
        }
        list(members)
    };
    let with_type = |name: &str| {
        let content = json!({"application/json": {"schema": {"$ref": format!("#/components/schemas/{name}")}}});
        let fields = json!({"a": {"type": "string"}, "b": {"type": "string"}, "c": {"type": "string"}});
        let get = operation(
            &format!("get_{}", name.to_lowercase()),
            json!({"responses": {"200": {"description": "", "content": content}}}),
        );
        let path = format!("/api/v4/{}", name.to_lowercase());
        document(
            json!({"/api/v4/cars": {"get": operation("list_cars", json!({}))}, path: {"get": get}}),
            json!({name: {"type": "object", "properties": fields}}),
        )
    };
    let plain = || list(json!({}));
    vec![
        case(
            Kind::RestOperationAdded,
            "DELETE /cars",
            plain(),
            both(),
            Safe,
            &["added `cars::Cars::delete`", "added `cars::DeleteCars`"],
        ),
        case(
            Kind::RestOperationRemoved,
            "DELETE /cars",
            both(),
            plain(),
            Breaking,
            &["removed `cars::Cars::delete`", "removed `cars::DeleteCars`"],
        ),
        case(
            Kind::RestOperationMoved,
            LIST,
            plain(),
            document(json!({"/api/v4/vehicles": {"get": get()}}), json!({})),
            Breaking,
            &[],
        ),
        case(
            Kind::RestDeprecated,
            LIST,
            plain(),
            list(json!({"deprecated": true})),
            Safe,
            &["deprecated `cars::Cars::list`"],
        ),
        case(
            Kind::RestUndeprecated,
            "GET /cars query:color",
            query(json!({"deprecated": true})),
            query(json!({})),
            Safe,
            &["no longer deprecated `cars::ListCars::color`"],
        ),
        case(
            Kind::RestInputAdded,
            "GET /cars query:color",
            plain(),
            query(json!({})),
            Safe,
            &["added `cars::ListCars::color`"],
        ),
        case(
            Kind::RestRequiredInputAdded,
            "GET /cars query:color",
            plain(),
            query(json!({"required": true})),
            Breaking,
            &["changed `cars::Cars::list`: `fn()` to `fn(impl Into<String>)`"],
        ),
        case(
            Kind::RestInputRemoved,
            "GET /cars query:color",
            query(json!({})),
            plain(),
            Dangerous,
            &["removed `cars::ListCars::color`"],
        ),
        case(
            Kind::RestInputMoved,
            "POST /cars query:color",
            create(json!({"parameters": [{"name": "color", "in": "query", "schema": {"type": "string"}}]})),
            body(json!({"color": string()}), &[]),
            Breaking,
            &[],
        ),
        case(
            Kind::RestPathParameterRenamed,
            "GET /cars/{id} path:id",
            one("id", json!({})),
            one("car_id", json!({})),
            Safe,
            &[],
        ),
        case(
            Kind::RestInputRequired,
            "POST /cars body:color",
            body(json!({"color": string()}), &[]),
            body(json!({"color": string()}), &["color"]),
            Breaking,
            &["changed `cars::Cars::create`: `fn()` to `fn(impl Into<String>)`", "removed `cars::CreateCar::color`"],
        ),
        case(
            Kind::RestInputOptional,
            "POST /cars body:color",
            body(json!({"color": string()}), &["color"]),
            body(json!({"color": string()}), &[]),
            Safe,
            &["added `cars::CreateCar::color`", "changed `cars::Cars::create`: `fn(impl Into<String>)` to `fn()`"],
        ),
        case(
            Kind::RestInputTypeChanged,
            "GET /cars query:color",
            query(json!({"schema": {"type": "boolean"}})),
            query(json!({"schema": {"type": "integer"}})),
            Breaking,
            &["changed `cars::ListCars::color`: `fn(bool)` to `fn(i64)`"],
        ),
        // A list is written as `color[]`, and is the same parameter.
        case(
            Kind::RestInputTypeChanged,
            "GET /cars query:color",
            query(json!({})),
            query(json!({"schema": {"type": "array", "items": string()}})),
            Breaking,
            &["changed `cars::ListCars::color`: `fn(impl Into<String>)` to \
               `fn(impl IntoIterator<Item = impl Into<String>>)`"],
        ),
        case(
            Kind::RestInputEncodingChanged,
            "GET /cars query:color",
            query(json!({"schema": {"type": "array", "items": string()}, "explode": false})),
            query(json!({"schema": {"type": "array", "items": string()}})),
            Breaking,
            &[],
        ),
        case(
            Kind::RestInputNarrowed,
            "GET /cars query:color",
            query(json!({})),
            query(json!({"schema": {"type": "integer"}})),
            Breaking,
            &["changed `cars::ListCars::color`: `fn(impl Into<String>)` to `fn(i64)`"],
        ),
        case(
            Kind::RestInputWidened,
            "GET /cars query:color",
            query(json!({"schema": {"type": "integer"}})),
            query(json!({"schema": {"type": "number"}})),
            Safe,
            &["changed `cars::ListCars::color`: `fn(i64)` to `fn(f64)`"],
        ),
        case(
            Kind::RestInputNarrowed,
            "GET /cars query:color",
            query(json!({"schema": {"type": "integer", "minimum": 1, "maximum": 1000}})),
            query(json!({"schema": {"type": "integer", "minimum": 1, "maximum": 20}})),
            Breaking,
            &[],
        ),
        // Numbers deeper in a request: in a list, in an object, behind references, in an object that is written in place.
        case(
            Kind::RestInputNarrowed,
            "GET /cars query:color[]",
            query(json!({"schema": {"type": "array", "items": {"type": "integer", "minimum": 0}}})),
            query(json!({"schema": {"type": "array", "items": {"type": "integer", "minimum": 1}}})),
            Breaking,
            &[],
        ),
        case(
            Kind::RestInputNarrowed,
            "Wheel.size",
            wheel(json!({"size": integer()})),
            wheel(json!({"size": {"type": "integer", "maximum": 20}})),
            Breaking,
            &[],
        ),
        case(
            Kind::RestInputWidened,
            "POST /cars body:size",
            sized(json!({"type": "integer", "maximum": 20})),
            sized(json!({"type": "integer", "maximum": 22})),
            Safe,
            &[],
        ),
        case(
            Kind::RestInputNarrowed,
            "CreateCarWheels.level",
            body(in_place(json!([10, 20, 30])), &[]),
            body(in_place(json!([20, 30])), &[]),
            Breaking,
            &[],
        ),
        // Sets of access levels are of one type, whichever they hold; other sets are plain numbers.
        case(
            Kind::RestInputNarrowed,
            "GET /cars query:color",
            query(json!({"schema": {"type": "integer", "enum": [30, 40, 60, 0]}})),
            query(json!({"schema": {"type": "integer", "enum": [40, 60, 0]}})),
            Breaking,
            &[],
        ),
        case(
            Kind::RestInputWidened,
            "POST /cars body:color",
            body(json!({"color": {"type": "integer", "enum": [1, 2]}}), &[]),
            body(json!({"color": {"type": "integer", "enum": [3, 2, 1]}}), &[]),
            Safe,
            &[],
        ),
        case(
            Kind::RestInputNarrowed,
            "POST /cars body:color",
            body(json!({"color": {"type": "integer", "maximum": 3}}), &[]),
            body(json!({"color": {"type": "integer", "enum": [1, 2, 3]}}), &[]),
            Breaking,
            &[],
        ),
        case(
            Kind::RestInputWidened,
            "POST /cars body:color",
            body(json!({"color": {"type": "integer", "minimum": 1}}), &[]),
            body(json!({"color": {"type": "integer"}}), &[]),
            Safe,
            &[],
        ),
        case(
            Kind::RestInputWidened,
            "GET /cars query:color",
            query(json!({"schema": {"type": "string", "format": "date"}})),
            query(json!({"schema": {"type": "string"}})),
            Safe,
            &["changed `cars::ListCars::color`: `fn(impl Into<Date>)` to `fn(impl Into<String>)`"],
        ),
        case(
            Kind::RestInputEncodingChanged,
            "GET /cars/{id} path:id",
            one("id", json!({})),
            one("id", json!({"x-gitlab-wildcard": true})),
            Breaking,
            &[],
        ),
        case(
            Kind::RestInputDefaultChanged,
            "GET /cars query:color",
            query(json!({"schema": {"type": "string", "default": "red"}})),
            query(json!({"schema": {"type": "string", "default": "green"}})),
            Dangerous,
            &[],
        ),
        case(
            Kind::RestInputNullAccepted,
            "POST /cars body:color",
            body(json!({"color": string()}), &[]),
            body(json!({"color": {"type": "string", "nullable": true}}), &[]),
            Safe,
            &["changed `cars::CreateCar::color`: `fn(impl Into<String>)` to `fn(impl Into<Nullable<String>>)`"],
        ),
        case(
            Kind::RestInputNullRefused,
            "POST /cars body:color",
            body(json!({"color": {"type": "string", "nullable": true}}), &[]),
            body(json!({"color": string()}), &[]),
            Breaking,
            &["changed `cars::CreateCar::color`: `fn(impl Into<Nullable<String>>)` to `fn(impl Into<String>)`"],
        ),
        case(
            Kind::RestBodyFormatChanged,
            "POST /cars",
            create(
                json!({"requestBody": {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}}),
            ),
            create(
                json!({"requestBody": {"content": {"text/csv": {"schema": {"type": "string", "format": "binary"}}}}}),
            ),
            Breaking,
            &[],
        ),
        case(
            Kind::RestFileTypeChanged,
            LIST,
            file("application/zip"),
            file("application/octet-stream"),
            Dangerous,
            &[],
        ),
        case(
            Kind::RestAnswerChanged,
            LIST,
            file("application/zip"),
            answer(json!({"type": "string"})),
            Breaking,
            &["changed `cars::ListCars::Output`: `file` to `String`"],
        ),
        case(
            Kind::RestAnswerChanged,
            LIST,
            answer(json!({"type": "string"})),
            answer(json!({"type": "array", "items": {"type": "string"}})),
            Breaking,
            &["changed `cars::ListCars::Output`: `String` to `Vec<String>`"],
        )
        .also(&["rest-paging-changed:GET /cars"]),
        case(
            Kind::RestAnswerChanged,
            "POST /cars",
            create(json!({"responses": {"201": {"description": ""}}})),
            create(
                json!({"responses": {"201": {"description": "", "content": {"application/json": {"schema": {"type": "string"}}}}}}),
            ),
            Safe,
            &["changed `cars::CreateCar::Output`: `()` to `String`"],
        ),
        case(
            Kind::RestStatusChanged,
            "POST /cars",
            create(json!({"responses": {"201": {"description": ""}}})),
            create(json!({"responses": {"202": {"description": ""}}})),
            Dangerous,
            &[],
        ),
        case(
            Kind::RestOtherSuccessChanged,
            "POST /cars",
            create(json!({"responses": {"201": {"description": ""}}})),
            create(json!({"responses": {"201": {"description": ""}, "202": {"description": ""}}})),
            Dangerous,
            &[],
        ),
        case(
            Kind::RestOtherSuccessChanged,
            "POST /cars",
            create(json!({"responses": {"201": {"description": ""}, "202": {"description": ""}}})),
            create(json!({"responses": {"201": {"description": ""}}})),
            Safe,
            &[],
        ),
        case(
            Kind::RestErrorStatusChanged,
            "POST /cars",
            create(json!({"responses": {"201": {"description": ""}, "404": {"description": ""}}})),
            create(
                json!({"responses": {"201": {"description": ""}, "404": {"description": ""}, "409": {"description": ""}}}),
            ),
            Safe,
            &[],
        ),
        case(
            Kind::RestPagingChanged,
            LIST,
            paged(json!({"x-gitlab-paginated": true, "x-gitlab-keyset": {"orders": ["id"]}})),
            paged(json!({"x-gitlab-paginated": true})),
            Dangerous,
            &[],
        ),
        case(
            Kind::RestPagingChanged,
            LIST,
            paged(json!({"x-gitlab-paginated": true})),
            paged(json!({"x-gitlab-paginated": true, "x-gitlab-keyset": {"orders": ["id"]}})),
            Safe,
            &[],
        ),
        case(
            Kind::RestRetryChanged,
            "POST /cars",
            create(json!({"x-gitlab-idempotent": true})),
            create(json!({})),
            Dangerous,
            &[],
        ),
        case(
            Kind::RestOutputAdded,
            "Car.color",
            car(json!({"id": integer()})),
            car(json!({"id": integer(), "color": string()})),
            Safe,
            &["added `types::Car::color`"],
        ),
        case(
            Kind::RestOutputRemoved,
            "Car.color",
            car(json!({"id": integer(), "color": string()})),
            car(json!({"id": integer()})),
            Breaking,
            &["removed `types::Car::color`"],
        ),
        case(
            Kind::RestOutputTypeChanged,
            "Car.color",
            car(json!({"color": integer()})),
            car(json!({"color": string()})),
            Breaking,
            &["changed `types::Car::color`: `Option<i64>` to `Option<String>`"],
        ),
        case(
            Kind::RestOutputWidened,
            "Car.color",
            car(json!({"color": integer()})),
            car(json!({"color": {"type": "number"}})),
            Dangerous,
            &["changed `types::Car::color`: `Option<i64>` to `Option<f64>`"],
        ),
        case(
            Kind::RestOutputNarrowed,
            "GET /cars answer",
            answer(json!({"type": "number"})),
            answer(json!({"type": "integer"})),
            Safe,
            &["changed `cars::ListCars::Output`: `f64` to `i64`"],
        ),
        case(
            Kind::RestOutputNullable,
            "Car.color",
            car(json!({"color": string()})),
            car(json!({"color": {"type": "string", "nullable": true}})),
            Dangerous,
            &[],
        ),
        case(
            Kind::RestOutputNonNull,
            "Car.color",
            car(json!({"color": {"type": "string", "nullable": true}})),
            car(json!({"color": string()})),
            Safe,
            &[],
        ),
        case(
            Kind::RestEnumValueAdded,
            "CarColor.green",
            car(json!({"color": {"type": "string", "enum": ["red", "blue"]}})),
            car(json!({"color": {"type": "string", "enum": ["red", "blue", "green"]}})),
            Dangerous,
            &["new variant `types::CarColor::Green`"],
        ),
        case(
            Kind::RestEnumValueAdded,
            "CarColor.green",
            query(json!({"schema": {"type": "string", "enum": ["red", "blue"]}})),
            query(json!({"schema": {"type": "string", "enum": ["red", "blue", "green"]}})),
            Safe,
            &["new variant `types::CarColor::Green`"],
        ),
        // Values that are joined with commas are still values of an enum.
        case(
            Kind::RestEnumValueRemoved,
            "CarColor.green",
            query(json!({"explode": false, "schema": {"type": "array", "items": colors(&["red", "blue", "green"])}})),
            query(json!({"explode": false, "schema": {"type": "array", "items": colors(&["red", "blue"])}})),
            Breaking,
            &["removed `types::CarColor::Green`"],
        ),
        case(
            Kind::RestInputNarrowed,
            "GET /cars query:color",
            query(json!({"explode": false, "schema": {"type": "array", "items": string()}})),
            query(json!({"explode": false, "schema": {"type": "array", "items": colors(&["red", "blue"])}})),
            Breaking,
            &["changed `cars::ListCars::color`: `fn(impl IntoIterator<Item = impl Into<String>>)` to \
               `fn(impl IntoIterator<Item = CarColor>)`"],
        )
        .also(&["rest-type-added:CarColor"]),
        case(
            Kind::RestEnumValueRemoved,
            "CarColor.green",
            query(json!({"schema": {"type": "string", "enum": ["red", "blue", "green"]}})),
            query(json!({"schema": {"type": "string", "enum": ["red", "blue"]}})),
            Breaking,
            &["removed `types::CarColor::Green`"],
        ),
        case(Kind::RestTypeAdded, "Bus", plain(), with_type("Bus"), Safe, &["added `types::Bus`"])
            .also(&["rest-operation-added:GET /bus"]),
        case(Kind::RestTypeRemoved, "Bus", with_type("Bus"), plain(), Safe, &["removed `types::Bus`"])
            .also(&["rest-operation-removed:GET /bus"]),
        // The same operation under another tag: another module, and another handle.
        case(
            Kind::RestRustChanged,
            LIST,
            plain(),
            list(json!({"tags": ["vehicles"]})),
            Safe,
            &[
                "renamed `cars::Cars::list` to `vehicles::Vehicles::list_cars`",
                "renamed `cars::ListCars` to `vehicles::ListCars`",
            ],
        ),
        // Two texts that changed places: calls compile, and send each for the other.
        case(
            Kind::RestRustChanged,
            "POST /cars",
            body(json!({"color": string(), "name": string()}), &["color", "name"]),
            body(json!({"name": string(), "color": string()}), &["color", "name"]),
            Safe,
            &["changed `cars::Cars::create`: `fn(color: impl Into<String>, name: impl Into<String>)` \
               to `fn(name: impl Into<String>, color: impl Into<String>)`"],
        ),
        case(
            Kind::RestInputRemoved,
            "POST /cars body:name",
            body(json!({"name": string()}), &["name"]),
            body(json!({"color": string()}), &["color"]),
            Dangerous,
            &["changed `cars::Cars::create`: `fn(name: impl Into<String>)` to `fn(color: impl Into<String>)`"],
        )
        .also(&["rest-required-input-added:POST /cars body:color"]),
        case(
            Kind::RestRustChanged,
            "Wheel",
            wheel(json!({"size": integer(), "color": string()})),
            wheel(json!({"color": string(), "size": integer()})),
            Safe,
            &["changed `types::Wheel::new`: `fn(i64, impl Into<String>)` to `fn(impl Into<String>, i64)`"],
        ),
        case(
            Kind::RestRustChanged,
            "Wheel",
            wheel(json!({"left": integer(), "right": integer()})),
            wheel(json!({"right": integer(), "left": integer()})),
            Safe,
            &["changed `types::Wheel::new`: `fn(left: i64, right: i64)` to `fn(right: i64, left: i64)`"],
        ),
    ]
}

#[test]
fn every_kind_has_its_level_coordinate_and_effect() {
    check(&cases());
}
