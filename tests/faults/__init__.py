"""The running site with faults: processes killed, the database down, while people use it."""
