"""The chat in the browser; Gradio is imported nowhere else."""
