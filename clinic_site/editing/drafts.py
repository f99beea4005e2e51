"""Drafts that the browser keeps of an unsaved form (static/js/admin-drafts.js).

The browser keeps what is typed until the server says that it was saved, so a lost connection or an
ended session loses no text. Only models with a history are content and may be kept; enquiries have
none, so nothing about patients stays in a browser.
"""

DRAFT = "_draft"  # form field: the browser's name of the draft
SAVED_DRAFTS = "saved_drafts"  # session: names of drafts that the browser can delete


def forget_draft(request):
    """Tell the browser, on its next page, that the draft of this form is saved."""
    if draft := request.POST.get(DRAFT):
        saved = request.session.get(SAVED_DRAFTS, [])
        request.session[SAVED_DRAFTS] = [*saved, draft[:36]][-9:]
