"""Any network whose state goes in and comes out: its file, its states, its steps."""
