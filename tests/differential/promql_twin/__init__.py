"""A second PromQL evaluator, as plain as can be: dictionaries, one step and one series at a time, no speed.

It shares the parser with the engine and nothing else, so that where both agree, two people read the rules alike.
`evaluate` is the door.
"""

from .evaluate import Options, Refused, Result, evaluate

__all__ = ["Options", "Refused", "Result", "evaluate"]
