// Validates each generated document against the schema with the reference implementation, npm `graphql`.
//
//   cd contract/graphql-js && npm install && npm run check
//
// Reads schema/graphql/schema.graphql and generated/graphql/documents; prints the errors. Exits with 1 if there are any.
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSchema, parse, validate, validateSchema, version } from "graphql";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const schema = buildSchema(readFileSync(join(root, "schema/graphql/schema.graphql"), "utf8"));
const folder = join(root, "generated/graphql/documents");

let failures = 0;
const report = (where, errors) => {
  for (const error of errors) console.error(`${where}: ${error.message}`);
  failures += errors.length > 0 ? 1 : 0;
};

report("schema.graphql", validateSchema(schema));
let documents = 0;
for (const area of readdirSync(folder).sort()) {
  for (const file of readdirSync(join(folder, area)).sort()) {
    documents += 1;
    const text = readFileSync(join(folder, area, file), "utf8");
    try {
      report(`${area}/${file}`, validate(schema, parse(text)));
    } catch (error) {
      report(`${area}/${file}`, [error]);
    }
  }
}
console.log(`graphql ${version}: ${documents} documents, ${failures} with errors`);
process.exit(failures > 0 || documents === 0 ? 1 : 0);
