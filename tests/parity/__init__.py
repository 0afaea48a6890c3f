"""What Keras does, kerasish does: compared number by number."""

import pytest

pytest.register_assert_rewrite(f"{__name__}.tools.oracle")
