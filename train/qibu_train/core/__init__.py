"""Any task: the loop, the run on disk, the recurrent layers."""
