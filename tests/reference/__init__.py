"""The referee: scenarios replayed on the real LangGraph server and on the mock, and compared request by request."""
