/** The page: opens the models, shows one of its views, speaks one of its two languages. */

import { Poet, QibuError, Reader, Stepper, Writer, load, readOnnx } from "./qibu/index.js";
import { addressBeside } from "./qibu/core/model_source.js";
import { isOrtFormat } from "./qibu/core/onnx_file.js";
import { allKept, download, keepFiles } from "./offline.js";
import { showReader } from "./read.js";
import { describeProof, showStepper } from "./step.js";
import { describeText, showWriter } from "./text.js";
import { TEXTS, choose, currentLanguage, say } from "./texts.js";
import { describePoem, fillChoices, showPoet } from "./write.js";

/** @type {(id: string) => HTMLElement} */
const $ = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** What the foot of the page says, by the first model that it is for. @type {Record<string, string>} */
const ABOUT = { poem: "about", text: "aboutText", any: "aboutAny" };

/** @type {Poet | null} */
let poet = null;

/**
 * What stands in site.json, as `qibu export --web` writes it.
 *
 * @typedef {object} Site
 * @property {Record<string, string>} models where each lies
 * @property {Record<string, number>} bytes how large it is
 * @property {import("./fields.js").Stepping} [any] how the one without an application is stepped
 */

/**
 * What is shown of the models of each application: a view, and what is done with the model for it.
 *
 * @type {{name: string, view: string, show: (file: Uint8Array, site: Site) => Promise<void>}[]}
 */
const VIEWS = [
  {
    name: "poem",
    view: "write",
    show: async (file) => {
      const verse = await (await fetch("models/verse.json")).json();
      const opened = await load(file, { verse });
      if (!(opened instanceof Poet)) return;
      poet = opened;
      showPoet(poet);
    },
  },
  {
    name: "text",
    view: "text",
    show: async (file) => {
      const writer = await load(file);
      if (writer instanceof Writer) showWriter(writer);
    },
  },
  {
    name: "digits",
    view: "read",
    show: async (file) => {
      const reader = await load(file);
      if (reader instanceof Reader) showReader(reader);
    },
  },
  {
    name: "any",
    view: "step",
    show: async (file, { models: { any: address }, any: stepping = {} }) => {
      const name = decodeURIComponent(address.split("/").pop() ?? "");
      try {
        const stepper = await openAny(address, file, stepping);
        await showStepper(stepper, { name, bytes: file.length, stepping });
      } catch (error) {
        if (!(error instanceof QibuError)) throw error;
        $("openTrouble").textContent = `${name}: ${error.message}`; // the other views go on
      }
    },
  },
];

/**
 * @param {string} address
 * @param {Uint8Array} file
 * @param {import("./fields.js").Stepping} stepping
 */
function openAny(address, file, { states }) {
  const names = isOrtFormat(file) ? [] : [...readOnnx(file).sideFiles];
  const whole = new URL(address, location.href).href;
  const externalData = Object.fromEntries(names.map((name) => [name, addressBeside(whole, name)]));
  return Stepper.open(file, { externalData, states });
}

/** The views of the models that are here. */
let views = VIEWS;

/** Show the view that the address names, or the first. */
function showView() {
  const { view } = views.find(isAskedFor) ?? views[0];
  for (const { view: name } of VIEWS) {
    $(name).hidden = name !== view;
    linkTo(name).toggleAttribute("aria-current", name === view);
  }
}

/** @param {{view: string}} one of them */
const isAskedFor = ({ view }) => location.hash === `#${view}`;

/** @param {string} view */
const linkTo = (view) => /** @type {HTMLElement} */ (document.querySelector(`nav a[href="#${view}"]`));

/** @param {import("./texts.js").Language} language */
function speak(language) {
  choose(language);
  $("language").textContent = say("other");
  $("language").lang = language === "zh" ? "en" : "zh";
  if (poet) fillChoices(poet);
  describePoem();
  describeText();
  describeProof();
  if ($("progress").dataset.text) $("progress").textContent = say($("progress").dataset.text ?? "");
}

/** @param {string} address @param {number} size in bytes, which a host that compresses doesn't say */
function open(address, size) {
  const name = decodeURIComponent(address.split("/").pop() ?? "");
  const megabytes = (/** @type {number} */ bytes) => (bytes / 1e6).toFixed(1);
  return download(address, (bytes) => {
    $("progress").textContent = `${say("loading")} ${name} ${megabytes(bytes)} / ${megabytes(size)} MB`;
  });
}

async function start() {
  const asked = new URLSearchParams(location.search).get("lang");
  const preferred = navigator.language.startsWith("zh") ? "zh" : "en";
  speak(asked !== null && asked in TEXTS ? /** @type {any} */ (asked) : preferred);
  $("language").addEventListener("click", () => speak(currentLanguage() === "zh" ? "en" : "zh"));
  addEventListener("hashchange", showView);
  /** @type {Site} */
  const site = await (await fetch("site.json")).json();
  views = VIEWS.filter(({ name }) => name in site.models);
  for (const { view } of VIEWS) linkTo(view).hidden = !views.some((one) => one.view === view);
  const about = ["poem", "text"].find((name) => name in site.models) ?? "any";
  $("about").textContent = say(($("about").dataset.text = ABOUT[about]));
  showView();

  await keepFiles();
  // what is looked at comes first
  for (const { name, show } of [...views].sort((a, b) => Number(isAskedFor(b)) - Number(isAskedFor(a)))) {
    await show(await open(site.models[name], site.bytes[name]), site);
  }
  const kept = await allKept();
  $("progress").dataset.text = kept ? "ready" : "readyOnline";
  $("progress").dataset.kept = String(kept);
  $("progress").textContent = say(kept ? "ready" : "readyOnline");
}

start().catch((error) => {
  $("progress").textContent = String(error instanceof Error ? error.message : error);
  $("progress").setAttribute("role", "alert");
});
