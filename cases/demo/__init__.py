"""A believable union with living cases, for whoever opens Kawal for the first time.

It stands beside the layers, not in them: it types into the quick log's own form and presses the services' own buttons.
"""
