"""Facts for search engines as schema.org dictionaries; values come in, no app is imported."""

from django.conf import settings

from clinic_site.web.dates import WEEKDAYS


def filled(facts):
    """Return the dict without empty values."""
    return {name: value for name, value in facts.items() if value not in (None, "", [], {})}


def clinic_id():
    """Return the one stable @id of the clinic."""
    return f"{settings.SITE_URL}/#clinic"


def clinic(clinic, location):
    """Return the clinic with address, position, hours of the week and special days."""
    facts = {
        "@type": ["MedicalClinic", "Physiotherapy"],
        "@id": clinic_id(),
        "name": clinic.name,
        "description": clinic.tagline,
        "url": f"{settings.SITE_URL}/",
        "sameAs": [url for url, _, _ in clinic.social_links],
    }
    if location:
        facts |= {
            "telephone": location.phone.as_e164 if location.phone else "",
            "email": location.email,
            "address": {
                "@type": "PostalAddress",
                "streetAddress": location.street_address,
                "addressLocality": location.locality,
                "addressRegion": location.region,
                "postalCode": location.postal_code,
                "addressCountry": location.country,
            },
            "geo": {
                "@type": "GeoCoordinates",
                "latitude": float(location.latitude),
                "longitude": float(location.longitude),
            },
            "areaServed": location.area_names,
            "openingHoursSpecification": [
                opening_hours(hours, dayOfWeek=WEEKDAYS[hours.weekday])
                for hours in location.usual_hours
            ],
            "specialOpeningHoursSpecification": [
                opening_hours(day, validFrom=day.day.isoformat(), validThrough=day.day.isoformat())
                for day in location.coming_days
            ],
        }
    return filled(facts)


def opening_hours(hours, **when):
    """Return hours of a day; closed is 00:00 to 00:00, so midnight as closing time is 23:59."""
    opens, closes = (f"{time:%H:%M}" if time else "00:00" for time in (hours.opens, hours.closes))
    if hours.opens is not None and closes == "00:00":
        closes = "23:59"
    return {"@type": "OpeningHoursSpecification", **when, "opens": opens, "closes": closes}


def person(practitioner):
    """Return a practitioner as Person."""
    return filled(
        {
            "@type": "Person",
            "@id": f"{practitioner.url}#person",
            "name": practitioner.name,
            "honorificSuffix": practitioner.degrees,
            "jobTitle": practitioner.title_in_words,
            "url": practitioner.url,
            "worksFor": {"@id": clinic_id()},
            "knowsLanguage": practitioner.language_names,
        }
    )


def reference_to(practitioner):
    url = practitioner.url if practitioner.is_active else None
    return filled({"@type": "Person", "name": practitioner.name, "url": url})


def article(post):
    """Return a post as BlogPosting and MedicalWebPage, with author, reviewer and dates."""
    url, reviewer = post.url, post.shown_reviewer
    return filled(
        {
            "@type": ["BlogPosting", "MedicalWebPage"],
            "@id": f"{url}#article",
            "headline": post.title,
            "description": post.head_description,
            "url": url,
            "mainEntityOfPage": url,
            "datePublished": post.publish_at.isoformat(),
            "dateModified": post.modified_at.isoformat(),
            "author": reference_to(post.author),
            "publisher": {"@id": clinic_id()},
            "reviewedBy": reviewer and reference_to(reviewer),
            "lastReviewed": reviewer and post.reviewed_on and post.reviewed_on.isoformat(),
            "articleSection": post.topic.title,
            "inLanguage": settings.LANGUAGE_CODE,
        }
    )


def breadcrumbs(crumbs):
    """Return (words, path) pairs as BreadcrumbList; the home page is added in front."""
    steps = [("Home", "/"), *crumbs]
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {
                "@type": "ListItem",
                "position": number,
                "name": str(words),
                "item": f"{settings.SITE_URL}{path}",
            }
            for number, (words, path) in enumerate(steps, 1)
        ],
    }


BUILDERS = {"clinic": clinic, "person": person, "article": article, "breadcrumbs": breadcrumbs}
