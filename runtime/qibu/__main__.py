"""`python -m qibu`."""

import sys

from .cli.main import main

sys.exit(main())
