"""The scenarios; importing this package registers all of them."""

from ..scenario import SCENARIOS as SCENARIOS
from . import cancel as cancel
from . import errors as errors
from . import failures as failures
from . import options as options
from . import state as state
from . import stateless as stateless
from . import strategies as strategies
from . import streams as streams
from . import system as system
from . import threads as threads
from . import watchers as watchers
