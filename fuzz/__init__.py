"""The asking side: it speaks HTTP only, so any server that claims the contract can be asked."""
