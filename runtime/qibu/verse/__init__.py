"""Chinese verse: its forms, tones, rhymes and patterns, as data, and the checker of its rules."""
