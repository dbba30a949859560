"""The command `qibu`: a table of subcommands in `main.py`, one file each."""
