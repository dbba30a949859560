/** Made of runtime/qibu/text/text.schema.json by tools/make_web_schemas.py. */

export const schema = {
  "title": "The part 'text' of what a model file says of itself",
  "type": "object",
  "required": ["cell", "num_layers", "hidden_size", "vocabulary"],
  "properties": {
    "cell": { "type": "string", "maxLength": 64 },
    "num_layers": { "type": "integer", "minimum": 1, "maximum": 1024 },
    "hidden_size": { "type": "integer", "minimum": 1, "maximum": 1048576 },
    "unit": {
      "description": "What a token stands for: a character, or a byte of UTF-8.",
      "enum": ["char", "byte"]
    },
    "vocabulary": {
      "type": "object",
      "required": ["controls", "characters"],
      "properties": {
        "controls": {
          "description": "Control tokens, numbered from 0.",
          "type": "array",
          "maxItems": 65536,
          "items": { "type": "string", "maxLength": 256 }
        },
        "characters": { "description": "One token each, numbered on.", "type": "string" },
        "simplified": { "description": "The simplified twin of each character.", "type": "string" }
      }
    }
  }
};
