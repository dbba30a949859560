/** What tells a state from data on its way through, where two names agree. */

import { speaksOfTime } from "./axes.js";
import { fitsExactly, isBuiltAs } from "./matching.js";
import { readings } from "./names.js";
import { Kind } from "./nouns.js";
import { CELLS, COUNTERS, LETTERS, PLACES, PLAIN, ROTARY, SETTINGS } from "./words_of_ports.js";

/**
 * @typedef {import("./matching.js").Match} Match
 * @typedef {import("./nouns.js").KindValue} KindValue
 * @typedef {import("./port.js").Port} Port
 */

/**
 * Decide what each match is, by its noun and by what stands beside it.
 *
 * A state's noun makes a state, but for activations between layers and for a letter that others
 * use for data. A noun that says nothing is believed where its directions speak of a step on
 * both sides (prev_ → next_), or where a state beside it is named by the same directions and no
 * data is; and only while data is left to go in and to come out.
 *
 * @param {readonly Match[]} matches
 * @param {readonly Port[]} inputs
 * @param {readonly Port[]} outputs
 * @returns {Match[]}
 */
export function weigh(matches, inputs, outputs) {
  let weighed = matches.map((m) => (isNeverState(m) ? demoted(m, Kind.DATA) : m));
  weighed = weighed.map((m) => (isProjection(m) ? demoted(m, Kind.DOUBT) : m));
  const named = weighed;
  weighed = named.map((m) => withoutActivations(m, named, inputs));
  const taken = new Set(weighed.filter((m) => m.kind === Kind.STATE).map((m) => m.input.name));
  if (!dataLeft(inputs, taken).length) {
    weighed = weighed.map((m) => (isActivation(m) ? demoted(m, Kind.DATA) : m));
  }
  const beside = weighed;
  weighed = beside.map((m) => (isLoneLetter(m, beside) ? demoted(m, Kind.SUPPORTED) : m));
  return believe(weighed, inputs, outputs);
}

/**
 * @param {readonly Match[]} matches
 * @param {readonly Port[]} inputs
 * @param {readonly Port[]} outputs
 */
function believe(matches, inputs, outputs) {
  const sure = matches.filter((m) => m.kind === Kind.STATE && m.fits);
  const ins = sure.map((m) => m.input.name);
  const outs = sure.map((m) => m.output.name);
  const others = matches.filter((m) => !ins.includes(m.input.name) && !outs.includes(m.output.name));
  const perhaps = others.filter((m) => (m.kind === Kind.UNKNOWN || m.kind === Kind.SUPPORTED) && m.fits);
  const data = dataLeft(inputs, new Set([...ins, ...perhaps.map((m) => m.input.name)]));
  const ofData = others.filter((m) => m.kind === Kind.DATA || m.kind === Kind.DOUBT);
  const results = outputs.length > new Set([...outs, ...perhaps.map((m) => m.output.name)]).size;
  return matches.map((m) => {
    const believed = data.length && results && perhaps.includes(m) && isSupported(m, sure, ofData, data);
    return believed ? { ...m, kind: Kind.STATE } : m;
  });
}

/**
 * Give the inputs that are neither taken for states nor settings.
 *
 * @param {readonly Port[]} inputs
 * @param {ReadonlySet<string>} taken
 */
export const dataLeft = (inputs, taken) =>
  inputs.filter((port) => !taken.has(port.name) && !isSetting(port));

/** Say whether a port is more than one number. @param {Port} port */
export const isSized = ({ shape }) => shape.some((size) => size === null || size > 1);

/**
 * Say whether nothing but what was paired comes out, so that it may as well be the data.
 *
 * Where there is no data at all, only a cell's own letters, as in h and hn, say enough.
 *
 * @param {readonly Port[]} inputs
 * @param {readonly Port[]} outputs
 * @param {ReadonlyMap<string, string>} chosen
 */
export function isFilter(inputs, outputs, chosen) {
  if (chosen.size < outputs.length) return false;
  const words = [...chosen.keys()].flatMap((name) => readings(name, "in")[0].words);
  const telling = dataLeft(inputs, new Set(chosen.keys())).length ? CELLS : LETTERS;
  return !words.some((word) => telling.has(word));
}

/** Say whether an input sets how to compute: one number, a mask, a position. @param {Port} port */
function isSetting(port) {
  const { words } = readings(port.name, "in")[0];
  const head = words.at(-1) ?? "";
  return (
    !isSized(port) ||
    (head !== "id" && (SETTINGS.has(head) || COUNTERS.has(head))) ||
    words.some((word) => ROTARY.has(word) || PLACES.has(word))
  );
}

/**
 * @param {Match} match
 * @param {readonly Match[]} sure
 * @param {readonly Match[]} ofData
 * @param {readonly Port[]} data
 */
function isSupported(match, sure, ofData, data) {
  if (match.speaksOfStep.every(Boolean)) {
    const likeData = data.some((port) => fitsExactly(match.input, port));
    return sure.length > 0 || match.kind === Kind.SUPPORTED || !likeData;
  }
  const beside = sure.filter((m) => isBuiltAs(m, match));
  if (!beside.length || ofData.some((m) => isBuiltAs(m, match))) return false;
  const sharesWord = beside.some((m) => m.words.some((word) => match.words.includes(word)));
  return match.kind === Kind.SUPPORTED || match.speaksOfStep.some(Boolean) || sharesWord;
}

/** @param {Match} match @param {KindValue} kind @returns {Match} */
const demoted = (match, kind) => (match.kind > kind ? { ...match, kind } : match);

/**
 * Take a plain state that has the time of the data for an axis for data, as only data has.
 *
 * @param {Match} match
 * @param {readonly Match[]} matches
 * @param {readonly Port[]} inputs
 */
function withoutActivations(match, matches, inputs) {
  const times = match.input.axes.filter(speaksOfTime);
  const isPlain = match.words.length > 0 && match.words.every((word) => PLAIN.has(word));
  if (match.kind !== Kind.STATE || !times.length || !isPlain) return match;
  const states = matches.filter((m) => m.kind === Kind.STATE).map((m) => m.input.name);
  const shared = inputs.some(
    (port) => !states.includes(port.name) && port.axes.some((axis) => times.includes(axis)),
  );
  return shared ? demoted(match, Kind.DATA) : match;
}

/** @param {Match} match @param {string[]} words */
const has = (match, ...words) => words.every((word) => match.words.includes(word));

/** Say whether a name is what transformers call the data between their layers. @param {Match} match */
const isActivation = (match) => has(match, "hidden", "state") && !match.speaksOfStep.some(Boolean);

/** Say whether a name is what transformers make of the data: key_states. @param {Match} match */
const isProjection = (match) =>
  has(match, "state") && (has(match, "key") || has(match, "value")) && !match.speaksOfStep.some(Boolean);

/** Say whether a port is text, a query, or a transformer's last hidden state. @param {Match} match */
function isNeverState(match) {
  const [before, after] = match.template;
  const last = has(match, "hidden", "state") && before === "" && after === "last";
  return last || has(match, "query", "state") || match.input.type === "string";
}

/**
 * Say whether a letter may mean something else: a height, channels, the second of two lanes.
 *
 * A state is no whole number and no single one; c has h beside it; s isn't named as data is.
 *
 * @param {Match} match
 * @param {readonly Match[]} matches
 */
function isLoneLetter(match, matches) {
  const { words, input } = match;
  if (!words.every((word) => LETTERS.has(word))) return false;
  if (input.type.includes("int") || !isSized(input)) return true;
  const [letter] = words.length === 1 ? words : [null];
  if (letter === "c") {
    return !matches.some((m) => m.kind === Kind.STATE && (has(m, "h") || has(m, "hidden")));
  }
  return letter === "s" && matches.some((m) => isBuiltAs(m, match) && m.kind === Kind.DATA);
}
