"""What staff do with enquiries: actions, exports and access requests."""
