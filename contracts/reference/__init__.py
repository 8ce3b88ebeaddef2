"""The contract as documents for readers: rules and OpenAPI."""
