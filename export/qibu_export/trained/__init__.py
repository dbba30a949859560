"""From a run of `qibu train` to a file, through the door that any module takes."""
