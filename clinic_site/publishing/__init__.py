"""What published objects share: their state, review, comments, share links, trash and preview."""
