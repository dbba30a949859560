"""What networks are trained for. To add something: a folder with an `Application`, and a line."""

from .core.application import APPLICATIONS, register
from .digits.application import DIGITS
from .own_text.application import TEXT
from .pictures.application import PICTURES
from .poems.application import POEM

for application in (POEM, DIGITS, TEXT, PICTURES):
    register(application)

PRESETS = {
    (name, cell): preset
    for name, application in APPLICATIONS.items()
    for cell, preset in application.presets.items()
}
