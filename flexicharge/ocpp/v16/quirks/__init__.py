"""What chargers get wrong, as data: whom a rule is for, what it mends, and why.

Every text is read strictly first. What fails is mended by declared rules alone, and
each mend is told: the journal holds what came and what was made of it.
"""
