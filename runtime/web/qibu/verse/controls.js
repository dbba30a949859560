/** The control tokens of a poem model, by which its files are known. */

import { END, UNKNOWN } from "../text/vocabulary.js";

export const TITLE = "<title>";
export const POEM = "<poem>";
export const BASE_CONTROLS = [UNKNOWN, TITLE, POEM, END];
