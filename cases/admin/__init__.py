from cases.admin import catalogue, law

__all__ = ["catalogue", "law"]
