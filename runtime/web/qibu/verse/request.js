/** What a person may wish of a poem, and what comes of it with one model's vocabulary. */

import { InputError } from "../core/errors.js";
import { quoted } from "../core/words.js";
import { findForm } from "./forms.js";
import { findPatterns, kindOf } from "./patterns.js";
import { LEVEL, OBLIQUE } from "./tables.js";

/**
 * @typedef {import("./classes.js").Classes} Classes
 * @typedef {import("./poem_in_progress.js").Brief} Brief
 * @typedef {import("./tables.js").Form} Form
 * @typedef {import("./tables.js").Pattern} Pattern
 *
 * @typedef {object} Wishes What may be wished of a poem, in simplified or traditional characters.
 * @property {string} [start] the first characters: of the first line, where the form has lines
 * @property {string} [acrostic] 藏頭: the first character of each line
 * @property {string | null} [rhyme] a rhyme group by its name or a character in it; null: the
 *   network's choice
 * @property {string | null} [pattern] 平起 or 仄起, 首句入韻 or 首句不入韻, or both; null: the network's
 *   choice
 * @property {string | null} [author] in whose manner
 * @property {string | null} [title] what the poem is about
 * @property {number | null} [lines] of 排律 and 古風
 * @property {number | null} [lineLength] of 古風
 * @property {number} [repetition] nats off for a character each time that it stands there; 1.5
 * @property {boolean} [rules] false: nothing is kept to, not even the form; true
 * @property {"simplified" | "traditional"} [script] of what is written; "simplified"
 * @property {import("../text/vocabulary.js").OnUnknown} [onUnknown] what a character that the model
 *   doesn't know does; "fail"
 */

const WISHES = [
  "start",
  "acrostic",
  "rhyme",
  "pattern",
  "author",
  "title",
  "lines",
  "lineLength",
  "repetition",
  "rules",
  "script",
  "onUnknown",
];

/**
 * Complete and check wishes for one vocabulary.
 *
 * @param {string} formName
 * @param {Wishes} wishes
 * @param {Classes} classes
 * @returns {Brief}
 * @throws {InputError} a wish can't be had, or two contradict each other
 * @throws {UnknownCharacterError} a character isn't known to the model
 */
export function makeBrief(formName, wishes, classes) {
  const unknown = Object.keys(wishes).filter((name) => !WISHES.includes(name)).sort();
  if (unknown.length) {
    throw new InputError(`no wish ${quoted(unknown[0])}; there are ${WISHES.join(", ")}`);
  }
  const { tables } = classes;
  const { rules = true, script = "simplified", onUnknown = "fail" } = wishes;
  const { repetition = tables.repetition } = wishes;
  if (!["simplified", "traditional"].includes(script)) {
    throw new InputError(`script must be simplified or traditional, got ${quoted(script)}`);
  }
  if (!["fail", "skip", "replace"].includes(onUnknown)) {
    throw new InputError(`on_unknown must be fail, skip or replace, got ${quoted(onUnknown)}`);
  }
  if (!(repetition >= 0 && repetition < Infinity)) {
    throw new InputError(`repetition must be 0 or above, got ${repetition}`);
  }
  const [start, acrostic] = [wishes.start || "", wishes.acrostic || ""];
  let form = findForm(tables, formName, wishes.lines, wishes.lineLength);
  if (acrostic && form.lineCount === null && form.lineLength && !wishes.lines) {
    // a form with a free number of lines has one for each character
    form = findForm(tables, formName, plain(acrostic, tables).length, wishes.lineLength);
  }
  if (!rules || !form.lineLength) return freeBrief(form, wishes, classes);
  const given = givenPlaces(form, plain(start, tables), plain(acrostic, tables), wishes, classes);
  const [rhyme, openRhymes] = rhymesFor(form, wishes.rhyme, classes);
  /** @type {Pattern[]} */
  let patterns = [];
  if (form.regulated) {
    patterns = findPatterns(tables, form.lineLength, wishes.pattern);
    patterns = fittingPatterns(patterns, form, given, openRhymes, classes);
  } else if (wishes.pattern) {
    throw new InputError(`${form.name} has no tone patterns, got ${quoted(wishes.pattern)}`);
  }
  return { form, given, opening: [], rhyme, openRhymes, patterns, repetition, inLines: true };
}

/**
 * @param {Form} form
 * @param {Wishes} wishes
 * @param {Classes} classes
 * @returns {Brief}
 */
function freeBrief(form, wishes, classes) {
  for (const name of /** @type {const} */ (["rhyme", "pattern"])) {
    if (wishes[name]) {
      throw new InputError(`${name} needs a form with rules, got ${form.name} without`);
    }
  }
  if (wishes.acrostic) {
    throw new InputError(`acrostic needs a form with lines, got ${form.name} without rules`);
  }
  const { longest } = classes.tables;
  const length = Array.from(wishes.start ?? "").length;
  if (length > longest) {
    throw new InputError(`start has ${length} characters, at most ${longest} are read`);
  }
  return {
    form,
    given: new Map(),
    opening: read(wishes.start ?? "", wishes, classes),
    rhyme: null,
    openRhymes: [],
    patterns: [],
    repetition: 0,
    inLines: false,
  };
}

/**
 * @param {string} text
 * @param {Wishes} wishes
 * @param {Classes} classes
 */
function read(text, { onUnknown = "fail" }, classes) {
  // <unk> can stand in a title, not in a poem
  return classes.vocabulary.read(text, onUnknown === "replace" ? "fail" : onUnknown);
}

/**
 * @param {Form} form
 * @param {string[]} start
 * @param {string[]} acrostic
 * @param {Wishes} wishes
 * @param {Classes} classes
 */
function givenPlaces(form, start, acrostic, wishes, classes) {
  const opening = read(start.join(""), wishes, classes);
  const heads = read(acrostic.join(""), wishes, classes);
  if (opening.length > (form.lineLength ?? 0)) {
    throw new InputError(
      `start has ${opening.length} characters, the first line of ${form.name} has ` +
        `${form.lineLength}; give its first line at most`,
    );
  }
  if (heads.length && heads.length !== form.lineCount) {
    throw new InputError(
      `acrostic has ${heads.length} characters, ${form.name} has ${form.lineCount} lines; ` +
        "give one for each line",
    );
  }
  /** @type {Map<string, number[]>} */
  const given = new Map(opening.map((choice, position) => [`0,${position}`, choice]));
  if (heads.length && opening.length) {
    heads[0] = opening[0].filter((number) => heads[0].includes(number));
    if (!heads[0].length) {
      throw new InputError(
        `start begins with ${start[0]}, acrostic with ${acrostic[0]}: ` +
          "they have to be the same character, or leave one of them",
      );
    }
  }
  heads.forEach((choice, line) => given.set(`${line},0`, choice));
  return given;
}

/**
 * Leave out punctuation and spaces, wide or narrow.
 *
 * @param {string} text
 * @param {import("./tables.js").VerseTables} tables
 */
const plain = (text, tables) =>
  Array.from(text).filter((c) => !tables.lineEnd.includes(c) && !/[\p{P}\p{Z}\p{C}]/u.test(c));

/**
 * Give the wished rhyme group, if any, and the groups that may be rhymed with.
 *
 * @param {Form} form
 * @param {string | null | undefined} wish
 * @param {Classes} classes
 * @returns {[string | null, readonly string[]]}
 */
function rhymesFor(form, wish, classes) {
  if (!form.regulated && !wish) return [null, []];
  const { tables } = classes;
  const words = Math.floor((form.lineCount || 2) / 2) + 1; // the first line may rhyme
  if (wish) {
    const group = tables.findRhyme(wish);
    if (form.regulated && !tables.levelRhymes.includes(group)) {
      throw new InputError(
        `${form.name} rhymes on a level tone, got ${quoted(group)} ` +
          `(${tables.rhymes.get(group)?.tone}); ` +
          `choose one of ${tables.levelRhymes.join("、")}, or 古風`,
      );
    }
    const known = classes.knownRhymes(group);
    if (known <= words) {
      throw new InputError(
        `rhyme ${quoted(group)}: the model knows ${known} characters of this group, ` +
          `${form.name} needs more than ${words}; choose another`,
      );
    }
    return [group, [group]];
  }
  const found = tables.levelRhymes.filter((name) => classes.knownRhymes(name) >= tables.choice * words);
  if (!found.length) {
    const most = Math.max(...tables.levelRhymes.map((name) => classes.knownRhymes(name)));
    throw new InputError(
      `the model knows too few rhyming characters for the ${words} of ${form.name}, at most ` +
        `${most} in one group; write with rules=False`,
    );
  }
  return [null, found];
}

/**
 * Give the patterns that the user's own characters break least.
 *
 * @param {Pattern[]} patterns
 * @param {Form} form
 * @param {Map<string, number[]>} given
 * @param {readonly string[]} rhymes
 * @param {Classes} classes
 */
function fittingPatterns(patterns, form, given, rhymes, classes) {
  const { tables } = classes;
  const length = form.lineLength ?? 0;
  const places = [...given].map(([place, choice]) => ({
    line: Number(place.split(",")[0]),
    position: Number(place.split(",")[1]),
    choice,
  }));
  const lines = new Set(places.map(({ line }) => line));
  const counts = patterns.map((pattern) => {
    let sum = 0;
    for (const line of lines) {
      const here = places.filter((place) => place.line === line);
      const ways = tables.lines[length][kindOf(tables, pattern, line)];
      const broken = ways.map(
        (way) =>
          here.filter(
            ({ position, choice }) =>
              !fits(way[position], position === length - 1, choice, rhymes, classes),
          ).length,
      );
      sum += Math.min(...broken);
    }
    return sum;
  });
  const least = Math.min(...counts);
  return patterns.filter((_, i) => counts[i] === least);
}

/**
 * @param {string} mark
 * @param {boolean} atEnd
 * @param {number[]} choice
 * @param {readonly string[]} rhymes
 * @param {Classes} classes
 */
function fits(mark, atEnd, choice, rhymes, classes) {
  if (mark === "中") return true;
  if (mark === "平" && atEnd) {
    return choice.some((n) => classes.groups[n].some((group) => rhymes.includes(group)));
  }
  const wanted = mark === "平" ? LEVEL : OBLIQUE;
  return choice.some((n) => (classes.tones[n] & wanted) > 0);
}
