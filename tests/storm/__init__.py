"""The running site in bad times: parts killed, the database in trouble, people posting on."""
