/** The view that reads drawn digits. */

import { InputError, toMnist } from "./qibu/index.js";

/** @type {(id: string) => HTMLElement} */
const $ = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const canvas = /** @type {HTMLCanvasElement} */ ($("drawing"));
const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
const PEN_WIDTH = 24; // of 336
const PAUSE_MS = 350; // after the pen is lifted, before the digit is read

/** Let a reader read what is drawn. @param {import("./qibu/index.js").DigitReader} reader */
export function showReader(reader) {
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
    pen.lineWidth = PEN_WIDTH;
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
    show("", new Float32Array(10));
    for (const id of ["seen", "beliefs"]) paint(id, new Float32Array(), 28);
  });
  show("", new Float32Array(10));
}

/** @param {import("./qibu/index.js").DigitReader} reader */
async function read(reader) {
  const { width, height } = canvas;
  const { data } = pen.getImageData(0, 0, width, height);
  const grey = Float32Array.from({ length: width * height }, (_, i) => 1 - data[4 * i + 3] / 255);
  $("blank").textContent = "";
  try {
    const picture = toMnist({ data: grey, dims: [height, width] });
    const { digit, probabilities, rows } = await reader.read(picture);
    show(String(digit), probabilities);
    paint("seen", /** @type {Float32Array} */ (picture.data), 28);
    paint("beliefs", Float32Array.from((rows ?? [probabilities]).flatMap((row) => [...row])), 10);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    $("blank").textContent = error.message;
  }
}

/** @param {string} digit @param {Float32Array} probabilities */
function show(digit, probabilities) {
  $("digit").textContent = digit;
  const bars = Array.from(probabilities, (share, number) => {
    const item = document.createElement("li");
    const bar = document.createElement("i");
    item.classList.toggle("first", String(number) === digit);
    item.title = share.toFixed(3);
    bar.style.setProperty("--share", share.toFixed(4));
    item.append(String(number), bar);
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
