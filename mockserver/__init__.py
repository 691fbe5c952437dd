"""A LangGraph-compatible mock deployment with a deterministic fake weather agent."""
