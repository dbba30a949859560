/**
 * What Qibu raises; the same names and words as in Python.
 *
 * QibuError
 * ├── InputError                   an argument's value, shape or type is wrong
 * │   └── UnknownCharacterError    a character is outside the model's vocabulary
 * ├── ModelFileError               a model file is missing, broken or not what it says
 * │   └── NotStreamingError        the model reads whole sequences only and can't be stepped
 * ├── RunError                     onnxruntime-web refuses to run the graph on these inputs
 * ├── ProviderError                onnxruntime-web can't run the provider that was asked for
 * └── VerificationError            two computations that must agree differ
 */

/** The root of all errors that Qibu raises on purpose. */
export class QibuError extends Error {
  /** @param {string} message @param {ErrorOptions} [options] */
  constructor(message, options) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** An argument has a wrong value, shape or type. */
export class InputError extends QibuError {}

/** A character is outside the model's vocabulary. */
export class UnknownCharacterError extends InputError {}

/** A model file is missing, broken, or contradicts what it says of itself. */
export class ModelFileError extends QibuError {}

/** The model reads whole sequences only, so it can't be stepped. */
export class NotStreamingError extends ModelFileError {}

/** Onnxruntime-web refuses to run the graph on these inputs; its own error is the cause. */
export class RunError extends QibuError {}

/** The execution provider that was asked for can't be had here. */
export class ProviderError extends QibuError {}

/** Two computations that must agree differ by more than the limit. */
export class VerificationError extends QibuError {}
