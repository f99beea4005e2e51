"""Staff sign-in, on top of django-allauth (password, passkey, code) and django-axes (lockout).

permissions says who may use the admin. adapters, forms, urls and views fit allauth to the site.
factors and encryption keep second factors, lockout and retention handle wrong passwords, and
sessions ends sessions. devices and mail tell people about their sign-ins.
"""
