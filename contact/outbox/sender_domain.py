"""Reads SPF, DMARC and DKIM of a sender's domain from DNS, and explains them."""

import re
import tomllib
from pathlib import Path

import dns.exception
import dns.resolver

ADVICE = tomllib.loads(Path(__file__).with_name("mail_advice.toml").read_text(encoding="utf-8"))
REASONS = {
    dns.resolver.LifetimeTimeout: "no name server answered in time",
    dns.resolver.NoNameservers: "no name server could answer",
    dns.resolver.NoResolverConfiguration: "this machine has no name server",
}


class LookupFailedError(Exception):
    """DNS did not answer, so it is unknown whether there is a record."""


def texts_at(name, resolver=None):
    """Return the TXT records of a full domain name, one string each.

    Raises:
        LookupFailedError: with the reason; after 5 seconds, which is the resolver's own default.
    """
    try:
        resolver = resolver or dns.resolver.Resolver()
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
    advice = ADVICE["spf"]
    records = [text for text in lookup(domain) if re.match(r"v=spf1( |$)", text, re.IGNORECASE)]
    if len(records) != 1:  # RFC 7208, 4.5
        advice = advice["several" if records else "missing"]
        return advice.format(domain=domain, count=len(records))
    terms = records[0].lower().split()
    for term in terms:
        if match := re.fullmatch(r"([-~?+]?)all", term):
            return advice[match[1] or "+"]
    for term in terms:
        if term.startswith("redirect="):
            return advice["redirect"].format(target=term.removeprefix("redirect="))
    return advice["endless"]


def dmarc(domain, lookup):
    """Explain the DMARC policy of the domain, or else of its parent (RFC 7489, 6.6.3)."""
    advice = ADVICE["dmarc"]
    parent = domain.partition(".")[2]
    for place in (domain, parent) if "." in parent else (domain,):
        found = lookup(f"_dmarc.{place}")
        records = [text for text in found if re.match(r"v\s*=\s*DMARC1\s*(;|$)", text)]
        if len(records) > 1:
            return advice["several"].format(domain=place, count=len(records))
        if records:
            record = tags(records[0])
            policy = record.get("p", "")
            if place == parent:
                policy = record.get("sp", policy)
            is_known = policy.lower() in ("none", "quarantine", "reject")
            return advice[policy.lower() if is_known else "invalid"].format(domain=place)
    return advice["missing"].format(domain=domain)


def dkim(domain, lookup, selector):
    """Explain whether the domain has a DKIM key for the selector (RFC 6376, 3.6.1)."""
    if not selector:
        return ADVICE["dkim"]["unselected"]
    name = f"{selector}._domainkey.{domain}"
    # A wildcard may add records of any other kind.
    records = [record for record in map(tags, lookup(name)) if record.get("v", "DKIM1") == "DKIM1"]
    keys = [record["p"] for record in records if "p" in record]
    state = "found" if any(keys) else "revoked" if keys else "missing"
    return ADVICE["dkim"][state].format(name=name)


def explain(domain, selector, lookup):
    """Return one line each on SPF, DMARC and DKIM; `lookup` is a function like `texts_at`."""
    lines = []
    for name, read, *more in (("SPF", spf), ("DMARC", dmarc), ("DKIM", dkim, selector)):
        try:
            text = read(domain, lookup, *more)
        except LookupFailedError as error:
            text = f"unknown: {error}. Try again where the internet can be reached."
        lines.append(f"{name}: {text}")
    return lines
