"""The models of the packages in clinic_site, where Django looks for an app's models."""

from clinic_site.history.version import Version
from clinic_site.images.library import Image
from clinic_site.publishing.comments import ReviewComment
from clinic_site.publishing.dead_links import DeadLink
from clinic_site.publishing.page import Page
from clinic_site.publishing.reminders import ReviewReminder
from clinic_site.publishing.share_links import ShareLink
from clinic_site.web.content_version import ContentVersion

__all__ = [
    "ContentVersion",
    "DeadLink",
    "Image",
    "Page",
    "ReviewComment",
    "ReviewReminder",
    "ShareLink",
    "Version",
]
