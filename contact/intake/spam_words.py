"""What sellers, frauds and their programs say: the words the spam score looks for.

No illness, treatment, part of the body or family name is among them: not "crypto" inside longer
words, nor "seo" or "lead" alone. No list is enough by itself, for a patient may work in search
ranking, own a shop, or ask what a visit costs.
"""

import re


def phrases(*alternatives, unspaced):
    """Return a pattern of whole phrases, and of parts of words in other scripts."""
    return re.compile(rf"(?<!\w)(?:{'|'.join(alternatives)})(?!\w)|{unspaced}")


# What they offer, in so many words.
OFFERS = phrases(
    # Ranking and links.
    r"(?:local|on-page|your|our|full|monthly|based|cheap) seo|outrank\w*|pagespeed",
    r"seo (?:services?|experts?|errors|packages?|company|consultant|campaign|strategy|audit|smo)",
    r"search engine (?:optimi[sz]ation|marketing|rankings?)|(?:organic|website|your) traffic",
    r"(?:rank\w*|first page|1st page|page 1|number 1|top) (?:\w+ ){0,3}(?:on|in|of) google",
    r"google(?:'s)? (?:ads|ranking|reviews|1st page|first page)|domain authority|press release",
    r"(?:negative|bad|fake|one-star|five-star) reviews?|generative engine|sponsorship|nominated as",
    r"back-? ?links?|(?:link|citation) (?:building|exchange|insertions?)|broken link|do-?follow",
    r"guest (?:post\w*|articles?)|sponsored (?:posts?|articles?)|text links|hyperlink",
    r"infographics?|advertise on your (?:web)?site|post your ads?",
    # Websites and marketing.
    r"web(?:site)? (?:re)?design (?:services?|quote)|redesign your|mock-?up",
    r"website (?:redesign|audit|maintenance|contact forms)|(?:web|website|app) development",
    r"wordpress (?:\w+ )?(?:site|website|developer)|webmaster|explainer video|chatbots?|bulk sms",
    r"digital marketing|marketing database|email lists?|b2b|ppc",
    r"(?:instagram|tiktok|facebook|youtube) (?:followers|likes|views|subscribers)",
    r"ai (?:receptionist|platform|tools|agents?|assistant|automations?)",
    r"(?:exclusive|qualified|booked|more|per) leads?|leads (?:and|&|from)|your competitors",
    r"(?:attract|bring|get|generate|add) (?:\w+ )?(?:more|new) (?:patients|customers|clients)",
    r"virtual assistants?|billing company|recruitment agency|overpaying|commercial cleaning",
    # Money and games.
    r"bitcoins?|crypto(?:currenc\w+)?|blockchain|forex|usdt|btc|airdrop|binary options|presale",
    r"passive income|trading (?:bot|robot|platform)|\$[\d,]+ (?:daily|per day|a day)|money online",
    r"(?:business|personal|quick|urgent) loans?|loan offer|working capital|merchant cash|your debt",
    r"processing fees|million (?:us )?(?:dollars|usd|euros?)|business proposal|mutual benefit",
    r"pre-?approved|bad credit|no collateral|interest rates?|merchant rates?|on autopilot",
    r"online casino|casino (?:online|bonus)|betting|free spins|poker online|online roulette",
    r"single ladies|lonely (?:girls?|wom[ae]n)|sexy girls|dating (?:app|site)|replica watch\w*",
    r"essay writing|no prescription|late client|pay shipping",
    # Threats.
    r"copyright\w* (?:infringement|(?:protected )?images?)|dmca|hacked your|bug bounty",
    r"domain (?:name|registration|registrar)|vulnerabilit\w+ in your|(?:account|domain) expires?",
    # Prices, and leaving the list.
    r"(?:order|buy|apply) now|(?:limited time|special) offer|money-? ?back",
    r"wholesale (?:price|only)|(?:factory|lowest|affordable) (?:price|cost)|discount code|\d+% off",
    r"free (?:trial|quote|demo|webinar|download|bonus\w*|shipping|samples?|report|mockup|credits)",
    r"free (?:\w+ )?(?:audit|analysis)|(?:contract|experience) (?:needed|required)",
    r"no (?:long-term )?(?:contract|obligation|commitment|strings|experience|minimum order)",
    r"unsubscribe|reply stop|opt[ -]out|contact you again|lottery|claim (?:your|the) (?:prize|\w+)",
    # The same in other languages.
    r"posicionamiento web|páginas web|préstamos|cas+ino online|référencement|suchmaschinen\w+",
    r"création de sites?|articles? sponsorisés?|prêt entre particuliers|pozycjonowani\w+",
    r"marketing digital\w*|kampanie reklamow\w+|slot gacor|deneme bonusu|bahis|situs (?:slot|judi)",
    unspaced="продвижени|казино|заработок|заработка|рассылк[аиу]|рекламн|криптовалют"
    "|网站优化|网站推广|网站建设|外链|排名|开发票|生产厂家|娱乐城|博彩|seo对策|スーパーコピー|激安"
    "|تحسين محركات البحث",
)

# How they speak to a business; a law office or a care home may speak so once.
MANNER = phrases(
    r"(?:checked|checking|analy[sz]ed|reviewed|going through|visited|looking at|looked at)"
    r" your (?:web)?(?:site|page)|converting",
    r"your (?:business|brand|sales|rankings?|visitors|customers|mailbox|account has|parcel)",
    r"your (?:company|listing|domain|audience|revenue|ads?|denials|databases?|websites?)",
    r"your (?:target|existing|monthly|online) \w+|your \w+ (?:bill|software|marketing|niche)",
    r"your (?:website|homepage) (?:\w+ ){0,2}(?:outdated|optimi[sz]ed|losing|ranking)",
    r"our (?:\w+ )?(?:agency|company|experts|factory|products|packages|software|platform|mission)",
    r"our (?:\w+ )?(?:plans|rates|prices|portfolio|catalogue|catalog|widget|network|team of)",
    r"we (?:generate|speciali[sz]e|provide|deliver|build|manufacture|supply|sell|design|redesign)",
    r"we (?:offer|help|remove|fix|move you|reduce|shoot|publish|outsource|automate|represent)",
    r"we(?:'ll| will| can) (?:\w+ )?(?:fix|build|redesign|post|publish|rank|remove|boost|grow)",
    r"we (?:would|'d) (?:like|love) to (?:feature|invite|propose|partner|offer)",
    r"we are (?:hiring|professional|an? \w+ based|\w+ based)|i represent",
    r"(?:we are|as) an? (?:\w+ ){0,3}(?:company|agency|supplier|manufacturer|business owner)",
    r"(?:business|clinic|practice|companie|website)s? like yours|local businesses|small companies",
    r"help (?:\w+ )?(?:businesses|companies|clinics)|pre-screened|sample report|case studies",
    r"(?:grow|boost|scale) your (?:business|practice|clinic|brand|sales|traffic)|selling your",
    r"dear (?:sirs|friend|beneficiary|colleagues)|greetings (?:of the day|to you and)",
    r"dear (?:(?:business|site|website|purchasing) (?:owner|manager))",
    r"(?:schedule|book) (?:a|your) (?:free )?(?:\w+ )?(?:call|demo)|\d+ minute chat|discovery call",
    r"if you are interested|interested\?|(?:are|if) (?:you )?interested|worth a chat|walkthrough",
    r"(?:can|may|shall) (?:i|we) (?:send|ship|share)|want me to send|send you more|send counts",
    r"send (?:over )?some|send (?:you )?(?:\w+ )?(?:quote and|proposal|catalogue|price list)",
    r"(?:the right|a decision) person|open to (?:publishing|a)|the link to my|my client",
    r"would you (?:like (?:a|me|us|your|to)|be (?:open|interested)|consider)|did you know",
    r"have you (?:considered|thought about)|are you (?:paying|losing|still using)|tired of paying",
    r"love to (?:show|share|send|offer|contribute|introduce)|happy to (?:give|send|share|show)",
    r"i (?:saw|noticed|found) (?:an?|some|your) (?:\w+[ -]){0,3}(?:reviews?|errors?|issues?)",
    r"asks? (?:chatgpt|google|siri|alexa)|you only pay|pay only|for sale|hello my dear|handsome",
    r"my (?:\w+ )?photos|serious man|your profile|(?:meet|chat) (?:\w+ )?tonight|i like you",
    r"(?:no|zero) (?:setup fee|risk|down)|guaranteed|profits|investors|done-? ?for-? ?you",
    r"visit our|sales manager|millions of (?:people|customers)|avoid legal action|legal action",
    r"next of kin|trusted partner|private email|in confidence|(?:join|sign up) (?:now|today)",
    r"(?:click|tap) (?:here|below|the link)|reply yes|text me on|add (?:our|my) \w+ on",
    r"congratulations|you have been (?:chosen|selected)|final notice|within \d+ hours",
    r"(?:only|just|from|for|at) [$€£]\d[\d.,]*|[$€£]\d[\d.,]*(?:/| (?:per|a|each|lifetime))",
    unspaced="предложить вам|предлагаем|бесплатный аудит|приглашаем|регистрация|加微信|联系微信"
    "|批发|报价单|我们提供|保证|送料無料|通販"
    r"|nous proposons|ofrecemos|somos una|ayudamos|oferujemy|wir erstellen|kostenlos|daftar",
)

# Words of their trades, and the ways they want to be reached.
TRADE = phrases(
    # Web and advertising.
    r"(?:web)?sites?|homepage|domains?|hosting|wordpress|shopify|landing pages?|widgets?|plugins?",
    r"seo|keywords?|google|rank(?:ed|ing|ings|s)?|traffic|clicks?|conversions?|audits?|scan",
    r"content|blogs?|publish\w*|publications?|sponsor\w*|infographics?|niche|outreach|campaigns?",
    r"ads?|advert\w*|marketing|social media|followers|subscribers?|brand\w*|logos?|seen by",
    r"design(?:er|ers|s|ing)?|redesign|developers?|development|apps|software|platforms?|dashboards?",
    r"crm|saas|voip|automat\w+|chatgpt|ai|bots?|directories|listings?|listed|nominat\w+|awards?",
    # Selling.
    r"customers?|clients?|leads|sales|revenue|roi|profits?|growth|competitors?|compet\w+|buyers?",
    r"business(?:es)?|compan(?:y|ies)|agenc(?:y|ies)|b2b|industr(?:y|ies)|partner(?:s|ship)?",
    r"cooperation|collaborat\w+|proposals?|offer(?:s|ing|ed)?|deals?|discounts?|promo\w*|coupons?",
    r"quotes?|pricing|price list|portfolio|catalog(?:ue)?s?|wholesale|suppliers?|manufactur\w+",
    r"factory|oem|moq|bulk|shipping|delivered|orders?|subscriptions?|subscribe|guarantees?",
    r"limited|exclusive|instantly|lifetime|affordable|cheap|lowest|free of charge|for free|free",
    r"unlimited|merchants?|terminals?|invoices?|bookkeeping|payroll|outsourc\w+|freelanc\w+|hire",
    r"hiring|hired|staffing|data entry|verified|premium|professional|upgrade|savings?|save",
    # Money and games.
    r"loans?|lend\w*|funding|funds|financ\w+|capital|credit|invest\w*|earn(?:ed|ings?)?|income",
    r"cash|wallet|trad(?:e|er|ers|ing)|tokens?|coins?|usd|dollars?|euros?|millions?|billions?",
    r"deposit|estate|inherit\w*|donat\w+|grants?|beneficiary|bank|winners?|won|prizes?|rewards?",
    r"bonus(?:es)?|jackpot|casinos?|slots?|bet(?:s|ting)?|poker|auction|rebates?|qualif(?:y|ies|ied)",
    # Threats and catches.
    r"copyright\w*|lawsuit|sue|hack(?:ed|er|ers)|databases?|vulnerabilit\w+|malware|expir\w+",
    r"suspend\w*|verify|quota|passwords?|overdue|fines|liable|violat\w+|urgent|customs|parcels?",
    r"supplements?|private label|gummies|melts?|pills|escorts?|singles|dating|handsome|photos here",
    # How to reach them, and what to do now.
    r"telegram|whatsapp|wechat|weixin|skype|viber|t\.me|zoom|webinars?|demos?|trial|sign ?up",
    r"apply|register|claim|download|reply|click|check out|learn more|details|video call|expo",
    # The same in other languages.
    r"gratuit\w*|gratis|kostenlos\w*|offre|oferta|angebot|ofert[ęay]|site web|webseiten?",
    r"clientes|agencia|agence|publicidad|publicité|werbung|redes sociales|bon[ou]s",
    unspaced="сайт|реклам|скидк|бесплатн|предложени|деньги|рублей|бонус|выставк|телеграм"
    "|网站|谷歌|优惠|微信|发票|无料|ブランド|時計|格安|通販|مجانا|موقعك",
)
