// Compares our classification of GraphQL differences with the reference, npm `@graphql-inspector/core`.
//
//   cargo build --release -p glabflow-codegen
//   cd contract/graphql-inspector && npm install && npm run check [-- OLD NEW [OLD NEW ...]]
//
// Without arguments: schema/graphql/versions/16.3-ee.graphql against schema/graphql/schema.graphql. Each difference must
// be in both reports, with the same level, unless a rule below explains why not. Prints a table of the rules and how often each
// applied. Exits with 1 if a difference has no rule.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { diff } from "@graphql-inspector/core";
import { buildSchema, isInputObjectType, parse, visit } from "graphql";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const program = process.env.GLABFLOW_CODEGEN ?? join(root, "target/release/glabflow-codegen");
const LEVELS = { BREAKING: "breaking", DANGEROUS: "dangerous", NON_BREAKING: "safe" };

// Our kind and coordinate of a difference that graphql-inspector reports; nothing where we report none on purpose.
const argument = (meta) => `${meta.typeName}.${meta.fieldName}(${meta.argumentName ?? meta.addedArgumentName ?? meta.removedFieldArgumentName}:)`;
const TRANSLATE = {
  TYPE_ADDED: (m) => ["type-added", m.addedTypeName],
  TYPE_REMOVED: (m) => ["type-removed", m.removedTypeName],
  TYPE_KIND_CHANGED: (m) => ["type-kind-changed", m.typeName],
  FIELD_ADDED: (m) => ["field-added", `${m.typeName}.${m.addedFieldName}`],
  FIELD_REMOVED: (m) => ["field-removed", `${m.typeName}.${m.removedFieldName}`],
  FIELD_TYPE_CHANGED: (m) => ["field-type", `${m.typeName}.${m.fieldName}`],
  FIELD_ARGUMENT_ADDED: (m) => ["argument-added", argument(m)],
  FIELD_ARGUMENT_REMOVED: (m) => ["argument-removed", argument(m)],
  FIELD_ARGUMENT_TYPE_CHANGED: (m) => ["argument-type", argument(m)],
  FIELD_ARGUMENT_DEFAULT_CHANGED: (m) => ["argument-default", argument(m)],
  INPUT_FIELD_ADDED: (m) => ["input-field-added", `${m.inputName}.${m.addedInputFieldName}`],
  INPUT_FIELD_REMOVED: (m) => ["input-field-removed", `${m.inputName}.${m.removedFieldName}`],
  INPUT_FIELD_TYPE_CHANGED: (m) => ["input-field-type", `${m.inputName}.${m.inputFieldName}`],
  INPUT_FIELD_DEFAULT_VALUE_CHANGED: (m) => ["input-field-default", `${m.inputName}.${m.inputFieldName}`],
  ENUM_VALUE_ADDED: (m) => ["enum-value-added", `${m.enumName}.${m.addedEnumValueName}`],
  ENUM_VALUE_REMOVED: (m) => ["enum-value-removed", `${m.enumName}.${m.removedEnumValueName}`],
  UNION_MEMBER_ADDED: (m) => ["union-member-added", `${m.unionName}.${m.addedUnionMemberTypeName}`],
  UNION_MEMBER_REMOVED: (m) => ["union-member-removed", `${m.unionName}.${m.removedUnionMemberTypeName}`],
  OBJECT_TYPE_INTERFACE_ADDED: (m) => ["interface-added", `${m.objectTypeName} implements ${m.addedInterfaceName}`],
  OBJECT_TYPE_INTERFACE_REMOVED: (m) => ["interface-removed", `${m.objectTypeName} implements ${m.removedInterfaceName}`],
  DIRECTIVE_ADDED: (m) => ["directive-added", `@${m.addedDirectiveName}`],
  DIRECTIVE_REMOVED: (m) => ["directive-removed", `@${m.removedDirectiveName}`],
  FIELD_DEPRECATION_ADDED: (m) => ["mark", `${m.typeName}.${m.fieldName}`],
  FIELD_DEPRECATION_REMOVED: (m) => ["mark", `${m.typeName}.${m.fieldName}`],
  FIELD_DEPRECATION_REASON_CHANGED: (m) => ["mark", `${m.typeName}.${m.fieldName}`],
  ENUM_VALUE_DEPRECATION_REASON_ADDED: (m) => ["mark", `${m.enumName}.${m.enumValueName}`],
  ENUM_VALUE_DEPRECATION_REASON_REMOVED: (m) => ["mark", `${m.enumName}.${m.enumValueName}`],
  ENUM_VALUE_DEPRECATION_REASON_CHANGED: (m) => ["mark", `${m.enumName}.${m.enumValueName}`],
};

// An added or removed @ee is a change of edition. `Project.labels.first.@ee` belongs to `Project.labels(first:)`.
const edition = (type, path) => {
  const [, owner, field, argument] = /^(\w+)(?:\.(\w+))?(?:\.(\w+))?\.@ee$/.exec(path ?? "") ?? [];
  if (!owner || !type.startsWith("DIRECTIVE_USAGE_")) return undefined;
  return ["edition", [owner, field].filter(Boolean).join(".") + (argument ? `(${argument}:)` : "")];
};

// The same names for our kinds.
const OURS = {
  "field-type-changed": "field-type", "field-nullable": "field-type", "field-non-null": "field-type",
  "required-argument-added": "argument-added", "argument-type-changed": "argument-type", "argument-narrowed": "argument-type",
  "argument-widened": "argument-type", "argument-default-changed": "argument-default",
  "required-input-field-added": "input-field-added", "input-field-type-changed": "input-field-type",
  "input-field-narrowed": "input-field-type", "input-field-widened": "input-field-type",
  "input-field-default-changed": "input-field-default", deprecated: "mark", undeprecated: "mark",
  "deprecation-changed": "mark", "became-experiment": "mark", "experiment-ended": "mark",
  "enterprise-only": "edition", "every-edition": "edition",
};

// Why a difference is in one report only, or has different levels. The first rule that applies is counted.
const RULES = [
  ["theirs: parts of a new type, field or directive", (t) => t?.meta.addedToNewType || t?.meta.addedToNewDirective || t?.isOfNew],
  ["theirs: uses of @deprecated are reported as deprecations", (t) => t?.type.startsWith("DIRECTIVE_USAGE_") && /@deprecated/.test(t.path)],
  ["theirs: uses of @ee are marks of the edition, and one of the schemas has none", (t) => t?.type.startsWith("DIRECTIVE_USAGE_") && /@ee/.test(t.path) && t.isUnmarked],
  ["theirs: the version of an @ee, which is not an edition", (t) => t?.type.startsWith("DIRECTIVE_USAGE_ARGUMENT_") && /\.@ee\./.test(t.path)],
  ["ours: marks of arguments and input fields, which they report as uses of @deprecated only", (t, o) => !t && o?.what === "mark" && o.isInput],
  ["ours: generated code that changes without a change on the wire", (t, o) => !t && o?.what === "rust-changed"],
  ["level: a new optional argument is safe, because documents stay valid", (t, o) => o?.kind === "argument-added" && t?.level === "dangerous" && o.wire === "safe"],
  ["level: a new input field with a default is safe for the same reason", (t, o) => o?.kind === "input-field-added" && t?.level === "dangerous" && o.wire === "safe"],
  ["level: a new enum value is safe if it is only in requests", (t, o) => o?.kind === "enum-value-added" && t?.level === "dangerous" && o.wire === "safe"],
  ["level: a removed enum value is safe if it was only in responses", (t, o) => o?.kind === "enum-value-removed" && t?.level === "breaking" && o.wire === "safe"],
  ["level: a field that may now be null is dangerous, because documents stay valid", (t, o) => o?.kind === "field-nullable" && t?.level === "breaking" && o.wire === "dangerous"],
  ["level: a field that becomes an experiment is dangerous, because it may change at any time", (t, o) => o?.kind === "became-experiment" && t?.level === "safe" && o.wire === "dangerous"],
  ["level: a field that is now in every edition is safe", (t, o) => o?.kind === "every-edition" && t?.level === "dangerous" && o.wire === "safe"],
];

const counts = new Map(RULES.map(([name]) => [name, 0]));
let unexplained = 0;
const explain = (theirs, ours) => {
  const rule = RULES.find(([, fits]) => fits(theirs, ours));
  if (rule) return counts.set(rule[0], counts.get(rule[0]) + 1);
  unexplained += 1;
  const shown = theirs ? `${theirs.type} ${theirs.path} ${theirs.level}` : "nothing";
  console.error(`not explained: theirs ${shown}, ours ${ours ? `${ours.id} ${ours.wire}` : "nothing"}`);
};

const check = async (old, fresh) => {
  const texts = [old, fresh].map((file) => readFileSync(file, "utf8"));
  const schemas = texts.map((text) => buildSchema(text));
  const isUnmarked = !texts.every(hasEditions);
  const theirs = (await diff(...schemas)).map((change) => {
    const { type, path, meta } = change;
    const [what, at] = TRANSLATE[type]?.(meta) ?? edition(type, path) ?? [type, path];
    // For a new type or field, they list its parts too.
    const [owner, field] = (path ?? "").split(".");
    const isNew = (name) => schemas[1].getType(name) && !schemas[0].getType(name);
    const isNewField = (name, field) => {
      const members = (schema) => schema.getType(name)?.getFields?.() ?? {};
      return field && field in members(schemas[1]) && !(field in members(schemas[0]));
    };
    const isPart = type !== "TYPE_ADDED" && type !== "FIELD_ADDED" && type !== "INPUT_FIELD_ADDED";
    const isNewDirective = type !== "DIRECTIVE_ADDED" && path?.startsWith("@") && !schemas[0].getDirective(owner.slice(1));
    const isOfNew = isNewDirective || type !== "TYPE_ADDED" && (isNew(owner) || (isPart && isNewField(owner, field)) || isNewValue(schemas, owner, field, type));
    return { type, path: path ?? "", meta, key: `${what}:${at}`, level: LEVELS[change.criticality.level], isOfNew, isUnmarked };
  });
  const report = execFileSync(program, ["diff", old, fresh, "--only", "graphql", "--format", "json"], { maxBuffer: 1 << 30 });
  const ours = new Map();
  for (const change of JSON.parse(report).changes) {
    const kind = change.kind.replace(/^graphql-/, "");
    const what = OURS[kind] ?? kind;
    const isInput = /\(\w+:\)$/.test(change.coordinate)
      || schemas.some((schema) => isInputObjectType(schema.getType(change.coordinate.split(".")[0])));
    ours.set(`${what}:${change.coordinate}`, { id: change.id, kind, what, wire: change.wire, isInput });
  }
  const total = { theirs: theirs.length, ours: ours.size, same: 0 };
  const met = new Set();
  for (const their of theirs) {
    const our = ours.get(their.key);
    if (our) met.add(their.key);
    if (our && our.wire === their.level) total.same += 1;
    else explain(their, our);
  }
  for (const [key, our] of ours) if (!met.has(key)) explain(undefined, our);
  console.log(`${old} -> ${fresh}: theirs ${total.theirs}, ours ${total.ours}, the same ${total.same}`);
};

// Whether a schema marks anything as Enterprise only.
const hasEditions = (text) => {
  let found = false;
  visit(parse(text), { Directive: (node) => { found ||= node.name.value === "ee"; } });
  return found;
};

// Whether an enum value is new, so that its marks are part of that difference.
const isNewValue = (schemas, owner, value, type) => {
  if (type === "ENUM_VALUE_ADDED" || !value) return false;
  const has = (schema) => schema.getType(owner)?.getValue?.(value);
  return Boolean(has(schemas[1]) && !has(schemas[0]));
};

const given = process.argv.slice(2);
const pairs = given.length > 0 ? given : ["schema/graphql/versions/16.3-ee.graphql", "schema/graphql/schema.graphql"].map((file) => join(root, file));
for (let at = 0; at + 1 < pairs.length; at += 2) await check(pairs[at], pairs[at + 1]);
const { version } = createRequire(import.meta.url)("@graphql-inspector/core/package.json");
console.log(`graphql-inspector ${version}`);
for (const [name, count] of counts) console.log(`${String(count).padStart(7)}  ${name}`);
console.log(`${String(unexplained).padStart(7)}  not explained`);
process.exit(unexplained > 0 ? 1 : 0);
