"""The inbox that staff work in: its lists, the actions on an enquiry, and the exports."""
