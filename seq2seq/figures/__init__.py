"""Plotly figures from plain numbers. Knows neither torch nor Gradio."""
