"""How staff sign in, on top of django-allauth (password, passkey, code) and django-axes (guesses).

gate: who may enter the admin. adapters, forms, urls, views: what allauth asks us, and what it has
no page for. factors, vault: the second factor and its secrets. guesses, traces: wrong passwords,
and what is kept of them. sessions: how long one stays signed in. devices, mail: what a person is
told.
"""
