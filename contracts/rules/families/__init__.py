"""The rules, one file for each family; `contracts.rules.RULES` finds them here."""
