/** What pictures a model reads: their size, what they may show, and how one is prepared. */

import { ModelFileError } from "../core/errors.js";
import { readRecurrentPart } from "../core/recurrent_part.js";
import { written } from "../core/words.js";
import { checkedGrey } from "./grey.js";
import { SIDE, toMnist } from "./mnist_picture.js";
import { scaled } from "./scaling.js";

/**
 * @typedef {import("../core/arrays.js").ArrayLike} ArrayLike
 * @typedef {import("../core/arrays.js").Tensor} Tensor
 * @typedef {import("../core/port.js").Port} Port
 *
 * @typedef {object} PictureFormat The pictures of one model.
 * @property {number} height the rows, each a step
 * @property {number} width of a row, in pixels
 * @property {readonly string[]} labels of the classes, in the order of the probabilities
 * @property {string} preparation "mnist" finds the ink and lays it as MNIST has it, "scale" takes the
 *   greys as they are, in the model's size
 * @property {number} background what surrounds the thing, 0 black to 1 white
 *
 * @typedef {import("../core/recurrent_part.js").RecurrentPart & {pictures: PictureFormat}} PicturePart
 */

const MNIST = {
  height: SIDE,
  width: SIDE,
  labels: [..."0123456789"],
  preparation: "mnist",
  background: 1,
};

/** @type {Record<string, (pictures: PictureFormat, grey: ArrayLike) => Tensor>} */
const PREPARATIONS = {
  mnist: (_, grey) => toMnist(grey),
  scale: ({ height, width }, grey) => {
    const { data } = scaled(checkedGrey(grey), height, width);
    return { type: "float32", data, dims: [height, width] };
  },
};

/**
 * Make of greys what a model reads.
 *
 * @param {PictureFormat} pictures
 * @param {ArrayLike} grey (rows, columns) numbers, 0 black to 1 white, any size; not modified
 * @returns {Tensor} (height, width) float32, 0..1
 * @throws {InputError} grey has another shape or range, or the preparation finds no ink
 */
export const prepare = (pictures, grey) => PREPARATIONS[pictures.preparation](pictures, grey);

/**
 * Read the fields of a part that its schema has passed; a file without pictures is MNIST's.
 *
 * @param {import("../core/model_file.js").ModelSpec} spec
 * @param {ReadonlyMap<string, Port>} inputs
 * @param {ReadonlyMap<string, Port>} outputs
 * @returns {PicturePart}
 * @throws {ModelFileError} sizes or labels contradict the graph, or the states the sizes
 */
export function readPicturePart(spec, inputs, outputs) {
  const recurrent = readRecurrentPart(spec);
  const { height, width, preparation, background = MNIST.background } = spec.part.picture ?? MNIST;
  const said = spec.ports.probabilities?.labels ?? [];
  const labels = said.length ? said : MNIST.labels;
  const pixels = inputs.get("rows")?.axes.at(-1);
  const classes = outputs.get("probabilities")?.axes.at(-1);
  if (pixels !== width) {
    throw new ModelFileError(
      `input 'rows' has ${written(pixels)} pixels, the pictures are ${width} wide`,
    );
  }
  if (classes !== labels.length) {
    throw new ModelFileError(
      `output 'probabilities' has ${written(classes)} classes, ${labels.length} are named`,
    );
  }
  if (preparation === MNIST.preparation && (height !== MNIST.height || width !== MNIST.width)) {
    throw new ModelFileError(
      `a picture prepared as in MNIST is ${MNIST.width}x${MNIST.height}, the file says ${width}x${height}`,
    );
  }
  return { ...recurrent, pictures: { height, width, labels, preparation, background } };
}
