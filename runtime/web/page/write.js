/** The view that writes poems. */

import { QibuError, Sampling } from "./qibu/index.js";
import { say } from "./texts.js";

/**
 * @typedef {import("./qibu/index.js").Poet} Poet
 * @typedef {import("./qibu/index.js").Composition} Composition
 */

/** @type {(id: string) => HTMLElement} */
const $ = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const form = /** @type {HTMLFormElement} */ ($("wishes"));
const PAUSE_MS = 90; // between two characters, for the eye
const TONES = ["", "平", "仄", "中"];
const NAMES = ["form", "rhyme", "start", "acrostic", "title", "author", "pattern", "script", "temperature", "seed", "bestOf"];

/** @type {Composition | null} */
let shown = null;
/** @type {(text: string) => string} */
let spell = (text) => text; // in the script of the poem

/** @param {string} name */
const field = (name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name));

/** Offer the forms, rhymes, authors and patterns. @param {Poet} poet */
export function fillChoices(poet) {
  const { tables, vocabulary } = poet;
  const forms = [...tables.forms.keys()];
  const patterns = [...new Set(Object.values(tables.patterns).flat().map(({ name }) => name))];
  const choices = {
    form: forms.map((name) => [name, vocabulary.simplify(name)]),
    rhyme: [["", say("anyRhyme")], ...tables.levelRhymes.map((name) => [name, vocabulary.simplify(name)])],
    author: [["", say("anyAuthor")], ...poet.authors.map((name) => [name, vocabulary.simplify(name)])],
    pattern: [["", say("anyPattern")], ...patterns.map((name) => [name, vocabulary.simplify(name)])],
  };
  for (const [name, options] of Object.entries(choices)) {
    const { value } = field(name);
    field(name).replaceChildren(...options.map(([key, text]) => new Option(text, key)));
    field(name).value = value;
    if (!field(name).value) field(name).value = name === "form" ? "七絕" : "";
  }
}

/** Let a poet write what the form asks for. @param {Poet} poet */
export function showPoet(poet) {
  fillChoices(poet);
  const given = new URLSearchParams(location.search);
  for (const name of NAMES) if (given.has(name)) field(name).value = given.get(name) ?? "";
  const showTemperature = () => {
    field("temperatureShown").value = Number(field("temperature").value).toFixed(2);
  };
  showTemperature();
  field("temperature").addEventListener("input", showTemperature);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    write(poet);
  });
  $("tones").addEventListener("click", () => {
    const on = $("poem").classList.toggle("toned");
    $("tones").setAttribute("aria-pressed", String(on));
  });
  $("copy").addEventListener("click", async () => {
    const lines = shown ? [shown.heading, String(shown)] : [];
    await navigator.clipboard?.writeText(lines.filter(Boolean).join("\n"));
    $("copy").textContent = say("copied");
    setTimeout(() => ($("copy").textContent = say("copy")), 1500);
  });
  /** @type {HTMLButtonElement} */ (form.querySelector(".primary")).disabled = false;
  write(poet);
}

/** @param {Poet} poet */
async function write(poet) {
  const button = /** @type {HTMLButtonElement} */ (form.querySelector(".primary"));
  const values = Object.fromEntries(NAMES.map((name) => [name, field(name).value.trim()]));
  button.disabled = true;
  $("trouble").textContent = "";
  $("poem").setAttribute("aria-busy", "true");
  try {
    const { form: name, seed, temperature, bestOf, script, ...texts } = values;
    const poem = await poet.compose(name, {
      ...Object.fromEntries(Object.entries(texts).filter(([, text]) => text)),
      script: script === "traditional" ? "traditional" : "simplified",
      seed: seed ? BigInt(seed) : null,
      bestOf: Number(bestOf || 1),
      sampling: new Sampling({ temperature: Number(temperature) }),
    });
    shown = poem;
    spell = (text) => (script === "traditional" ? text : poet.vocabulary.simplify(text));
    field("seed").placeholder = String(poem.seed);
    const link = new URLSearchParams(Object.entries({ ...values, seed: String(poem.seed), bestOf: "" }).filter(([, value]) => value));
    /** @type {HTMLAnchorElement} */ ($("link")).href = `?${link}#write`;
    $("poem").dataset.text = poem.text;
    $("poem").dataset.seed = String(poem.seed);
    describePoem();
    await layOut(poet, poem);
  } catch (error) {
    if (!(error instanceof QibuError) && !(error instanceof SyntaxError)) throw error;
    $("trouble").textContent = error.message;
  } finally {
    $("poem").setAttribute("aria-busy", "false");
    button.disabled = false;
  }
}

/** Say below the poem what it is. */
export function describePoem() {
  if (!shown) return;
  const parts = [shown.form, shown.pattern, shown.rhyme && `${say("rhymeShown")} ${shown.rhyme}`];
  const seed = `${say("seedShown")} ${shown.seed}`;
  $("caption").textContent = [...parts.filter(Boolean).map((part) => spell(String(part))), seed].join(" · ");
}

/**
 * Write the poem in columns from the right, a character at a time.
 *
 * @param {Poet} poet
 * @param {Composition} poem
 */
async function layOut(poet, poem) {
  const sheet = $("poem");
  const columns = poem.text.match(/[^，。？！；：、]+[，。？！；：、]?/g) ?? [];
  const written = Array.from(poem.traditional);
  sheet.lang = poem.text === poem.traditional ? "zh-Hant" : "zh-Hans";
  sheet.style.setProperty("--columns", String(Math.max(4, columns.length + Number(Boolean(poem.heading)))));
  sheet.style.setProperty("--rows", String(Math.max(...columns.map((column) => column.length), 6)));
  const block = document.createElement("div");
  sheet.replaceChildren(block);
  if (poem.heading) {
    const heading = document.createElement("p");
    heading.className = "heading";
    heading.textContent = poem.heading;
    block.append(heading);
  }
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  let place = 0;
  for (const column of columns) {
    const line = document.createElement("p");
    block.append(line);
    for (const character of column) {
      line.append(glyph(character, poet.tables.toneOf(written[place++])));
      if (!still) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}

/** @param {string} character @param {number} tone */
function glyph(character, tone) {
  if (/[，。？！；：、]/.test(character)) {
    const mark = document.createElement("span");
    mark.className = "mark";
    mark.textContent = character;
    return mark;
  }
  const ruby = document.createElement("ruby");
  const reading = document.createElement("rt");
  reading.textContent = TONES[tone];
  ruby.append(character, reading);
  return ruby;
}
