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

# With a scheme, with www, with a path, or with a common ending: "my knee.it hurts" is no link.
LINK = re.compile(
    r"(?:https?://|www\.)[^\s\"'<>\[\]]+"
    r"|(?<![\w@.-])(?:[\w-]+\.)+[a-z]{2,10}/[^\s\"'<>\[\]]+"
    r"|(?<![\w@.-])(?:[\w-]+\.)+(?:com|net|org|biz|ru|cn|xyz|icu)\b",
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
    """Return a pattern of whole phrases, and of parts of words in other scripts."""
    return re.compile(rf"(?<!\w)(?:{'|'.join(alternatives)})(?!\w)|{unspaced}")


# What sellers offer and patients do not ask for; no illness, treatment or family name among it
# (so not "crypto" in longer words, nor "seo" alone). One phrase is not enough: a patient may work
# in search ranking, at a casino, or lend money.
OFFERS = phrases(
    # Ranking and links.
    r"(?:local|on-page|your|our|full|monthly|based|cheap) seo|outrank\w*|pagespeed",
    r"seo (?:services?|experts?|errors|packages?|company|consultant|campaign|strategy|audit|smo)",
    r"search engine (?:optimi[sz]ation|marketing|rankings?)|(?:organic|website|your) traffic",
    r"(?:rank\w*|first page|1st page|page 1|number 1|top) (?:\w+ ){0,3}(?:on|in|of) google",
    r"google(?:'s)? (?:ads|ranking|reviews|1st page|first page)|domain authority|press release",
    r"back-? ?links?|(?:link|citation) (?:building|exchange|insertions?)|broken link|do-?follow",
    r"guest (?:post\w*|articles?)|sponsored (?:posts?|articles?)|text links|hyperlink",
    r"advertise on your (?:web)?site|post your ads?",
    # Websites and marketing.
    r"web(?:site)? (?:re)?design (?:services?|quote|compan\w+|agency)|redesign your|mockup",
    r"website (?:redesign|audit|maintenance|contact forms)|(?:web|website|app) development",
    r"wordpress (?:\w+ )?(?:site|website|developer)|webmaster|explainer video|chatbot|bulk sms|ppc",
    r"digital marketing|marketing database|email lists?|b2b|instagram followers",
    r"ai (?:receptionist|platform|tools)",
    r"(?:exclusive|qualified|booked|more|per) leads?|leads (?:and|&|from)|your competitors",
    r"(?:attract|bring|get|generate) (?:\w+ )?(?:more|new) (?:patients|customers|clients)",
    r"virtual assistants?|billing company|recruitment agency|overpaying",
    # Money and games.
    r"bitcoins?|crypto(?:currenc\w+)?|blockchain|forex|usdt|btc|airdrop|binary options",
    r"passive income|trading (?:bot|platform)|\$[\d,]+ (?:daily|per day|a day)|money online",
    r"(?:business|personal|quick|urgent) loans?|loan offer|working capital|merchant cash|your debt",
    r"processing fees|million (?:us )?(?:dollars|usd|euros?)|business proposal|mutual benefit",
    r"online casino|casino (?:online|bonus)|betting|free spins|poker online|online roulette",
    r"single ladies|lonely girl|sexy girls|dating (?:app|site)|replica watch\w*|essay writing",
    # Threats.
    r"copyright\w* (?:infringement|image)|dmca|hacked your|domain (?:name|registration|registrar)",
    # Prices, and leaving the list.
    r"(?:order|buy|apply) now|(?:limited time|special) offer|money-? ?back",
    r"wholesale (?:price|only)|(?:factory|lowest|affordable) (?:price|cost)|discount code|\d+% off",
    r"free (?:trial|quote|demo|webinar|download|bonus\w*|shipping|(?:\w+ )?(?:audit|analysis))",
    r"unsubscribe|reply stop|contact you again|lottery|claim your prize",
    # The same in other languages.
    r"posicionamiento web|páginas web|préstamos|cas+ino online|référencement naturel",
    r"création de sites?|articles? sponsorisés?|prêt entre particuliers|suchmaschinenoptimierung",
    unspaced="продвижени|онлайн казино|заработок в интернете|рассылка по"
    "|网站优化|排名第一|代开发票|生产厂家|娱乐城|seo対策|تحسين محركات البحث",
)

# How sellers speak to a business; a law office or a care home may speak so once, but hardly beside
# an offer.
MANNER = phrases(
    r"(?:checked|checking|analy[sz]ed|reviewed|going through) your (?:web)?site|converting",
    r"your (?:business|brand|sales|rankings?|visitors|customers|mailbox|account has|parcel)",
    r"your (?:website|homepage) (?:\w+ ){0,2}(?:outdated|optimi[sz]ed|losing|ranking)",
    r"our (?:\w+ )?(?:agency|company|experts|factory|products|packages|software|platform|mission)",
    r"we (?:generate|speciali[sz]e|provide (?:all|verified)|offer (?:\w+ )?(?:services|kinds))",
    r"(?:we are|as) an? (?:\w+ ){0,3}(?:company|agency|supplier|manufacturer|business owner)",
    r"(?:business|clinic|practice|companie|website)s? like yours|local businesses|small companies",
    r"help (?:\w+ )?(?:businesses|companies|clinics)|pre-screened|sample report|case studies",
    r"(?:grow|boost|scale) your (?:business|practice|clinic|brand|sales|traffic)",
    r"dear (?:sirs|friend|beneficiary|(?:business|site|website|purchasing) (?:owner|manager))",
    r"schedule a call|book a (?:call now|demo)|\d+ minute chat|discovery call|walkthrough",
    r"if you are interested|interested\?|send (?:you more|some|over some|counts)|join today",
    r"(?:no|zero) (?:setup fee|risk|down)|guaranteed|profits|investors|done-? ?for-? ?you",
    r"visit our|sales manager|millions of (?:people|customers)|avoid legal action",
    r"next of kin|trusted partner|private email",
    unspaced="предложить вам|бесплатный аудит|加微信|批发|报价单|nous proposons|ofrecemos",
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
    bare = LINK.sub(" ", message)
    yield 5 if SHORT_FIELD_LINK.search(name) else 0, "The name holds a link."
    # Somebody may link a calendar here.
    yield 3 if SHORT_FIELD_LINK.search(times) else 0, "The days and times hold a link."
    # A referral, a report and its pictures: people send one or two.
    links = set(LINK.findall(message))
    yield step(len(links), (1, 2), (2, 3), (3, 5)), "The message holds links."
    markup = 4 if LINK_MARKUP.search(everything) else 2 if MARKUP.search(everything) else 0
    yield markup, "It holds the markup of a web page or forum."
    yield step(len(set(EMAIL.findall(message))), (3, 2)), "The message holds many email addresses."
    alike = [text for text in map(normalised, (name, times, bare)) if len(text) > 3]
    yield 2 * (len(alike) - len(set(alike))), "Several fields hold the same text."
    random = 3 * sum(map(is_random, (name, times, bare)))
    yield random, "Names or sentences are random letters."
    yield step(len(DISGUISE.findall(everything)), (1, 2), (3, 4)), "Letters are disguised."
    # Not the name: Seo and Leads are names.
    words = " ".join(unicodedata.normalize("NFKC", f"{times} {message}").lower().split())
    yield step(len(set(OFFERS.findall(words))), (1, 3), (2, 5)), "It offers what sellers offer."
    yield step(len(set(MANNER.findall(words))), (1, 2), (2, 3), (3, 4)), "It speaks as sellers do."


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
