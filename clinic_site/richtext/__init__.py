"""Rich text: the model field, its blocks, pasting, internal links and how it is printed."""
