"""Tang verse: its forms, its tones and rhymes, and whether a poem keeps the rules."""
