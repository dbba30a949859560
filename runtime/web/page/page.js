/** The page: opens the models, shows one of its two views, speaks one of its two languages. */

import { DigitReader, Poet, load } from "./qibu/index.js";
import { allKept, download, keepFiles } from "./offline.js";
import { showReader } from "./read.js";
import { TEXTS, choose, currentLanguage, say } from "./texts.js";
import { describePoem, fillChoices, showPoet } from "./write.js";

/** @type {(id: string) => HTMLElement} */
const $ = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @type {Poet | null} */
let poet = null;

/**
 * What is shown of the models of each task: a view, and what is done with the model for it.
 *
 * @type {{task: string, view: string, show: (address: string) => Promise<void>}[]}
 */
const VIEWS = [
  {
    task: "text",
    view: "write",
    show: async (address) => {
      const verse = await (await fetch("models/verse.json")).json();
      const opened = await load(await open(address), { verse });
      if (!(opened instanceof Poet)) return;
      poet = opened;
      showPoet(poet);
    },
  },
  {
    task: "digits",
    view: "read",
    show: async (address) => {
      const reader = await load(await open(address));
      if (reader instanceof DigitReader) showReader(reader);
    },
  },
];

/** Show the view that the address names. */
function showView() {
  const { view } = VIEWS.find(isAskedFor) ?? VIEWS[0];
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
  if ($("progress").dataset.text) $("progress").textContent = say($("progress").dataset.text ?? "");
}

/** @param {string} address */
function open(address) {
  const name = address.split("/").pop();
  return download(address, (bytes) => {
    $("progress").textContent = `${say("loading")} ${name} ${(bytes / 1e6).toFixed(1)} MB`;
  });
}

async function start() {
  const asked = new URLSearchParams(location.search).get("lang");
  const preferred = navigator.language.startsWith("zh") ? "zh" : "en";
  speak(asked !== null && asked in TEXTS ? /** @type {any} */ (asked) : preferred);
  $("language").addEventListener("click", () => speak(currentLanguage() === "zh" ? "en" : "zh"));
  addEventListener("hashchange", showView);
  showView();

  await keepFiles();
  const site = await (await fetch("site.json")).json();
  // what is looked at comes first
  for (const { task, show } of [...VIEWS].sort((a, b) => Number(isAskedFor(b)) - Number(isAskedFor(a)))) {
    if (site.models[task]) await show(site.models[task]);
  }
  for (const { task, view } of VIEWS) linkTo(view).hidden = !(task in site.models);
  const kept = await allKept();
  $("progress").dataset.text = kept ? "ready" : "readyOnline";
  $("progress").dataset.kept = String(kept);
  $("progress").textContent = say(kept ? "ready" : "readyOnline");
}

start().catch((error) => {
  $("progress").textContent = String(error instanceof Error ? error.message : error);
  $("progress").setAttribute("role", "alert");
});
