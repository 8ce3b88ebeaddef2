from inner_runs import inner, inner_process

__all__ = ["inner", "inner_process"]
