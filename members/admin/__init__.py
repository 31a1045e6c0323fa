from members.admin import organisations, people, traces, training

__all__ = ["organisations", "people", "traces", "training"]
