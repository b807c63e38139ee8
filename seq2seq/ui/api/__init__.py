"""HTTP endpoints for programs, and the same as MCP tools for agents."""
