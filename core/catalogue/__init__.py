"""The catalogue on disk: schema, sessions, and one module per noun."""
