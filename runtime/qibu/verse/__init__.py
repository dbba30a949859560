"""Verse as data: the tones, rhymes and forms of Tang poems."""
