"""How an enquiry comes in: form keys, duplicates, the spam score, and the retry page."""
