"""Questions beside the published figures: the same computation with other settings, over fewer persons.

Belongs here: what a question is (``question.py``), the store that holds its persons alone
(``persons.py``), computing and keeping the answer (``answering.py``), and the answer (``answer.py``).
Does not belong here: any statistic. What answers is :func:`journey_assets.journeys.compute.compute`, so
that an exploration says nothing that a published table would not say of the same persons.
"""
