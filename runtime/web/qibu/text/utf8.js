/**
 * Which byte may follow which, so that bytes drawn one by one are always UTF-8.
 *
 * The table is that of well-formed sequences in the Unicode standard (chapter 3, table 3-7).
 */

/** @param {number} first @param {number} end not among them */
const range = (first, end) => Array.from({ length: end - first }, (_, place) => first + place);

const LEADS = [...range(0x00, 0x80), ...range(0xc2, 0xf5)];
const LATER = range(0x80, 0xc0);
// the second byte after some first ones: no longer form than needed, no surrogate, none above 10FFFF
const SECOND = new Map([
  [0xe0, range(0xa0, 0xc0)],
  [0xed, range(0x80, 0xa0)],
  [0xf0, range(0x90, 0xc0)],
  [0xf4, range(0x80, 0x90)],
]);

/** Give how many bytes a character has that begins with a byte. @param {number} lead */
export const lengthOf = (lead) => (lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4);

/** Say whether the bytes of a character are all there. @param {readonly number[]} begun */
export const isWhole = (begun) => begun.length === lengthOf(begun[0]);

/** The bias rows of a model of bytes, by the bytes that a character has begun with. */
export class Utf8Rows {
  #first;
  #end;
  #size;
  #banned;
  #allowed;
  /** @type {Map<string, Float32Array>} */
  #rows = new Map();

  /**
   * @param {number} first the token of byte 0
   * @param {number | null} end the token that ends a text, which may come wherever a character may
   *   begin
   * @param {number} size of the vocabulary
   * @param {string | null} allow the characters that alone may come; null: all
   * @param {string | null} ban characters that mustn't come
   */
  constructor(first, end, size, allow, ban) {
    this.#first = first;
    this.#end = end;
    this.#size = size;
    const banned = Array.from(ban ?? "");
    // of each beginning, how many characters go on from it that are allowed, or banned
    this.#banned = beginnings(banned);
    this.#allowed =
      allow === null ? null : beginnings(Array.from(allow).filter((c) => !banned.includes(c)));
  }

  /** Whether a character is left to draw. */
  get anyLeft() {
    return LEADS.some((byte) => this.#goesOn([byte]));
  }

  /**
   * Give the row (vocabulary,) of what may follow the first bytes of a character.
   *
   * @param {readonly number[]} begun
   */
  after(begun) {
    const key = String(begun);
    let row = this.#rows.get(key);
    if (row === undefined) {
      row = new Float32Array(this.#size).fill(-Infinity);
      for (const byte of following(begun)) {
        if (this.#goesOn([...begun, byte])) row[this.#first + byte] = 0;
      }
      if (!begun.length && this.#end !== null) row[this.#end] = 0;
      this.#rows.set(key, row);
    }
    return row;
  }

  /** Say whether some character that may come begins so. @param {readonly number[]} begun */
  #goesOn(begun) {
    const key = String(begun);
    if (this.#allowed !== null) return this.#allowed.has(key);
    return (this.#banned.get(key) ?? 0) < count(begun);
  }
}

/** @param {readonly number[]} begun */
function following(begun) {
  if (!begun.length) return LEADS;
  return (begun.length === 1 && SECOND.get(begun[0])) || LATER;
}

/** Count the characters that begin with some bytes. @param {readonly number[]} begun */
function count(begun) {
  const left = lengthOf(begun[0]) - begun.length;
  return left === 0 ? 1 : following(begun).length * LATER.length ** (left - 1);
}

/** @param {readonly string[]} characters @returns {Map<string, number>} */
function beginnings(characters) {
  const found = new Map();
  for (const character of new Set(characters)) {
    const bytes = Array.from(new TextEncoder().encode(character));
    for (let size = 1; size <= bytes.length; size++) {
      const key = String(bytes.slice(0, size));
      found.set(key, (found.get(key) ?? 0) + 1);
    }
  }
  return found;
}
