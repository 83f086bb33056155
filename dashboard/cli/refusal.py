class Refusal(Exception):
    """One sentence that says why nothing was started, and what to do."""

    def __init__(self, sentence: str, exit_code: int = 2) -> None:
        super().__init__(sentence)
        self.exit_code = exit_code
