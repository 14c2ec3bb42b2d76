// What the page does in the browser beside Gradio: clicks, the address, the measured latency.
window.explorePage = {
  queries: {},

  // Writes the settings of picture and wall into the address, so that a reload brings them back.
  remember(part, query) {
    this.queries[part] = query;
    const parts = Object.values(this.queries).filter((each) => each);
    history.replaceState(null, "", parts.length ? `?${parts.join("&")}` : location.pathname);
    document.querySelectorAll("a[data-route]").forEach((link) => {
      link.href = `${link.dataset.route}?${parts.join("&")}`;
    });
  },

  // Called when a new picture stands on the screen.
  shown(picture) {
    const { a, b, query, sent, ms } = picture.dataset;
    this.remember("picture", query);
    if (Number(sent) > 0) {
      const latency = Math.round(performance.now() - Number(sent));
      this.latency = `${latency} ms from the mouse to the picture, ${ms} of them in the networks`;
    }
    document.querySelector("#latency").textContent = this.latency ?? "";
    this.marked = { a, b };
    this.mark();
  },

  // Frames the two facades of the wall that were picked.
  mark() {
    document.querySelectorAll(".tile").forEach((tile) => {
      tile.classList.toggle("is-a", tile.dataset.seed === this.marked?.a);
      tile.classList.toggle("is-b", tile.dataset.seed === this.marked?.b);
    });
  },
};

// Gradio takes a slider for released when the mouse lets go; keys let go of it as well.
document.addEventListener("keyup", ({ target }) => {
  if (target.matches("input[type=range], input[type=number]")) {
    target.dispatchEvent(new PointerEvent("pointerup", { bubbles: true }));
  }
});
