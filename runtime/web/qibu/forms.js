/** The forms of Tang verse, as data. */

export const LINE_END = "，。？！；：、";

/**
 * @typedef {object} Form How long the lines of a form of verse are and how many there are.
 * @property {string} name
 * @property {number | null} lineLength characters; null: lines of unequal length
 * @property {number | null} lineCount null: any other number than the named forms have
 */

/** @type {Readonly<Record<string, Form>>} */
export const FORMS = Object.fromEntries(
  /** @type {[string, number | null, number | null][]} */ ([
    ["五絕", 5, 4],
    ["七絕", 7, 4],
    ["五律", 5, 8],
    ["七律", 7, 8],
    ["五言", 5, null],
    ["七言", 7, null],
    ["雜言", null, null],
  ]).map(([name, lineLength, lineCount]) => [name, { name, lineLength, lineCount }]),
);

/**
 * Split a poem's text at its punctuation into lines without it.
 *
 * @param {string} text
 * @returns {string[]}
 */
export const splitLines = (text) => text.split(new RegExp(`[${LINE_END}]`)).filter(Boolean);
