"""Rich text: ProseField stores it clean, rendering prints it, html and plain_text read it.

A text is parsed once into a tree (html). cleaning and internal_links change
the tree, and nh3 sanitises what is stored, last and once.
"""
