const canvas = element.querySelector("canvas");
const pen = canvas.getContext("2d");
const { width, height } = canvas;
const { paper, ink, pen: penWidth } = canvas.dataset;
let last = null; // where the pen is while it draws
let drawn = false;
let timer = 0;
const keys = { x: width / 2, y: height / 2, down: false };

const blank = () => {
  pen.fillStyle = paper;
  pen.fillRect(0, 0, width, height);
  drawn = false;
};
const line = (from, to) => {
  pen.strokeStyle = ink;
  pen.lineWidth = Number(penWidth);
  pen.lineCap = pen.lineJoin = "round";
  pen.beginPath();
  pen.moveTo(from.x, from.y);
  pen.lineTo(to.x + 0.01, to.y);
  pen.stroke();
  drawn = true;
};
const at = (event) => {
  const box = canvas.getBoundingClientRect();
  return {
    x: ((event.clientX - box.left) * width) / box.width,
    y: ((event.clientY - box.top) * height) / box.height,
  };
};
// what is drawn is read when the hand rests
const readSoon = () => {
  clearTimeout(timer);
  timer = setTimeout(() => drawn && document.querySelector("#qb-read")?.click(), 700);
};
canvas.addEventListener("pointerdown", (event) => {
  if (event.button) return;
  clearTimeout(timer);
  try {
    canvas.setPointerCapture(event.pointerId);
  } catch {}
  last = at(event);
  line(last, last);
  event.preventDefault();
});
canvas.addEventListener("pointermove", (event) => {
  if (!last) return;
  for (const one of event.getCoalescedEvents?.() ?? [event]) {
    const next = at(one);
    line(last, next);
    last = next;
  }
});
for (const name of ["pointerup", "pointercancel"])
  canvas.addEventListener(name, () => {
    if (last) readSoon();
    last = null;
  });
canvas.addEventListener("keydown", (event) => {
  const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  if (event.key === " ") {
    keys.down = !keys.down;
    if (keys.down) line(keys, keys);
    else readSoon();
  } else if (moves[event.key]) {
    const [x, y] = moves[event.key];
    const within = (value, side) => Math.min(side - 14, Math.max(14, value));
    const next = { x: within(keys.x + 10 * x, width), y: within(keys.y + 10 * y, height) };
    if (keys.down) line(keys, next);
    Object.assign(keys, next);
  } else return;
  canvas.style.setProperty("--x", keys.x / width);
  canvas.style.setProperty("--y", keys.y / height);
  event.preventDefault();
});

// a hand's way of writing each digit, on a square of 100
const strokes = [
  ["50,14 30,24 24,50 30,76 50,88 70,78 76,50 70,24 50,14"],
  ["34,28 52,14 52,88"],
  ["28,32 36,16 56,13 70,25 66,44 44,66 26,86 76,86"],
  ["28,24 44,13 64,17 70,32 60,46 44,49 62,52 74,66 66,82 46,88 26,78"],
  ["58,12 24,62 78,62", "62,40 60,90"],
  ["72,14 36,14 32,46 52,42 70,52 73,70 60,85 40,88 26,78"],
  ["66,12 44,28 30,56 32,78 50,88 68,78 70,62 56,52 38,58 31,70"],
  ["26,16 76,16 58,48 44,88"],
  ["66,24 50,13 34,24 38,40 62,56 70,72 58,87 40,86 30,72 38,56 60,42 66,24"],
  ["70,28 56,13 36,20 32,38 46,50 64,44 70,28 68,56 60,88"],
];
window.qibu = Object.assign(window.qibu || {}, {
  drawing: () => (drawn ? canvas.toDataURL("image/png") : ""),
  clear: blank,
  sample: (digit) => {
    blank();
    for (const stroke of strokes[digit]) {
      const points = stroke.split(" ").map((pair) => {
        const [x, y] = pair.split(",").map((value) => (Number(value) * width) / 100);
        return { x, y };
      });
      points.slice(1).forEach((to, place) => line(points[place], to));
    }
    document.querySelector("#qb-read")?.click();
  },
});
blank();
