"""Plotly figures from strings and NumPy arrays, without torch and Gradio."""
