/** Made of runtime/qibu/pictures/digits.schema.json by tools/make_web_schemas.py. */

export const schema = {
  "title": "The part 'digits' of what a model file says of itself",
  "description": "Pictures read row by row. What they may show stands with the output: the labels of the port 'probabilities'.",
  "type": "object",
  "required": ["cell", "num_layers", "hidden_size"],
  "properties": {
    "cell": { "type": "string", "maxLength": 64 },
    "num_layers": { "type": "integer", "minimum": 1, "maximum": 1024 },
    "hidden_size": { "type": "integer", "minimum": 1, "maximum": 1048576 },
    "picture": {
      "description": "The pictures that are read; absent: MNIST's, 28x28, prepared as there.",
      "type": "object",
      "required": ["height", "width", "preparation"],
      "properties": {
        "height": { "type": "integer", "minimum": 1, "maximum": 4096 },
        "width": { "type": "integer", "minimum": 1, "maximum": 4096 },
        "preparation": {
          "description": "How a picture of any size becomes one that is read. mnist: its ink is found, scaled to a box of 20 pixels and laid with its centre of mass in the middle, 0 paper to 1 ink. scale: its greys, 0 black to 1 white, are shrunk by area or enlarged linearly to height and width.",
          "enum": ["mnist", "scale"]
        },
        "background": {
          "description": "What surrounds the thing, 0 black to 1 white: the paper to draw on.",
          "type": "number",
          "minimum": 0,
          "maximum": 1
        }
      }
    },
    "preprocessing": {
      "description": "What a picture has to be, by input.",
      "type": "object",
      "additionalProperties": { "type": "string", "maxLength": 4096 }
    }
  }
};
