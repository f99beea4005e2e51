"""Phone numbers as people here write them."""


def phone_text(phone):
    """Return a PhoneNumber, or its text in RFC 3966, like 905-555-0142 ext. 5."""
    if not phone:
        return ""
    text = phone if isinstance(phone, str) else phone.as_rfc3966
    return text.removeprefix("tel:").removeprefix("+1-").replace(";ext=", " ext. ")
