"""What the admin forms of content share: base classes, widgets, history, review and preview."""
