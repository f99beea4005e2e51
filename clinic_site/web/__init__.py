"""What all requests and mails pass: middleware, error pages, logs, mail, redirects, dates."""
