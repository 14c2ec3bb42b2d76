"""The page of `facade-gan explore`: what is computed, its HTML, Gradio's layout, and the server."""
