/**
 * Checking a JSON document by a JSON Schema, as far as the schemas of this project go: the same
 * keywords and the same words as in Python.
 */

import { ModelFileError } from "./errors.js";
import { asJson, firstOf, lengthOf, quoted } from "./words.js";

/**
 * @typedef {Record<string, any>} Schema
 * @typedef {(value: any, wanted: any, root: Schema, where: string) => string | null} Check
 */

const NOTES = new Set(["$schema", "$defs", "title", "description"]);

/** @type {Record<string, (value: any) => boolean>} */
const TYPES = {
  object: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  array: Array.isArray,
  string: (value) => typeof value === "string",
  integer: Number.isInteger,
  number: Number.isFinite, // 1e999 is infinite
  boolean: (value) => typeof value === "boolean",
  null: (value) => value === null,
};

/**
 * Hold a value against a schema.
 *
 * @param {unknown} value what `JSON.parse` gave
 * @param {Schema} schema a whole schema, its `$defs` included
 * @param {string} where what the value is called in an error
 * @throws {ModelFileError} names the place, what was found there and what was wanted
 */
export function checkSchema(value, schema, where) {
  const trouble = troubleOf(value, schema, schema, where);
  if (trouble !== null) throw new ModelFileError(trouble);
}

/** @type {Check} */
function troubleOf(value, part, root, where) {
  for (const [keyword, wanted] of Object.entries(part)) {
    if (NOTES.has(keyword)) continue;
    const trouble = KEYWORDS[keyword](value, wanted, root, where);
    if (trouble !== null) return trouble;
  }
  return null;
}

/** @param {"array" | "string"} kind @param {(value: any) => number} length @param {string} unit */
const atLeast = (kind, length, unit) => /** @type {Check} */ (value, wanted, _, where) =>
  TYPES[kind](value) && length(value) < wanted
    ? `${where} must have at least ${wanted} ${unit}, got ${asJson(value)}`
    : null;

/** @param {"array" | "string"} kind @param {(value: any) => number} length @param {string} unit */
const atMost = (kind, length, unit) => /** @type {Check} */ (value, wanted, _, where) =>
  TYPES[kind](value) && value.length > wanted && length(value) > wanted
    ? `${where} must have at most ${wanted} ${unit}, got ${length(value)}`
    : null;

const itemsOf = (/** @type {unknown[]} */ list) => list.length;

/** @type {Record<string, Check>} */
const KEYWORDS = {
  $ref: (value, wanted, root, where) =>
    troubleOf(value, root.$defs[wanted.replace("#/$defs/", "")], root, where),
  type: (value, wanted, _, where) => {
    const names = typeof wanted === "string" ? [wanted] : wanted;
    const holds = names.some((/** @type {string} */ name) => TYPES[name](value));
    return holds ? null : `${where} must be ${names.join(" or ")}, got ${asJson(value)}`;
  },
  const: (value, wanted, _, where) =>
    value === wanted ? null : `${where} must be ${asJson(wanted)}, got ${asJson(value)}`,
  enum: (value, wanted, _, where) =>
    wanted.includes(value)
      ? null
      : `${where} must be one of ${wanted.join(", ")}, got ${asJson(value)}`,
  anyOf: (value, wanted, root, where) => {
    const troubles = wanted.map((/** @type {Schema} */ part) => troubleOf(value, part, root, where));
    return troubles.includes(null) ? null : troubles.join(" or ");
  },
  required: (value, wanted, _, where) => {
    if (!TYPES.object(value)) return null;
    const missing = wanted.find((/** @type {string} */ name) => !Object.hasOwn(value, name));
    return missing === undefined ? null : `${where} lacks ${quoted(missing)}`;
  },
  properties: (value, wanted, root, where) => {
    if (!TYPES.object(value)) return null;
    for (const [name, part] of Object.entries(wanted)) {
      if (!Object.hasOwn(value, name)) continue;
      const trouble = troubleOf(value[name], part, root, `${where}.${name}`);
      if (trouble !== null) return trouble;
    }
    return null;
  },
  // only for mappings whose every value is of one kind: no `properties` stand beside it here
  additionalProperties: (value, wanted, root, where) => {
    if (!TYPES.object(value)) return null;
    for (const [name, item] of Object.entries(value)) {
      const trouble = troubleOf(item, wanted, root, `${where}.${firstOf(name, 60)}`);
      if (trouble !== null) return trouble;
    }
    return null;
  },
  items: (value, wanted, root, where) => {
    if (!Array.isArray(value)) return null;
    for (const [number, item] of value.entries()) {
      const trouble = troubleOf(item, wanted, root, `${where}[${number}]`);
      if (trouble !== null) return trouble;
    }
    return null;
  },
  minimum: (value, wanted, _, where) =>
    typeof value === "number" && !(value >= wanted)
      ? `${where} must be at least ${wanted}, got ${asJson(value)}`
      : null,
  maximum: (value, wanted, _, where) =>
    typeof value === "number" && !(value <= wanted)
      ? `${where} must be at most ${wanted}, got ${asJson(value)}`
      : null,
  minItems: atLeast("array", itemsOf, "items"),
  maxItems: atMost("array", itemsOf, "items"),
  minLength: atLeast("string", lengthOf, "characters"),
  maxLength: atMost("string", lengthOf, "characters"),
  pattern: (value, wanted, _, where) =>
    typeof value === "string" && !new RegExp(wanted, "u").test(value)
      ? `${where} must match ${wanted}, got ${asJson(value)}`
      : null,
};
