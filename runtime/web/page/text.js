/** The view that writes any text, as it comes. */

import { QibuError, Sampling } from "./qibu/index.js";
import { say } from "./texts.js";

/** @typedef {import("./qibu/index.js").Writer} Writer */

/** @type {(id: string) => HTMLElement} */
const $ = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const form = /** @type {HTMLFormElement} */ ($("request"));
const NAMES = ["start", "length", "temperature", "seed", "stop"];
const BREATH_MS = 25; // written on end before the page is shown and listens

/** @type {{seed: bigint, ended: () => string} | null} */
let shown = null;
let stopped = false;

/** @param {string} name */
const field = (name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name));

/** Let a writer write what the form asks for. @param {Writer} writer */
export function showWriter(writer) {
  const given = new URLSearchParams(location.search);
  for (const name of NAMES) if (given.has(name)) field(name).value = given.get(name) ?? "";
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    write(writer);
  });
  $("stopText").addEventListener("click", () => (stopped = true));
  $("copyText").addEventListener("click", async () => {
    await navigator.clipboard?.writeText($("written").textContent ?? "");
    $("copyText").textContent = say("copied");
    setTimeout(() => ($("copyText").textContent = say("copy")), 1500);
  });
  write(writer);
}

/** Say below the text which seed it is of, and what ended it. */
export function describeText() {
  if (!shown) return;
  $("textCaption").textContent = [`${say("seedShown")} ${shown.seed}`, shown.ended()].filter(Boolean).join(" · ");
}

/** @param {Writer} writer */
async function write(writer) {
  const sheet = $("written");
  const values = Object.fromEntries(NAMES.map((name) => [name, field(name).value]));
  stopped = false;
  busy(true);
  $("textTrouble").textContent = "";
  try {
    const stream = writer.stream(values.start.replaceAll("\r\n", "\n"), {
      length: Number(values.length),
      seed: values.seed.trim() ? BigInt(values.seed) : null,
      sampling: new Sampling({ temperature: Number(values.temperature) }),
      stop: values.stop ? unescaped(values.stop) : null,
    });
    const text = document.createTextNode("");
    sheet.replaceChildren(text);
    shown = { seed: stream.seed, ended: () => "" };
    field("seed").placeholder = String(stream.seed);
    const link = new URLSearchParams(Object.entries({ ...values, seed: String(stream.seed) }).filter(([, value]) => value));
    /** @type {HTMLAnchorElement} */ ($("textLink")).href = `?${link}#text`;
    describeText();
    let waiting = "";
    let last = performance.now();
    for await (const piece of stream) {
      waiting += piece;
      if (performance.now() - last < BREATH_MS) continue;
      text.appendData(waiting);
      waiting = "";
      sheet.scrollTop = sheet.scrollHeight;
      await new Promise((resolve) => setTimeout(resolve));
      if (stopped) break;
      last = performance.now();
    }
    text.appendData(waiting);
    const how = stream.ended ?? "stopped";
    shown.ended = () => say(`${how}Ended`);
    sheet.dataset.ended = how;
    sheet.dataset.seed = String(stream.seed);
    describeText();
  } catch (error) {
    if (!(error instanceof QibuError) && !(error instanceof SyntaxError)) throw error;
    $("textTrouble").textContent = error.message;
  } finally {
    busy(false);
  }
}

/** @param {boolean} writing */
function busy(writing) {
  $("written").setAttribute("aria-busy", String(writing));
  /** @type {HTMLButtonElement} */ (form.querySelector(".primary")).disabled = writing;
  /** @type {HTMLButtonElement} */ ($("stopText")).disabled = !writing;
}

/** Read \n and \t as a field of one line has them. @param {string} text */
function unescaped(text) {
  return text.replace(/\\([nt\\])/g, (_, letter) => (letter === "n" ? "\n" : letter === "t" ? "\t" : "\\"));
}
