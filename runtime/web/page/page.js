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

/** Show the view that the address names. */
function showView() {
  const view = location.hash === "#read" ? "read" : "write";
  for (const name of ["write", "read"]) {
    $(name).hidden = name !== view;
    document.querySelector(`nav a[href="#${name}"]`)?.toggleAttribute("aria-current", name === view);
  }
}

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
  const openDigits = async () => {
    if (!site.models.digits) return;
    const reader = await load(await open(site.models.digits));
    if (reader instanceof DigitReader) showReader(reader);
  };
  const openPoems = async () => {
    if (!site.models.text) return;
    const verse = await (await fetch("models/verse.json")).json();
    const opened = await load(await open(site.models.text), { verse });
    if (!(opened instanceof Poet)) return;
    poet = opened;
    showPoet(poet);
  };
  // what is looked at comes first
  const both = location.hash === "#read" ? [openDigits, openPoems] : [openPoems, openDigits];
  for (const step of both) await step();
  for (const [task, view] of [["text", "write"], ["digits", "read"]]) {
    const link = /** @type {HTMLElement} */ (document.querySelector(`nav a[href="#${view}"]`));
    link.hidden = !(task in site.models);
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
