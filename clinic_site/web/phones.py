"""Phone numbers as people here write them."""


def phone_text(phone):
    """Return a number like 905-555-0142 ext. 5, or +44-20-7946-0958 from outside North America.

    Args:
        phone: a PhoneNumber, or its text as stored (RFC 3966), which is quicker than parsing it.
    """
    if not phone:
        return ""
    text = phone if isinstance(phone, str) else phone.as_rfc3966
    return text.removeprefix("tel:").removeprefix("+1-").replace(";ext=", " ext. ")
