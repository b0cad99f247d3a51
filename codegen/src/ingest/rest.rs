//! OpenAPI 3.0 and Swagger 2.0 to `schema/rest/openapi.json`.
