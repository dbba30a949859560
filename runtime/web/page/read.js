/** The view that reads drawings, or pictures that are opened. */

import { InputError, greyOf } from "./qibu/index.js";
import { say } from "./texts.js";

/** @type {(id: string) => HTMLElement} */
const $ = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const canvas = /** @type {HTMLCanvasElement} */ ($("drawing"));
const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
const PEN_PIXELS = 2; // of the model's, as a pen has in MNIST
const THINNEST_PEN = 12; // of the canvas's
const PAUSE_MS = 350; // after the pen is lifted, before the drawing is read
const MOST_BARS = 20; // of more classes the likeliest are shown

/** @typedef {import("./qibu/index.js").Reader} Reader */

/** Let a reader read what is drawn or opened. @param {Reader} reader */
export function showReader(reader) {
  fitPage(reader);
  /** @type {ReturnType<typeof setTimeout>} */
  let waiting;
  let strokes = 0;

  /** @param {PointerEvent} event @returns {[number, number]} */
  const placeOf = (event) => {
    const box = canvas.getBoundingClientRect();
    const scale = canvas.width / box.width;
    return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
  };
  canvas.addEventListener("pointerdown", (event) => {
    clearTimeout(waiting);
    canvas.setPointerCapture(event.pointerId);
    const pixel = canvas.width / reader.pictures.width;
    pen.lineWidth = Math.max(PEN_PIXELS * pixel, THINNEST_PEN);
    pen.lineCap = pen.lineJoin = "round";
    pen.strokeStyle = getComputedStyle(document.body).color;
    pen.beginPath();
    pen.moveTo(...placeOf(event));
    draw(event);
  });
  /** @param {PointerEvent} event */
  const draw = (event) => {
    pen.lineTo(...placeOf(event));
    pen.stroke();
  };
  canvas.addEventListener("pointermove", (event) => {
    if (event.buttons) for (const point of event.getCoalescedEvents?.() ?? [event]) draw(point);
  });
  canvas.addEventListener("pointerup", () => {
    const stroke = ++strokes;
    waiting = setTimeout(() => stroke === strokes && read(reader), PAUSE_MS);
  });
  $("clear").addEventListener("click", () => {
    strokes++;
    pen.clearRect(0, 0, canvas.width, canvas.height);
    showNothing(reader);
  });
  const file = /** @type {HTMLInputElement} */ ($("pictureFile"));
  $("openPicture").addEventListener("click", () => file.click());
  file.addEventListener("change", async () => {
    strokes++;
    const [chosen] = file.files ?? [];
    file.value = "";
    if (chosen) await readFile(reader, chosen);
  });
  showNothing(reader);
}

/** Lay the page out for the pictures and classes of a model. @param {Reader} reader */
function fitPage({ pictures: { width, height, labels, preparation } }) {
  const own = preparation !== "mnist";
  if (own) {
    const longest = Math.max(width, height);
    const sides = { width: (canvas.width * width) / longest, height: (canvas.height * height) / longest };
    canvas.style.maxWidth = `calc(24rem * ${width / longest})`;
    Object.assign(canvas, sides);
  }
  for (const [id, wide] of /** @type {const} */ ([["seen", width], ["beliefs", labels.length]])) {
    Object.assign($(id), { width: wide, height });
  }
  $("read").classList.toggle("words", labels.some((label) => label.length > 2));
  for (const [id, text] of Object.entries(own ? { drawSay: "drawAny", rowsSay: "rowsAny" } : {})) {
    $(id).textContent = say(($(id).dataset.text = text));
  }
}

/** @param {Reader} reader */
function showNothing({ labels }) {
  show(labels, -1, new Float32Array(labels.length));
  for (const id of ["seen", "beliefs"]) paint(id, new Float32Array(), 1);
}

/** @param {Reader} reader */
async function read(reader) {
  const { width, height } = canvas;
  const { data } = pen.getImageData(0, 0, width, height);
  const paper = Math.round(reader.pictures.background);
  const ink = 1 - 2 * paper; // towards white on black paper, and the other way
  const grey = Float32Array.from(
    { length: width * height },
    (_, i) => paper + (ink * data[4 * i + 3]) / 255,
  );
  await readGrey(reader, { data: grey, dims: [height, width] });
}

/** @param {Reader} reader @param {File} file */
async function readFile(reader, file) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    $("blank").textContent = `${file.name}: ${say("noPicture")}`;
    return;
  }
  const { width, height } = bitmap;
  const sheet = new OffscreenCanvas(width, height);
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (sheet.getContext("2d"));
  context.drawImage(bitmap, 0, 0);
  await readGrey(reader, greyOf(context.getImageData(0, 0, width, height)));
}

/** @param {Reader} reader @param {{data: any, dims: readonly number[]}} grey */
async function readGrey(reader, grey) {
  $("blank").textContent = "";
  try {
    const picture = reader.prepare(grey);
    const { index, probabilities, rows } = await reader.read(picture);
    show(reader.labels, index, probabilities);
    paint("seen", /** @type {Float32Array} */ (picture.data), reader.pictures.width);
    const beliefs = Float32Array.from((rows ?? [probabilities]).flatMap((row) => [...row]));
    paint("beliefs", beliefs, probabilities.length);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    $("blank").textContent = error.message;
  }
}

/**
 * Show what was read.
 *
 * @param {readonly string[]} labels
 * @param {number} best which class is the likeliest; -1: nothing was read
 * @param {Float32Array} probabilities
 */
function show(labels, best, probabilities) {
  $("digit").textContent = labels[best] ?? "";
  const classes = [...labels.keys()];
  if (labels.length > MOST_BARS) {
    classes.sort((a, b) => probabilities[b] - probabilities[a]).splice(MOST_BARS);
  }
  const bars = classes.map((number) => {
    const [item, bar] = [document.createElement("li"), document.createElement("i")];
    item.classList.toggle("first", number === best);
    item.title = probabilities[number].toFixed(3);
    bar.style.setProperty("--share", probabilities[number].toFixed(4));
    item.append(labels[number], bar);
    return item;
  });
  $("bars").replaceChildren(...bars);
}

/**
 * Paint values 0..1 as ink of the page's colour.
 *
 * @param {string} id
 * @param {Float32Array} values
 * @param {number} width
 */
function paint(id, values, width) {
  const picture = /** @type {HTMLCanvasElement} */ ($(id));
  const context = /** @type {CanvasRenderingContext2D} */ (picture.getContext("2d"));
  context.clearRect(0, 0, picture.width, picture.height);
  context.fillStyle = getComputedStyle(document.body).color;
  values.forEach((value, i) => {
    context.globalAlpha = value;
    context.fillRect(i % width, Math.floor(i / width), 1, 1);
  });
}
