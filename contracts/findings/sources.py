"""Where the facts come from: the public pages that a rule or a constraint cites.

A rule names its sources by these short codes; `cite` spells them out for people.
"""

# ruff: noqa: E501 - an address takes one line

DOCS = "https://docs.hellohakuna.com"

PAGES: dict[str, tuple[str, str]] = {
    "S": ("Sharing order events with the Events API", f"{DOCS}/sharing-order-events/sharing-order-events-with-the-events-api"),
    "S2": ("Sharing order events with the Events API, another stored version", f"{DOCS}/sharing-order-events/sharing-order-events-with-the-events-api"),
    "CSV": ("Sharing order events via CSV", f"{DOCS}/sharing-order-events/sharing-order-events-via-csv"),
    "AU": ("Authentication", f"{DOCS}/using-the-api/authentication"),
    "VE": ("Versioning", f"{DOCS}/using-the-api/versioning"),
    "RS": ("Responses", f"{DOCS}/using-the-api/responses"),
    "RS-old": ("Responses, older version with a list of codes", f"{DOCS}/using-the-api/responses"),
    "TB": ("Troubleshooting", f"{DOCS}/using-the-api/troubleshooting"),
    "LO": ("Localization", f"{DOCS}/using-the-api/localization"),
    "GU": ("Guide: using the API", f"{DOCS}/guides/using-the-api"),
    "GL": ("Guide: localization", f"{DOCS}/guides/localization"),
    "OR": ("How it works: orders", f"{DOCS}/get-started/how-it-works/orders"),
    "CH": ("How it works: checkout", f"{DOCS}/get-started/how-it-works/checkout"),
    "OFR": ("How it works: offers", f"{DOCS}/get-started/how-it-works/offers"),
    "PI": ("How it works: payment and invoices", f"{DOCS}/get-started/how-it-works/payment-and-invoices"),
    "IC": ("Integrated checkout", f"{DOCS}/integration-guides/integrated-checkout"),
    "OF": ("Order feed", f"{DOCS}/create-and-manage-orders/order-feed"),
    "OFU": ("Using the order feed", f"{DOCS}/create-and-manage-orders/order-feed"),
    "CA": ("Order management: cancel an order", DOCS),
    "R12": ("API reference v1.2", "https://hellohakuna.redoc.ly"),
    "R13": ("API reference v1.3", "https://hellohakuna-globetrotter.redoc.ly"),
    "R20": ("API reference v2.0", "https://hakuna-api.redoc.ly"),
    "WF": ("Customer support workflows", "https://resources.hellohakuna.com/service-guidelines/customer-support-workflows"),
    "house": ("hakuna-mock's own choice, not the provider's word", ""),
    "inference": ("hakuna-mock's inference", ""),
    "RFC 9110": ("HTTP semantics", "https://www.rfc-editor.org/rfc/rfc9110"),
}  # fmt: skip


def cite(*codes: str) -> str:
    """The sources in words, the strongest first, for example `Authentication (https://…)`."""
    return "; ".join(
        f"{title} ({address})" if address else title
        for title, address in (PAGES[code] for code in codes)
    )
