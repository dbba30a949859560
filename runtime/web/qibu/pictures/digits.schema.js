/** Made of runtime/qibu/pictures/digits.schema.json by tools/make_web_schemas.py. */

export const schema = {
  "title": "The part 'digits' of what a model file says of itself",
  "type": "object",
  "required": ["cell", "num_layers", "hidden_size"],
  "properties": {
    "cell": { "type": "string", "maxLength": 64 },
    "num_layers": { "type": "integer", "minimum": 1, "maximum": 1024 },
    "hidden_size": { "type": "integer", "minimum": 1, "maximum": 1048576 },
    "preprocessing": {
      "description": "What a picture has to be, by input.",
      "type": "object",
      "additionalProperties": { "type": "string", "maxLength": 4096 }
    }
  }
};
