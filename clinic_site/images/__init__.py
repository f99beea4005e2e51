"""Images that staff upload: the library, safe decoding, renditions and share cards."""
