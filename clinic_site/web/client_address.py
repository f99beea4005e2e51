"""The client's IP address, as far as it can be trusted."""

from ipaddress import ip_address, ip_network

from django.conf import settings


def client_address(request):
    """Return the ip_address of a request, or None; IPv4 inside IPv6 comes back as IPv4."""
    header = settings.CLIENT_ADDRESS_HEADER
    given = request.headers.get(header, "") if header else request.META.get("REMOTE_ADDR", "")
    try:
        address = ip_address(given.partition("%")[0])  # without the zone of a local network
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def network_of_address(address, ipv4_bits=32):
    """Return the ip_network of an address: of IPv6 a /64, as one household or office has it."""
    bits = ipv4_bits if address.version == 4 else 64
    return ip_network((address.packed, bits), strict=False)
