"""`hosted-ce support-bundle`: what somebody needs who helps with a CE and has no login there; no secrets.

`machine`, `files` and `service` collect; each part is got for itself, and what cannot be had is told.
`bundle` masks, packs, and looks at what it packed once more.
"""
