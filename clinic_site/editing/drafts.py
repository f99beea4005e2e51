"""Drafts that the browser keeps of an unsaved form (static/js/admin-drafts.js).

Models with a history are content, so the browser may keep drafts of them. Enquiries have none.
"""

DRAFT = "_draft"  # form field: the browser's name of the draft
SAVED_DRAFTS = "saved_drafts"  # session: names of drafts that the browser can delete


def forget_draft(request):
    """Tell the browser, on its next page, that the draft of this form is saved."""
    if draft := request.POST.get(DRAFT):
        saved = request.session.get(SAVED_DRAFTS, [])
        request.session[SAVED_DRAFTS] = [*saved, draft[:36]][-9:]
