/** Recordings that are pasted or opened: CSV, a row a step, as `qibu step` reads them. */

import { InputError } from "./qibu/index.js";
import { quoted } from "./qibu/core/words.js";

/**
 * Read the numbers of a CSV text; a first row of names is passed over.
 *
 * @param {string} text with commas, semicolons, tabs or spaces between
 * @param {number} width how many values a step reads
 * @returns {number[][]}
 * @throws {InputError} a cell is no number, or a row has another number of them
 */
export function readRows(text, width) {
  const lines = text.replace(/^\ufeff/, "").split(/\r\n|\r|\n/);
  const between = [",", ";", "\t"].find((mark) => text.includes(mark)) ?? /\s+/;
  /** @type {number[][]} */
  const rows = [];
  for (const [place, line] of lines.entries()) {
    const cells = line.trim().split(between).map((cell) => cell.trim().replace(/^"(.*)"$/, "$1"));
    if (cells.every((cell) => cell === "")) continue;
    const odd = cells.find((cell) => cell === "" || !Number.isFinite(Number(cell)));
    if (odd !== undefined) {
      if (!rows.length && place === 0) continue; // the names of the columns
      throw new InputError(`line ${place + 1}: ${quoted(odd)} is no number`);
    }
    if (cells.length !== width) {
      throw new InputError(`line ${place + 1} must have ${width} values, as a step reads, got ${cells.length}`);
    }
    rows.push(cells.map(Number));
  }
  if (!rows.length) throw new InputError("there is no line of numbers");
  return rows;
}
