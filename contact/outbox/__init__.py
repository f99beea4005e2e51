"""How mail goes out: the sender, the messages, daily digest, alarm and health report."""
