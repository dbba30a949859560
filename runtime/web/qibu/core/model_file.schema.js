/** Made of runtime/qibu/core/model_file.schema.json by tools/make_web_schemas.py. */

export const schema = {
  "title": "What a Qibu model file says of itself",
  "description": "The JSON document under the key 'qibu' of an ONNX file's metadata_props, format 2. Fields that are not named here are ignored. A field whose meaning changes raises format_version.",
  "type": "object",
  "required": ["format_version", "states", "streaming"],
  "properties": {
    "format_version": { "const": 2 },
    "description": { "type": "string", "maxLength": 4096 },
    "task": {
      "description": "The application that the file was made for; the document has a part of that name, checked by the application. Absent or null: a network of somebody's own.",
      "type": ["string", "null"],
      "pattern": "^[a-z][a-z0-9_-]{0,63}$"
    },
    "streaming": {
      "description": "Whether the network can be stepped; false: it reads whole sequences only and has no states.",
      "type": "boolean"
    },
    "states": { "type": "array", "maxItems": 4096, "items": { "$ref": "#/$defs/state" } },
    "ports": {
      "description": "What is known of inputs and outputs, by name.",
      "type": "object",
      "additionalProperties": { "$ref": "#/$defs/port" }
    },
    "defaults": {
      "description": "Inputs that may be left out, and the number that then fills them.",
      "type": "object",
      "additionalProperties": { "type": "number" }
    },
    "weights_sha256": {
      "description": "Of the float32 weights, also when they were quantised afterwards.",
      "type": ["string", "null"],
      "pattern": "^[0-9a-f]{64}$"
    },
    "parameters": { "description": "Trained numbers.", "type": ["integer", "null"], "minimum": 0 },
    "quantization": { "type": ["string", "null"], "maxLength": 64 },
    "training": { "description": "The record of the training, free in form.", "type": "object" },
    "quality": { "description": "Measured figures, free in form.", "type": "object" },
    "trace": { "$ref": "#/$defs/trace" }
  },
  "$defs": {
    "name": { "type": "string", "minLength": 1, "maxLength": 512 },
    "dtype": {
      "description": "An element type by numpy's name.",
      "enum": [
        "float16", "float32", "float64", "int8", "int16", "int32", "int64",
        "uint8", "uint16", "uint32", "uint64", "bool"
      ]
    },
    "axis": { "type": ["integer", "null"], "minimum": 0, "maximum": 31 },
    "start": { "type": "integer", "minimum": 0, "maximum": 65536 },
    "sizes": {
      "type": "array",
      "maxItems": 32,
      "items": { "type": "integer", "minimum": 0, "maximum": 2147483647 }
    },
    "state": {
      "description": "A state's way through the graph: in by one name, out by the other.",
      "type": "object",
      "required": ["input", "output", "dtype", "shape"],
      "properties": {
        "input": { "$ref": "#/$defs/name" },
        "output": { "$ref": "#/$defs/name" },
        "dtype": { "$ref": "#/$defs/dtype" },
        "shape": {
          "description": "Sizes; null where one is free.",
          "type": "array",
          "maxItems": 32,
          "items": { "type": ["integer", "null"], "minimum": 0, "maximum": 2147483647 }
        },
        "batch_axis": {
          "description": "Which free axis is the batch; null: none.",
          "$ref": "#/$defs/axis"
        },
        "start": {
          "description": "The length with which every other free axis begins: 0 for a cache that grows; or a length for each.",
          "anyOf": [
            { "$ref": "#/$defs/start" },
            { "type": "array", "maxItems": 32, "items": { "$ref": "#/$defs/start" } }
          ]
        },
        "initial": {
          "description": "The value before the first step: a number, or an array that is broadcast to the shape.",
          "anyOf": [{ "type": "number" }, { "$ref": "#/$defs/array" }]
        }
      }
    },
    "port": {
      "type": "object",
      "properties": {
        "description": { "type": "string", "maxLength": 4096 },
        "unit": { "type": "string", "maxLength": 256 },
        "labels": {
          "description": "What each place along the last axis is called.",
          "type": "array",
          "maxItems": 65536,
          "items": { "type": "string", "maxLength": 256 }
        },
        "time_axis": { "$ref": "#/$defs/axis" },
        "batch_axis": { "$ref": "#/$defs/axis" }
      }
    },
    "array": {
      "description": "Values in base64, little-endian, row after row; with 'every', each such-many-th of the flattened array only.",
      "type": "object",
      "required": ["dtype", "shape", "data"],
      "properties": {
        "dtype": { "$ref": "#/$defs/dtype" },
        "shape": { "$ref": "#/$defs/sizes" },
        "every": { "type": "integer", "minimum": 1, "maximum": 2147483647 },
        "data": { "type": "string", "maxLength": 16777216, "pattern": "^[A-Za-z0-9+/]*={0,2}$" }
      }
    },
    "trace": {
      "description": "The file's own test: inputs of some steps from the initial state of one sequence, and what came out. A difference counts in full up to 1, as a share of the wanted value above.",
      "type": "object",
      "required": ["steps", "tolerance"],
      "properties": {
        "tolerance": { "type": "number", "minimum": 0 },
        "steps": {
          "type": "array",
          "minItems": 1,
          "maxItems": 256,
          "items": {
            "type": "object",
            "required": ["inputs", "outputs"],
            "properties": {
              "inputs": {
                "type": "object",
                "additionalProperties": { "$ref": "#/$defs/array" }
              },
              "outputs": {
                "type": "object",
                "additionalProperties": { "$ref": "#/$defs/array" }
              }
            }
          }
        },
        "states": {
          "description": "After the last step, by output name.",
          "type": "object",
          "additionalProperties": { "$ref": "#/$defs/array" }
        }
      }
    }
  }
};
