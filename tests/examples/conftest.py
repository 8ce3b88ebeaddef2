from inner_runs import inner

__all__ = ["inner"]
