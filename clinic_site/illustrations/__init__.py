"""The clinic's own illustrations: SVG files in svg/, icons, and PNG grounds for share cards.

`inline` puts the SVG files into a page, and `icons` does the same for templates/icons/. An
illustrator can open and change each file. In a page the classes of
static/css/components/illustration.css set the colours; the colours in a file are for editors.
The files in static/img/ (favicon, app icon, share.jpg) are checked in too.
"""
