/** Values in messages, written as Python writes them, so that the words are the same. */

/** @param {unknown} value */
export function quoted(value) {
  if (typeof value !== "string") return written(value);
  return value.includes("'") && !value.includes('"') ? `"${value}"` : `'${value}'`;
}

/**
 * @param {unknown} value
 * @returns {string}
 */
export function written(value) {
  if (value === null || value === undefined) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (Array.isArray(value)) return `[${value.map(quoted).join(", ")}]`;
  if (value === Infinity) return "inf";
  if (value === -Infinity) return "-inf";
  if (Number.isNaN(value)) return "nan";
  return String(value);
}
