"""Where and when the clinic is open: opening hours, holidays and the street map."""
