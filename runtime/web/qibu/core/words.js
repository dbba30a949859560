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

/** Write a tuple. @param {readonly (number | string)[]} sizes */
export const tupled = (sizes) => `(${sizes.join(", ")}${sizes.length === 1 ? "," : ""})`;

/** Write sizes as JSON has them. @param {readonly (number | null)[]} sizes */
export const sized = (sizes) => `[${sizes.map(String).join(", ")}]`;

/** Write a number with thousands apart. @param {number} value */
export const grouped = (value) => String(value).replace(/\B(?=(\d{3})+$)/g, ",");

/** Write a number as 1.5e-07. @param {number} value */
export function scientific(value) {
  if (!Number.isFinite(value)) return written(value);
  return value.toExponential(1).replace(/e([+-])(\d)$/, "e$10$2");
}

/** Write a number shortly, in 6 digits at most: Python's `:g`. @param {number} value */
export function short(value) {
  if (!Number.isFinite(value)) return written(value);
  if (value === 0) return "0";
  const [digits, power] = value.toExponential(5).split("e");
  const trim = (/** @type {string} */ text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
  if (Number(power) >= -4 && Number(power) < 6) return trim(value.toFixed(5 - Number(power)));
  return `${trim(digits)}e${power.replace(/^([+-])(\d)$/, "$10$2")}`;
}

/** Count the characters of a text as Python does. @param {string} text */
export function lengthOf(text) {
  let length = 0;
  for (const _ of text) length++;
  return length;
}

/** Give the first characters of a text as Python counts them. @param {string} text @param {number} count */
export const firstOf = (text, count) => Array.from(text.slice(0, 2 * count)).slice(0, count).join("");

/**
 * Write a value as JSON, with the spaces that Python puts, and no further than is shown.
 *
 * @param {unknown} value what `JSON.parse` gave
 * @param {number} [most] characters
 * @returns {string}
 */
export function asJson(value, most = 60) {
  let room = 2 * most; // in UTF-16
  /** @param {unknown} part @returns {string} */
  const write = (part) => {
    if (room < 0) return "";
    if (typeof part !== "object" || part === null) {
      // what 1e999 gives, and numbers that Python writes otherwise
      const text = typeof part === "number" ? numberAsJson(part) : JSON.stringify(part);
      room -= text.length;
      return text;
    }
    const isList = Array.isArray(part);
    let text = isList ? "[" : "{";
    let first = true;
    for (const [name, item] of Object.entries(part)) {
      if (room < 0) break;
      room -= 4;
      text += `${first ? "" : ", "}${isList ? "" : `${JSON.stringify(name)}: `}${write(item)}`;
      first = false;
    }
    return text + (isList ? "]" : "}");
  };
  const text = write(value);
  return lengthOf(text) <= most ? text : `${firstOf(text, most)}…`;
}

/** @param {number} value */
function numberAsJson(value) {
  if (!Number.isFinite(value)) return String(value);
  const text = String(value);
  return text.replace(/e([+-])(\d)$/, "e$10$2");
}
