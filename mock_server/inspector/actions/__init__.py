"""What pages can do: each a form that is posted, and then a page again."""
