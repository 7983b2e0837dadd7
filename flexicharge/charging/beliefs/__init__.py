"""What we believe of each station: learnt of its answers and messages, never asked."""

from flexicharge.charging.beliefs.house import Beliefs
from flexicharge.charging.beliefs.seams import BeliefSeams

__all__ = ["BeliefSeams", "Beliefs"]
