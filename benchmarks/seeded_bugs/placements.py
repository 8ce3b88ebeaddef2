"""Bugs of the rules about placements, and of the tables of countries and postal codes."""

import re
from dataclasses import replace

from contracts.orders import order
from contracts.orders.events import LineItem
from contracts.rules.families import customer, placement
from contracts.schemas import codes
from seeded_bugs import around, bug, checked
from seeded_bugs.seams import groups


@bug("placements")
def brand_in_its_exact_case():
    """Only `hakuna` in lowercase looks like a protection."""
    checked(
        "protection-missing-reference",
        lambda old, context: [
            item
            for item in old(context)
            if any(line.brand == "hakuna" for line in context.placed_lines)
        ],
    )


@bug("placements")
def self_reference_dangles():
    """A plan that names itself is said to lead nowhere."""

    def check(_old, context):
        for line, reference, pointer in context.placed_links:
            known = {
                placed_line.product_id
                for placed_line in context.placed_lines
                if placed_line is not line
            }
            if reference not in known:
                yield placement.Found(pointer, "leads nowhere")

    checked("protection-dangling-reference", check)


@bug("placements")
def plans_on_plans():
    """A plan may protect a plan."""
    checked("protection-references-protection", lambda _old, _context: ())


@bug("placements")
def plans_counted_by_line():
    """Each plan line alone is compared with its product, not their sum."""
    groups(
        lambda groups, lines: {
            name: replace(
                group,
                placement_excess=max(
                    0,
                    max(lines[plan].ledger.ordered for plan in group.plan_lines)
                    - sum(lines[line].ledger.ordered for line in group.product_lines),
                ),
            )
            for name, group in groups.items()
        }
    )


@bug("placements")
def free_plans():
    """A plan may cost nothing."""
    checked("protection-price-zero", lambda _old, _context: ())


@bug("placements")
def legacy_link_only_on_plans():
    """The old link field is noticed on plans only."""
    checked(
        "legacy-linkage",
        lambda old, context: (
            old(context) if any(line.reference for line in context.placed_lines) else ()
        ),
    )


@bug("placements")
def united_kingdom_is_uk():
    """`uk` is taken for a country."""
    old = codes.codes()
    changed = old._replace(countries=old.countries | {"uk"})
    codes.codes = customer.codes = lambda: changed


@bug("placements")
def zip_must_be_bare():
    """A postal code with a blank in it is implausible."""
    old = customer.postal_code_problem
    customer.postal_code_problem = lambda country, text: (
        "no blank" if " " in text and country in codes.codes().postal_codes else old(country, text)
    )


@bug("placements")
def empty_zip_implausible():
    """An empty postal code is implausible."""
    old = customer.postal_code_problem
    customer.postal_code_problem = lambda country, text: (
        old(country, text) if text or country != "de" else "five digits"
    )


@bug("placements")
def empty_email_implausible():
    """An empty e-mail address is implausible."""

    def check(old, body):
        if body.document["payload"].get("customer", {}).get("email") == "":
            return [customer.Found("/payload/customer/email", "empty")]
        return old(body)

    checked("email-format", check)


@bug("placements")
def currency_of_the_shop():
    """Any known currency fits any country."""
    checked("currency-country-mismatch", lambda _old, _body: ())


@bug("placements")
def second_plan_line_wins():
    """Of two protection lines with one id the last one counts, of two products the first."""

    def placed(old, current, event_id, event):
        lines: dict[str, LineItem] = {}
        for line in event.lines:
            if line.id not in lines or line.is_protection:
                lines[line.id] = line
        return old(current, event_id, replace(event, lines=tuple(lines.values())))

    around(order, "_placed", placed)


def _codes(**changes):
    changed = codes.codes()._replace(**changes)
    codes.codes = customer.codes = lambda: changed


@bug("placements")
def kuna():
    """Croatia still pays in kuna."""
    _codes(country_currencies={**codes.codes().country_currencies, "hr": ("hrk",)})


@bug("placements")
def euro_of_liechtenstein():
    """Liechtenstein pays in euro."""
    _codes(country_currencies={**codes.codes().country_currencies, "li": ("eur",)})


def _zip(country, pattern):
    known = codes.codes().postal_codes
    changed = known[country]._replace(pattern=re.compile(pattern))
    _codes(postal_codes={**known, country: changed})


@bug("placements")
def dutch_digits_only():
    """Dutch postal codes have four digits and nothing else."""
    _zip("nl", "[0-9]{4}")


@bug("placements")
def no_zip_plus_four():
    """American postal codes have five digits and nothing else."""
    _zip("us", "[0-9]{5}")
