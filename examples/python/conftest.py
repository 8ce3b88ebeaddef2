import pytest
from shop_events import Line, Order


@pytest.fixture
def order() -> Order:
    """Two insured phones, and a case that is not."""
    return Order(
        id="2024-0815",
        customer={"first_name": "Max", "last_name": "Mustermann", "email": "max@example.com"},
        address={
            "address_line_1": "Musterstrasse 1",
            "city": "München",
            "country": "de",
            "zip": "81371",
        },
        lines=(
            Line("1", "phone-14", "Phone 14", "Acme", 2, 89900),
            Line("2", "care-24", "24 months of care", "hakuna", 2, 8499, protects="phone-14"),
            Line("3", "case-red", "Red case", "Acme", 1, 1900),
        ),
    )
