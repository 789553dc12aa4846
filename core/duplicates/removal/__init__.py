"""Taking surplus files away so that each can be put back: the plan, the checks, the trash, the manifest."""
