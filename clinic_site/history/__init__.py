"""History: who changed what, and when. Each save of an object with its parts is one version."""
