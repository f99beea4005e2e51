"""How much an enquiry looks like spam; what does is set aside for a person, never refused.

No sign is a medical word, a language, or a browser without JavaScript. Nothing here knows the
database or the request, and no reason repeats what was typed.
"""

import hashlib
import hmac
import re
import unicodedata
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

# Points from which an enquiry is set aside. One weak sign has 1 to 4 points, so that it takes two;
# only what no patient does alone (a link for a name, three links, forty copies) has 5.
THRESHOLD = 5

# Shorter texts are alike by chance: "please call me back".
SHORTEST_REPEAT = 40  # characters

# The site-wide breaker: enquiries in the last hour, at least this many and times the usual.
FLOOD_COUNT, FLOOD_TIMES = 20, 10

SHORT_FIELDS = ("name", "times")

# With a scheme, with www, with a path, or with one of the endings that sellers use; "knee.it hurts"
# is a missing space, not a link.
LINK = re.compile(
    r"(?:https?://|www\.)[^\s\"'<>\[\]]+"
    r"|(?<![\w@.-])(?:[\w-]+\.)+[a-z]{2,10}/[^\s\"'<>\[\]]+"
    r"|(?<![\w@.-])(?:[\w-]+\.)+(?:com|net|org|info|biz|ru|cn|xyz|top|shop|online|site)\b",
    re.IGNORECASE,
)
SHORT_FIELD_LINK = re.compile(r"https?://|www\.\w", re.IGNORECASE)
LINK_MARKUP = re.compile(r"<a\s[^>]*href|\[/?(?:url|link)\b", re.IGNORECASE)
MARKUP = re.compile(r"</?(?:p|b|i|br|strong|div|span|h[1-6]|img|script|iframe)\b", re.IGNORECASE)
EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+")
WORD = re.compile(r"[^\W\d_]+")

# Latin beside Cyrillic inside a word, invisible marks between Latin letters, and mathematical
# letters, all of which hide words from filters. Farsi and Hindi need the invisible joiners.
DISGUISE = re.compile(
    "[A-Za-z][\u0400-\u052f]|[\u0400-\u052f][A-Za-z]"
    "|(?<=[A-Za-z])[\u00ad\u200b-\u200d\u2060\ufeff](?=[A-Za-z])"
    "|[\U0001d400-\U0001d7ff]+"
)
CONSONANTS = re.compile("[bcdfghjklmnpqrstvwxz]{6}", re.IGNORECASE)
CASE_FLIP = re.compile("[a-z](?=[A-Z])")


def phrases(*alternatives, unspaced):
    """Return a pattern for whole phrases, and for some of scripts without spaces or with affixes."""
    return re.compile(rf"\b(?:{'|'.join(alternatives)})\b|{unspaced}")


# What sellers offer and patients do not ask for; no illness and no treatment among it. One phrase
# is not enough: a patient may work in search ranking, at a casino, or lend money.
OFFERS = phrases(
    # Ranking and links.
    r"seo|search engine (?:optimi[sz]ation|rankings?)|organic traffic|(?:web|website|your) traffic",
    r"(?:rank\w*|first page|1st page|top|number 1) (?:\w+ ){0,3}(?:on|in|of) google|outrank\w*",
    r"google(?:'s)? (?:ads|ranking|reviews|1st page|first page)|domain authority|d[ar] \d+",
    r"back-? ?links?|(?:link|citation) (?:building|exchange|insertions?)|broken link|do-?follow",
    r"guest (?:post\w*|articles?)|sponsored (?:posts?|articles?)|press release",
    r"advertise on your (?:web)?site|text links",
    # Websites and marketing.
    r"(?:web|website) (?:re)?design (?:services?|quote|compan\w+|agency)|website (?:redesign|audit)",
    r"(?:web|website|wordpress|app) (?:develop\w+|designer)|web designer|explainer video|pagespeed",
    r"website (?:maintenance|contact forms)|your wordpress|free mockup|redesign your|chatbot",
    r"ai (?:receptionist|platform|chatbot)|digital marketing|email lists?|bulk sms|mass mailing",
    r"(?:exclusive|qualified|booked|per) leads?|per booked|your competitors|instagram followers",
    r"(?:attract|bring|get|generate) (?:\w+ )?(?:more|new) (?:patients|customers|clients|leads)",
    r"virtual assistants?|billing company|recruitment agency|cleaning company|overpaying",
    # Money and games.
    r"bitcoins?|crypto\w*|forex|usdt|btc|airdrop|binary options|passive income|trading (?:bot|platform)",
    r"(?:earn|make) (?:up to )?\$[\d,]+|(?:earn|make) money online|financial freedom",
    r"(?:business|personal|quick|urgent) loans?|loan offer|working capital|merchant cash|your debt",
    r"processing fees|(?:million|m) (?:us )?(?:dollars|usd|euros?)|business proposal|mutual benefit",
    r"online casino|casino (?:online|bonus)|sports? betting|free spins|poker online|roulette",
    r"single ladies|lonely girl|sexy girls|private photos|replica watch\w*|essay writing",
    # Threats.
    r"copyright infringement|dmca|hacked your|your domain|domain (?:name|registration|registrar)",
    # Prices.
    r"(?:order|buy|apply) now|click (?:here|below)|(?:limited time|special) offer|money-? ?back",
    r"free (?:trial|quote|demo|webinar|shipping|(?:\w+ )?(?:audit|report|analysis))|wholesale",
    r"(?:factory|lowest|affordable) (?:price|cost)|discount code|\d+% off|unsubscribe",
    # The same in other languages.
    r"posicionamiento web|páginas web|préstamos|cas+ino online|référencement naturel",
    r"création de sites?|articles? sponsorisés?|prêt entre particuliers|suchmaschinenoptimierung",
    unspaced="продвижени|онлайн казино|заработок в интернете|рассылка по"
    "|网站优化|排名第一|代开发票|生产厂家|娱乐城|seo対策|تحسين محركات البحث",
)

# How sellers speak to a business; a law office or a care home may speak so once.
MANNER = phrases(
    r"(?:noticed|checked|checking|analy[sz]ed|reviewed|going through|looking at) (?:that )?your",
    r"your (?:web ?)?(?:site|page|homepage) (?:is|isn't|has|looks|does not|doesn't|scored|could)",
    r"our (?:agency|company|experts|factory|packages|services|software|clients|program|platform)",
    r"(?:we|i) (?:offer|provide|generate|speciali[sz]e|help (?:\w+ )?(?:businesses|companies|clinics))",
    r"help (?:\w+ )?clinics|local businesses|small companies|business owners?|your business",
    r"(?:business|clinic|practice|companie|website)s? like yours|(?:grow|boost|scale) your",
    r"schedule a call|book a (?:call|demo)|\d+ minute (?:chat|call)|(?:short|quick|discovery) call",
    r"let me know if you are interested|interested\?|may i send|send (?:over|you more|some|counts)",
    r"per month|guarante\w+|no (?:contract|setup fee|risk)|case studies|portfolio|pricing|packages",
    r"dear (?:friend|sir/madam|beneficiary|purchasing)|next of kin|kindly|done for you|investors?",
    unspaced="предложить вам|бесплатный аудит|加微信|批发|报价单|nous proposons|un devis|ofrecemos",
)


@dataclass(frozen=True)
class Signals:
    """What is known of the sending of an enquiry, besides its text.

    Args:
        honeypot: what stands in the field that people do not see; "" when it was left alone.
        seconds_since_render: from opening the form to sending it; None when its key is missing
            or forged.
        is_key_reused: the same form was sent before, with another text.
        same_message_count: how many other enquiries of the last day have the same `normalised`
            message.
        from_network_count: how many other enquiries of the last hour have the same
            `network_hash`.
        site_count: how many other enquiries the site took in the last hour.
        usual_hourly: how many it takes in a usual hour.
    """

    honeypot: str = ""
    seconds_since_render: float | None = None
    is_key_reused: bool = False
    same_message_count: int = 0
    from_network_count: int = 0
    site_count: int = 0
    usual_hourly: float = 0


@dataclass(frozen=True)
class Assessment:
    """Points, and for staff the reasons: short sentences, most points first."""

    score: int
    reasons: tuple[str, ...]

    @property
    def is_set_aside(self):
        return self.score >= THRESHOLD


def assess(typed, signals):
    """Say how much an enquiry looks like spam.

    Args:
        typed: a dict of the form's cleaned text, of which name, times and message are read;
            what is missing or None counts as empty.
        signals: the Signals.

    Returns:
        An Assessment. During a flood any sign at all sets aside; an enquiry without one is
        delivered even then.
    """
    name, times, message = (str(typed.get(field) or "") for field in ("name", "times", "message"))
    signs = [*sending_signs(signals, message), *text_signs(name, times, message)]
    signs = sorted((sign for sign in signs if sign[0]), reverse=True)
    if signs and signals.site_count > max(FLOOD_COUNT, FLOOD_TIMES * signals.usual_hourly):
        signs.append((THRESHOLD, "The site is getting far more enquiries than usual."))
    return Assessment(sum(points for points, _ in signs), tuple(reason for _, reason in signs))


def step(value, *steps):
    """Return the points of the last (limit, points) that `value` reaches, else 0."""
    return max((points for limit, points in steps if value >= limit), default=0)


def sending_signs(signals, message):
    """Yield (points, reason) for how the enquiry was sent; 0 points is no sign."""
    # Autofill fills hidden fields too, so this needs a second sign.
    yield 3 if signals.honeypot.strip() else 0, "The hidden field was filled in."
    seconds = signals.seconds_since_render
    if seconds is None:
        yield 2, "The form did not come from our page."
    else:
        # With autofill and a short message a quick person needs 3 seconds.
        hurry = 3 if seconds < 2 else 2 if seconds < 3 else 1 if seconds < 5 else 0
        yield hurry, "It was sent within seconds of opening the page."
    # People go back to add something.
    yield 1 if signals.is_key_reused else 0, "The same form was sent before with another text."
    if len(normalised(message)) >= SHORTEST_REPEAT:
        copies = step(signals.same_message_count, (1, 1), (3, 3), (6, 5))
        yield copies, "Other enquiries of the last day say the same."
    # A hospital, or the customers of one phone company, share a network.
    near = step(signals.from_network_count, (4, 1), (10, 3), (30, 5))
    yield near, "Many enquiries came from the same network within an hour."


def text_signs(name, times, message):
    """Yield (points, reason) for what the enquiry says; 0 points is no sign."""
    everything = "\n".join((name, times, message))
    links = set(LINK.findall(message))
    bare = LINK.sub(" ", message)
    yield 5 if SHORT_FIELD_LINK.search(name) else 0, "The name holds a link."
    # Somebody may link a calendar here.
    yield 3 if SHORT_FIELD_LINK.search(times) else 0, "The days and times hold a link."
    # A referral, a report and its pictures: people send one or two.
    yield step(len(links), (1, 2), (2, 3), (3, 5)), "The message holds links."
    few = bool(links) and sum(map(str.isalpha, bare)) < 10
    yield int(few), "The message is hardly more than links."
    markup = 4 if LINK_MARKUP.search(everything) else 2 if MARKUP.search(everything) else 0
    yield markup, "It holds the markup of a web page or forum."
    yield step(len(set(EMAIL.findall(message))), (3, 2)), "The message holds many email addresses."
    alike = [text for text in map(normalised, (name, times, bare)) if len(text) > 3]
    yield 2 * (len(alike) - len(set(alike))), "Different fields hold the same text."
    random = 3 * sum(map(is_random, (name, times, bare)))
    yield random, "Names or sentences are random letters."
    yield step(len(DISGUISE.findall(everything)), (1, 2), (3, 4)), "Letters are disguised."
    words = " ".join(unicodedata.normalize("NFKC", everything).lower().split())
    yield step(len(set(OFFERS.findall(words))), (1, 3), (2, 5)), "It offers what sellers offer."
    yield step(len(set(MANNER.findall(words))), (1, 2), (2, 3), (3, 5)), "It speaks as sellers do."


def is_random(text):
    """Say whether every word is a long run of letters as no language writes them."""
    words = WORD.findall(text)
    return bool(words) and all(
        len(word) >= 8
        and word.isascii()
        and (CONSONANTS.search(word) or len(CASE_FLIP.findall(word)) >= 3)
        for word in words
    )


def normalised(message):
    """Return `message` so that copies are equal: case, width, white space and figures folded."""
    folded = unicodedata.normalize("NFKC", message).casefold()
    return " ".join(re.sub(r"\d+", "0", folded).split())


def network_hash(address, key):
    """Return a name for the network of an address, from which the address cannot be told.

    Args:
        address: an IPv4 or IPv6 address as text. A household or a server usually has a whole /64,
            and a /24 is the smallest IPv4 network routed between providers.
        key: the secret, as bytes.

    Returns:
        32 hexadecimal digits.

    Raises:
        ValueError: `address` is not one.
    """
    ip = ip_address(address)
    ip = getattr(ip, "ipv4_mapped", None) or ip
    network = ip_network((ip.packed, 24 if ip.version == 4 else 64), strict=False)
    return hmac.new(key, str(network).encode(), hashlib.sha256).hexdigest()[:32]
