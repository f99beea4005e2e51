"""Reads SPF, DMARC and DKIM of a sender's domain from DNS, and explains them."""

import re
from functools import partial

import dns.exception
import dns.resolver

LOOKUP_SECONDS = 5

REASONS = {
    dns.resolver.LifetimeTimeout: "no name server answered in time",
    dns.resolver.NoNameservers: "no name server could answer",
    dns.resolver.NoResolverConfiguration: "this machine has no name server",
}

SPF_ENDS = {
    "-": "exists and ends in -all, so mail from servers that it does not list is refused. "
    "Make sure that it lists your mail server.",
    "~": "exists and ends in ~all, so mail from servers that it does not list is suspect. "
    "Make sure that it lists your mail server.",
    "?": "exists but ends in ?all, which does not stop forged mail. End it in ~all or -all.",
    "+": "dangerous: it ends in +all, so anybody may send in your name. End it in ~all or -all.",
}

DMARC_POLICIES = {
    "none": "p=none, so forged mail goes through. "
    "Raise it to p=quarantine once your own mail passes SPF or DKIM.",
    "quarantine": "p=quarantine, so mail that fails goes to spam. "
    "Make sure that your own passes SPF or DKIM.",
    "reject": "p=reject, so mail that fails is refused. "
    "Make sure that your own passes SPF or DKIM.",
}


class LookupFailedError(Exception):
    """DNS did not answer, so it is unknown whether there is a record."""


def texts_at(name, resolver=None):
    """Return the TXT records of a full domain name, one string each.

    Args:
        name: the domain name.
        resolver: a dns.resolver.Resolver; without it the system's, at most 5 s for the look-up.

    Raises:
        LookupFailedError: with the reason.
    """
    try:
        if resolver is None:
            resolver = dns.resolver.Resolver()
            resolver.lifetime = LOOKUP_SECONDS
        answer = resolver.resolve(name, "TXT", search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except (dns.exception.DNSException, OSError) as error:
        raise LookupFailedError(REASONS.get(type(error), f"{error}".rstrip("."))) from error
    # A long record comes in pieces that belong together without a space (RFC 7208, 3.3).
    return [b"".join(record.strings).decode("utf-8", "replace") for record in answer]


def tags(record):
    """Return a record like "v=DMARC1; p=none" as a dict (RFC 6376, 3.2)."""
    pairs = (part.partition("=") for part in record.split(";"))
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def spf(domain, lookup):
    """Explain how the domain's SPF record ends (RFC 7208), without following its includes."""
    records = [text for text in lookup(domain) if re.match(r"v=spf1( |$)", text, re.IGNORECASE)]
    if not records:
        return (
            f"none: {domain} does not say which servers may send its mail. "
            "Add the TXT record that your mail provider gives for SPF."
        )
    if len(records) > 1:  # RFC 7208, 4.5
        return f"invalid: {domain} has {len(records)} SPF records. Make them one."
    terms = records[0].lower().split()
    ends = [match[1] for term in terms if (match := re.fullmatch(r"([-~?+]?)all", term))]
    if ends:
        return SPF_ENDS[ends[0] or "+"]
    targets = [term.partition("=")[2] for term in terms if term.startswith("redirect=")]
    if targets:
        return (
            f"exists and refers to {targets[0]}, which was not checked. "
            "Make sure that it lists your mail server."
        )
    return "exists but has no end, so it does not stop forged mail. End it in ~all or -all."


def dmarc(domain, lookup):
    """Explain the DMARC policy of the domain, or else of its parent (RFC 7489, 6.6.3)."""
    parent = domain.partition(".")[2]
    for place in (domain, parent) if "." in parent else (domain,):
        found = lookup(f"_dmarc.{place}")
        records = [text for text in found if re.match(r"v\s*=\s*DMARC1\s*(;|$)", text)]
        if len(records) > 1:
            return f"invalid: {place} has {len(records)} DMARC records. Keep one."
        if records:
            asked = tags(records[0])
            policy = asked.get("p", "")
            if place == parent:
                policy = asked.get("sp", policy)
            return f"exists at {place} with " + DMARC_POLICIES.get(
                policy.lower(),
                "a policy that is not valid. Write p=none, p=quarantine or p=reject.",
            )
    return (
        f"none: {domain} does not say what to do with forged mail. "
        f'Add a TXT record at _dmarc.{domain}: "v=DMARC1; p=none" to begin with.'
    )


def dkim(domain, lookup, selector):
    """Explain whether the domain has a DKIM key for the selector (RFC 6376, 3.6.1)."""
    if not selector:
        return (
            "cannot be checked without a selector. Find it in the source of a message, "
            "after s= in DKIM-Signature, and give --selector NAME."
        )
    name = f"{selector}._domainkey.{domain}"
    # A wildcard may add records of any other kind.
    kinds = (asked for text in lookup(name) if (asked := tags(text)).get("v", "DKIM1") == "DKIM1")
    keys = [asked["p"] for asked in kinds if "p" in asked]
    if not keys:
        return f"not found at {name}. Check the selector, or add the key your mail provider gives."
    if not any(keys):
        return f"revoked: the key at {name} is empty. Use your mail provider's present selector."
    return f"found: there is a key at {name}. Make sure that your mail server signs with it."


def explain(domain, selector, lookup):
    """Return one line each on SPF, DMARC and DKIM, with what to change.

    Args:
        domain: the sender's domain.
        selector: the DKIM selector, or None where it is not known.
        lookup: a function like `texts_at`.
    """
    lines = []
    for name, read in (("SPF", spf), ("DMARC", dmarc), ("DKIM", partial(dkim, selector=selector))):
        try:
            words = read(domain, lookup)
        except LookupFailedError as error:
            words = f"unknown: {error}. Try again where the internet can be reached."
        lines.append(f"{name}: {words}")
    return lines
