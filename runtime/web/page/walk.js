/** A walk through a network, step by step: what a person does with its fields, rows and states. */

import { InputError, QibuError, State } from "./qibu/index.js";
import { drawCharts, shownOf } from "./chart.js";
import { readRows } from "./recording.js";
import { say } from "./texts.js";

/**
 * @typedef {import("./fields.js").Fields} Fields
 * @typedef {import("./qibu/index.js").Stepper} Stepper
 * @typedef {import("./qibu/index.js").Tensor} Tensor
 * @typedef {{state: State, steps: import("./chart.js").Shown[]}} Branch where it is, and what came out
 */

/** @type {(id: string) => HTMLElement} */
const $ = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const PLAY_MS = 100;
const LETTERS = [..."ABCDEF"]; // of branches

/** Branches of states, each with what came out on its way; the chosen one goes on. */
export class Walk {
  /** @type {Branch[]} */
  #branches = [];
  #chosen = 0;
  /** @type {Promise<unknown>} */
  #last = Promise.resolve();
  #going = false;
  #isDrawn = true;

  /** @param {Stepper} stepper @param {Fields} fields @param {string} name */
  constructor(stepper, fields, name) {
    this.stepper = stepper;
    this.fields = fields;
    this.name = name;
    $("inputs").replaceChildren(...fields.elements);
    $("columns").textContent = fields.read.map(columnsOf).join(", ");
    this.#begin();
  }

  get #here() {
    return this.#branches[this.#chosen];
  }

  /** Let the buttons do what they say. */
  listen() {
    /** @type {Record<string, () => unknown>} */
    const acts = {
      reset: () => this.#begin(),
      fork: () => this.#fork(),
      chance: () => this.fields.scatter(),
      save: () => offer(`${this.name.replace(/\.\w+$/, "")}.state`, this.#here.state.toBytes()),
      runRows: () => this.#run(/** @type {HTMLTextAreaElement} */ ($("csv")).value),
    };
    for (const [id, act] of Object.entries(acts)) {
      $(id).addEventListener("click", () => this.do(act));
    }
    $("loadState").addEventListener("click", () => $("stateFile").click());
    $("openFile").addEventListener("click", () => $("csvFile").click());
    $("play").addEventListener("click", () => (this.#going ? this.#stop() : this.#play()));
    $("row").addEventListener("submit", (event) => {
      event.preventDefault();
      this.do(() => this.#step(this.fields.tensors()));
    });
    this.#takeFile("stateFile", async (file) => this.#put(await stateOf(file)));
    this.#takeFile("csvFile", async (file) => {
      /** @type {HTMLTextAreaElement} */ ($("csv")).value = await file.text();
    });
  }

  /**
   * Do one thing after the other, and say what went wrong.
   *
   * @param {() => unknown} act
   */
  do(act) {
    const done = this.#last.then(async () => {
      $("stepping").ariaBusy = "true";
      $("stepTrouble").textContent = "";
      try {
        await act();
      } catch (error) {
        this.#stop();
        if (!(error instanceof QibuError)) throw error;
        $("stepTrouble").textContent = error.message;
        $("stepTrouble").scrollIntoView({ block: "nearest" });
      } finally {
        $("stepping").ariaBusy = "false";
      }
    });
    this.#last = done.catch(() => {});
    return done;
  }

  /** @param {string} id @param {(file: File) => Promise<void>} take */
  #takeFile(id, take) {
    const field = /** @type {HTMLInputElement} */ ($(id));
    field.addEventListener("change", () => {
      const file = field.files?.[0];
      if (file) this.do(() => take(file));
      field.value = ""; // the same file may come again
    });
  }

  #begin() {
    this.#branches = [{ state: this.stepper.initialState(), steps: [] }];
    this.#chosen = 0;
    this.#show();
  }

  #fork() {
    const { state, steps } = this.#here; // a state is a value: no copy of it is needed
    if (this.#branches.length === LETTERS.length) return;
    this.#branches.push({ state, steps: [...steps] });
    this.#chosen = this.#branches.length - 1;
    this.#show();
  }

  /** @param {State} state */
  #put(state) {
    this.stepper.checkState(state);
    const { batch } = this.stepper.initialState();
    if (state.batch !== batch) {
      throw new InputError(`a state of ${batch} sequence is stepped here, got one of ${state.batch}`);
    }
    this.#branches[this.#chosen] = { state, steps: [] };
    this.#show();
  }

  /** @param {Record<string, Tensor>} inputs */
  async #step(inputs) {
    const here = this.#here;
    const [outputs, state] = await this.stepper.step(inputs, here.state);
    here.state = state;
    const states = () => Object.fromEntries([...state.keys()].map((name) => [name, state.get(name)]));
    here.steps.push(shownOf(Object.keys(outputs).length ? outputs : states()));
    this.#show();
  }

  /** Step as the fields say until it is stopped; in between other things may be done. */
  async #play() {
    this.#go();
    while (this.#going) {
      await this.do(() => this.#step(this.fields.tensors()));
      await new Promise((resolve) => setTimeout(resolve, PLAY_MS));
    }
  }

  /** @param {string} text CSV */
  async #run(text) {
    const rows = readRows(text, this.fields.width);
    this.#go();
    for (const [place, row] of rows.entries()) {
      await this.#step(this.fields.tensors(row));
      if (place % 20 === 19) await new Promise((resolve) => setTimeout(resolve));
      if (!this.#going) break;
    }
    this.#stop();
  }

  #go() {
    this.#going = true;
    $("play").textContent = say(($("play").dataset.text = "stop"));
  }

  #stop() {
    this.#going = false;
    $("play").textContent = say(($("play").dataset.text = "play"));
  }

  #show() {
    if (!this.#isDrawn) return; // it will be, with this too
    this.#isDrawn = false;
    requestAnimationFrame(() => {
      this.#isDrawn = true;
      this.#draw();
    });
  }

  #draw() {
    const { steps } = this.#here;
    $("count").textContent = String(steps.length);
    $("charts").dataset.steps = String(steps.length);
    $("noSteps").hidden = steps.length > 0;
    const labelsOf = (/** @type {string} */ name) => this.stepper.spec?.ports[name]?.labels ?? [];
    drawCharts($("lines"), this.#branches.map((branch) => branch.steps), this.#chosen, labelsOf);
    const buttons = this.#branches.map((branch, place) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "quiet";
      button.textContent = LETTERS[place];
      button.title = `${branch.steps.length}`;
      button.setAttribute("aria-pressed", String(place === this.#chosen));
      button.addEventListener("click", () =>
        this.do(() => {
          this.#chosen = place;
          this.#show();
        }),
      );
      return button;
    });
    $("branches").replaceChildren(...(buttons.length > 1 ? buttons : []));
    /** @type {HTMLButtonElement} */ ($("fork")).disabled = buttons.length === LETTERS.length;
  }
}

/** @param {import("./fields.js").Input} input */
function columnsOf({ port, values, labels }) {
  if (values.length === 1) return port.name;
  return labels.length === values.length ? labels.join(", ") : `${port.name} × ${values.length}`;
}

/** Read a saved state: bytes, or an `.npz` archive. @param {File} file */
async function stateOf(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  return bytes[0] === 0x50 && bytes[1] === 0x4b ? State.load(bytes) : State.fromBytes(bytes);
}

/** Let the browser save bytes. @param {string} name @param {Uint8Array} bytes */
function offer(name, bytes) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([/** @type {BlobPart} */ (bytes)]));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
